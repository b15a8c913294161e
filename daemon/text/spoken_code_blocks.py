"""What is said in place of a block of code: what it is and how long, never what is in it."""

from __future__ import annotations

import re

from claude_narrator.daemon.text.leaves import Code
from claude_narrator.daemon.text.names import say_path
from claude_narrator.daemon.text.phrases import Phrases
from claude_narrator.daemon.text.word_sets import word_set

_SHELLS = word_set("bash sh shell zsh console terminal shell-session sh-session fish powershell ps1 cmd bat")
_PLAIN = word_set("text txt plain plaintext output none")
_SPELLED = word_set("json sql html css xml yaml jsx tsx php csv ini svg")
_LANGUAGE_NAMES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "rs": "rust",
    "rb": "ruby",
    "yml": "YAML",
    "md": "markdown",
    "c++": "C plus plus",
    "cpp": "C plus plus",
    "c#": "C sharp",
    "cs": "C sharp",
    "csharp": "C sharp",
    "objc": "objective C",
    "golang": "go",
    "jsonc": "JSON",
    "json5": "JSON",
    "hcl": "terraform",
    "tf": "terraform",
}
_INFO = re.compile(r"[{.]*([A-Za-z][A-Za-z0-9+#-]{0,19})")


def say_code_block(block: Code, phrases: Phrases) -> tuple[str, ...]:
    """Return one sentence, or none when the block is empty or the listener skips code."""
    if not block.lines or phrases.style.code_blocks == "skipped":
        return ()
    found = _INFO.match(block.info)
    name = found[1].lower() if found else ""
    lines = phrases.count(block.lines, "line")
    if name in _SHELLS:
        return (phrases.shell_command if block.lines == 1 else phrases.shell_commands.format(lines=lines),)
    if block.changes is not None:
        return (_say_diff(block, lines, phrases),)
    if not name or name in _PLAIN:
        return (phrases.code_block.format(lines=lines),)
    return (phrases.code_block_in.format(name=_language_name(name), lines=lines),)


def _language_name(name: str) -> str:
    if name in _SPELLED:
        return name.upper()
    return _LANGUAGE_NAMES.get(name, re.sub(r"[+#-]+", " ", name).strip())


def _say_diff(block: Code, lines: str, phrases: Phrases) -> str:
    changes = block.changes
    if changes is None or not (changes.added or changes.removed):
        return phrases.diff.format(lines=lines)
    # "3 lines added, 1 removed": only the first figure carries the noun.
    added, removed = phrases.count(changes.added, "line"), str(changes.removed)
    if not changes.file:
        return phrases.changes.format(added=added, removed=removed)
    return phrases.changes_in.format(file=say_path(changes.file, phrases), added=added, removed=removed)
