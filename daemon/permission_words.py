"""What a tool is asked permission for, in one short sentence: the word that matters, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from claude_narrator.daemon.attention_phrases import AttentionPhrases
from claude_narrator.daemon.text.characters import has_words, tidy, without_emoji, without_unsayable
from claude_narrator.daemon.text.names import say_identifier, say_path
from claude_narrator.daemon.text.phrases import Phrases, phrases_for
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.spoken_code import say_code

MOST_WORDS = 10
"""Of what a tool wants; with the words around it that makes a sentence of at most 15."""
MOST_CHARS = 90
_LOOK_AT_CHARS = 4_000
_QUOTED_OR_CUT = re.compile(
    r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|(?P<cut>\|\|?|&&|;|\n|(?<![>&])&(?![>&]))", re.DOTALL
)
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n.*?(?:^\s*\2\s*$|\Z)", re.DOTALL | re.MULTILINE)
_ASSIGNMENT = re.compile(r"\A(?:[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|\S*)\s+)+")
_NOISE = re.compile(r"\s*(?:\d?>&\d|(?:\d|&)?>\s*/dev/null)")
_MOVES = re.compile(r"\A(?:cd|pushd)\s+\S+\Z")

_Said = Callable[[Mapping[str, Any], AttentionPhrases, Phrases, str], str]


def permission_sentence(
    tool_name: str, tool_input: Mapping[str, Any], by_agent: bool, phrases: AttentionPhrases
) -> str:
    """Return the sentence that says which tool wants to do what; `by_agent` when a subagent's does."""
    who = phrases.subagent if by_agent else phrases.claude
    say = _SAYINGS.get(tool_name, _say_command if "command" in tool_input else None)
    said = say(tool_input, phrases, phrases_for(phrases.language), who) if say else ""
    return said or _say_tool(tool_name, phrases, who)


def commands_of(line: str) -> list[str]:
    """Return the commands of shell lines that do something: no `cd`, no assignments, no text fed to them."""
    commands, start = [], 0
    line = _NOISE.sub("", _HEREDOC.sub(r"\3", line))
    for found in _QUOTED_OR_CUT.finditer(line):
        if found["cut"]:
            commands.append(line[start : found.start()])
            start = found.end()
    bare = [_ASSIGNMENT.sub("", each.strip()) for each in (*commands, line[start:])]
    said = [each for each in bare if each and not each.startswith("#")]
    return [each for each in said if not _MOVES.match(each)] or said


def _say_command(given: Mapping[str, Any], phrases: AttentionPhrases, words: Phrases, who: str) -> str:
    command = given.get("command")
    commands = commands_of(command[:_LOOK_AT_CHARS]) if isinstance(command, str) else []
    first = redact(commands[0], phrases.language) if commands else ""
    what = _short(_beginning(first, words), words)
    if not what:
        return phrases.run_any.format(who=who)
    if len(commands) == 1:
        return phrases.run.format(who=who, what=what)
    return phrases.run_more.format(who=who, what=what, count=len(commands) - 1)


def _file(template: str, key: str = "file_path") -> _Said:
    def say(given: Mapping[str, Any], phrases: AttentionPhrases, words: Phrases, who: str) -> str:
        path = _text(given, key, phrases)
        what = _short(say_path(path.splitlines()[0], words), words) if path else ""
        return str(getattr(phrases, template)).format(who=who, what=what) if what else ""

    return say


def _say_fetch(given: Mapping[str, Any], phrases: AttentionPhrases, words: Phrases, who: str) -> str:
    try:
        host = urlsplit(_text(given, "url", phrases).strip()).hostname or ""
    except ValueError:
        return ""
    what = _short(re.sub(r"[^\w.-]", " ", host.removeprefix("www.")), words)
    return phrases.fetch.format(who=who, what=what) if what else ""


def _plain(template: str, key: str) -> _Said:
    def say(given: Mapping[str, Any], phrases: AttentionPhrases, words: Phrases, who: str) -> str:
        what = _short(_text(given, key, phrases), words)
        return str(getattr(phrases, template)).format(who=who, what=what) if what else ""

    return say


def _say_tool(name: str, phrases: AttentionPhrases, who: str) -> str:
    words = phrases_for(phrases.language)
    parts = name[:200].split("__")
    tool = _short(say_identifier(parts[-1].replace("-", "_")), words) or words.some_code
    if parts[0] == "mcp" and len(parts) > 2 and (server := _short(say_identifier(parts[1]), words)):
        return phrases.server_tool.format(who=who, what=tool, server=server)
    return phrases.tool.format(who=who, what=tool)


def _text(given: Mapping[str, Any], key: str, phrases: AttentionPhrases) -> str:
    value = given.get(key)
    return redact(value[:_LOOK_AT_CHARS], phrases.language) if isinstance(value, str) else ""


def _beginning(command: str, words: Phrases) -> str:
    """Return as much of a command as can be said word by word; empty when that is nothing."""
    given = command.split()[:MOST_WORDS]
    for count in range(len(given), 0, -1):
        beginning = " ".join(given[:count])
        if len(beginning) <= MOST_CHARS and (said := say_code(beginning, words)) != words.some_code:
            return said
    return ""


def _short(said: str, words: Phrases) -> str:
    """Return `said` as one may hear it, cut to MOST_WORDS words; empty when there are none."""
    text = tidy(without_emoji(without_unsayable(said)), words.long_word)
    text = " ".join(text.split()[:MOST_WORDS])[: 2 * MOST_CHARS].strip(" .,;:!?、。")
    return text if has_words(text) else ""


_SAYINGS: Mapping[str, _Said] = {
    "Bash": _say_command,
    "PowerShell": _say_command,
    "Edit": _file("edit"),
    "MultiEdit": _file("edit"),
    "NotebookEdit": _file("edit", "notebook_path"),
    "Write": _file("write"),
    "Read": _file("read"),
    "WebFetch": _say_fetch,
    "WebSearch": _plain("search", "query"),
    "Agent": _plain("agent", "description"),
    "Task": _plain("agent", "description"),
}
