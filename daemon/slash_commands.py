"""The slash commands: what a listener types in Claude Code, `/voice:NAME`, and what the installer writes.

Every name is an action of `daemon/control_actions.py`; no model is asked.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "voice:"
"""How the command's name begins in Claude Code, where it may be left out."""


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command, one line of help, and what may follow it; an empty `argument_hint` says nothing may."""

    name: str
    help: str
    argument_hint: str = ""


SLASH_COMMANDS = (
    SlashCommand("stop", "Be silent now and drop what waits."),
    SlashCommand("pause", "Hold the speech."),
    SlashCommand("resume", "Go on where it was held."),
    SlashCommand("skip", "Go on with the next sentence."),
    SlashCommand("back", "Say the sentence again; once more at once, the one before it."),
    SlashCommand("replay", "Say the last reply again from its start."),
    SlashCommand("louder", "Turn the volume up by 3 dB."),
    SlashCommand("quieter", "Turn the volume down by 3 dB."),
    SlashCommand("faster", "Speak a tenth faster in this session."),
    SlashCommand("slower", "Speak a tenth slower in this session."),
    SlashCommand("mute", "Say nothing until unmuted, or for a time.", "[5m] [session]"),
    SlashCommand("unmute", "Speak again.", "[session]"),
    SlashCommand("language", "Change the language that is heard.", "ja [session|project|everywhere]"),
    SlashCommand("voice", "Change the voice.", "kokoro/af_heart [session|project|everywhere]"),
    SlashCommand(
        "amount", "Change how much is said.", "all|final|brief|alerts|off [session|project|everywhere]"
    ),
    SlashCommand("listen", "Hear another session.", "ID"),
)


def is_slash_command(prompt: str) -> bool:
    """Return whether a prompt is one of these commands: no prompt for the model, whatever an event says."""
    command = prompt.lstrip().split(maxsplit=1)[:1]
    return command in [[f"/{PREFIX}{each.name}"] for each in SLASH_COMMANDS]
