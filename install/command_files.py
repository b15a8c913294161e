"""The Markdown files behind `/voice:stop` and its like. Pure.

The narrator's hook answers these commands before their text is expanded, so no model reads it; what stands
there is for the day on which the hook does not run.
"""

from __future__ import annotations

import json
from collections.abc import Container

from claude_narrator.daemon.slash_commands import SLASH_COMMANDS, SlashCommand

_BODY = (
    "Say no more than this: the command /voice:{name} was not carried out, because the narrator's hook did "
    "not run; `voice doctor`, in a shell, tells why.\n"
)


def command_files(names: Container[str]) -> dict[str, str]:
    """Return the text of the file of each command in `names` by the name of the file, such as `stop.md`."""
    return {f"{command.name}.md": _text(command) for command in SLASH_COMMANDS if command.name in names}


def _text(command: SlashCommand) -> str:
    front = [f"description: {json.dumps(command.help, ensure_ascii=False)}"]
    if command.argument_hint:
        front.append(f"argument-hint: {json.dumps(command.argument_hint, ensure_ascii=False)}")
    front.append("disable-model-invocation: true")
    return "\n".join(("---", *front, "---", _BODY.format(name=command.name)))
