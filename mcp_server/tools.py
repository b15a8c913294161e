"""The MCP tools: what the model reads of them, and what each does.

The model pays for every byte of a schema in every session, and it tends to answer what a tool tells it:
schemas are terse, results a word or a line.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from claude_narrator.daemon.amount import AMOUNTS
from claude_narrator.daemon.control_words import Done
from claude_narrator.daemon.controls import CONTROLS
from claude_narrator.daemon.line_translation import Lines
from claude_narrator.daemon.text_translation import Wanted
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import check_language
from claude_narrator.models.types import Language, VoiceChoice

_TEXT = {"type": "string"}
_LANGUAGE = {"type": "string", "description": "BCP-47 tag"}
_VOICE = {"type": "string", "description": "engine/name or auto"}


class Performs(Protocol):
    """Carries out what a listener asks for."""

    def perform(self, action: str, value: str, session: str, folder: Path | None) -> Done:
        """Do it, and return one line that says what was done."""


class Narration(Protocol):
    """What the tools need of the daemon; every method raises NarratorError with one line when it cannot."""

    def choice_for(self, session: str) -> VoiceChoice:
        """Return how a session is heard."""

    def folder_of(self, session: str) -> Path | None:
        """Return the folder a session works in, if it is known."""

    def session_of_call(self, tool_use_id: str, otherwise: str) -> str:
        """Return the session that made an MCP call, or `otherwise`."""

    async def say(self, text: str, session: str, choice: VoiceChoice | None) -> int:
        """Queue a Markdown text and return how many sentences it makes."""

    def why_unheard(self, session: str) -> str:
        """Return why nothing is heard of what a session asks to say; empty when it is heard."""

    async def translate(self, wanted: Wanted) -> Lines:
        """Return the translation of a text."""

    def set_voice(
        self,
        scope: str,
        session: str,
        folder: Path | None,
        language: str,
        voice: str,
        rate: float,
        amount: str,
    ) -> str:
        """Change what is heard and return one line that says what holds now."""

    @property
    def controls(self) -> Performs:
        """What a listener can do."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a call comes from: the Claude Code session and its folder, either may be unknown."""

    session: str
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the model sees it, and the function behind it: arguments in, a short text out."""

    name: str
    description: str
    properties: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    read_only: bool
    run: Callable[[Narration, Caller, dict[str, Any]], Awaitable[str]]


async def speak(narrator: Narration, caller: Caller, arguments: dict[str, Any]) -> str:
    """Queue a text to be heard; the answer does not wait for the sound, and tells when there will be none."""
    now = narrator.choice_for(caller.session)
    language, voice = arguments.get("language", ""), arguments.get("voice", "")
    if language:
        check_language(language)
    choice = None
    if language or voice:
        voice = voice or ("auto" if language else now.voice)
        choice = VoiceChoice(Language(language or now.language), voice, now.rate)
    why = narrator.why_unheard(caller.session)
    await narrator.say(arguments["text"], caller.session, choice)
    return f"not said: {why}" if why else "ok"


async def translate(narrator: Narration, caller: Caller, arguments: dict[str, Any]) -> str:
    """Return the translation of a text."""
    source = arguments.get("from", "")
    wanted = Wanted(arguments["text"], arguments["to"], source, caller.session, caller.folder)
    lines = await narrator.translate(wanted)
    return f"{lines.text}\n[{lines.note}]" if lines.left else lines.text


async def set_voice(narrator: Narration, caller: Caller, arguments: dict[str, Any]) -> str:
    """Change how this session, its project or everything sounds."""
    return narrator.set_voice(
        arguments.get("scope", "session"),
        caller.session,
        caller.folder,
        arguments.get("language", ""),
        arguments.get("voice", ""),
        float(arguments.get("rate", 0)),
        arguments.get("amount", ""),
    )


async def control(narrator: Narration, caller: Caller, arguments: dict[str, Any]) -> str:
    """Do what a listener asks for."""
    action, value = arguments["action"], arguments.get("value", "")
    return narrator.controls.perform(action, value, caller.session, caller.folder).said


TOOLS = (
    Tool(
        "speak",
        "Say a text aloud to the user now. Replies are narrated anyway: use only when asked to.",
        {"text": _TEXT, "language": _LANGUAGE, "voice": _VOICE},
        ("text",),
        True,
        speak,
    ),
    Tool(
        "translate",
        "Translate a text with the local model.",
        {"text": _TEXT, "to": _LANGUAGE, "from": _LANGUAGE},
        ("text", "to"),
        True,
        translate,
    ),
    Tool(
        "set_voice",
        "Change the narration's voice, language, rate or amount.",
        {
            "voice": _VOICE,
            "language": _LANGUAGE,
            "rate": {"type": "number", "description": "0.5-3"},
            "amount": {"type": "string", "enum": list(AMOUNTS)},
            "scope": {"type": "string", "enum": ["session", "project", "everywhere"]},
        },
        (),
        False,
        set_voice,
    ),
    Tool(
        "control",
        "Control the narration.",
        {
            "action": {"type": "string", "enum": list(CONTROLS)},
            "value": {"type": "string", "description": "mute: 5m; (un)mute: session"},
        },
        ("action",),
        True,
        control,
    ),
)


def check_arguments(tool: Tool, arguments: dict[str, Any]) -> None:
    """Refuse arguments that the tool's schema does not allow.

    :raises BadInput: one line that names the argument.
    """
    for name in tool.required:
        if name not in arguments:
            raise BadInput(f"{name} is missing")
    for name, value in arguments.items():
        if name not in tool.properties:
            raise BadInput(f"unknown argument {name!r}", f"Known are {', '.join(tool.properties)}.")
        wanted = str if tool.properties[name]["type"] == "string" else (int, float)
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise BadInput(f"{name} has the wrong type")
