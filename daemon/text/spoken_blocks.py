"""What is said of a block: docs/speakable-text.md is the table of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claude_narrator.daemon.text.blocks import Block, Code, Prose, Table
from claude_narrator.daemon.text.boundaries import ends_sentence
from claude_narrator.daemon.text.characters import has_words, is_wide, tidy, without_emoji
from claude_narrator.daemon.text.markdown import Run, inline_segments
from claude_narrator.daemon.text.phrases import Phrases, counted, phrases_for
from claude_narrator.daemon.text.prose import say_prose
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.sentences import split_sentences
from claude_narrator.daemon.text.spoken_code import say_code
from claude_narrator.daemon.text.word_sets import word_set
from claude_narrator.models.types import Language

_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,60}\]")
_CALLOUT = re.compile(r"\A\s*\[!([A-Za-z]{1,20})\]")
_REFERENCE = re.compile(r"\]\[[^\[\]\n]{0,100}\]")
_SHELLS = word_set("bash sh shell zsh console terminal shell-session sh-session fish powershell ps1 cmd bat")
_PLAIN = word_set("text txt plain plaintext output none")
_LANGUAGE_NAMES = {
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
    "rs": "rust",
    "rb": "ruby",
    "yml": "yaml",
    "md": "markdown",
    "c++": "C plus plus",
    "cpp": "C plus plus",
    "c#": "C sharp",
    "cs": "C sharp",
    "objc": "objective C",
}
_INFO = re.compile(r"[{.]*([A-Za-z][A-Za-z0-9+#-]{0,19})")
_OPEN_ENDS = " ,;:，、；：-–—"
_CLOSERS = "\"'”’)]」』）】"
_BRACKETS = re.compile(r"(?:!?\[){20,}")
"""Nobody nests links so deep, and the parser looks at each of them for an end."""
_PRODUCT = re.compile(r"(?<=\d)\*(?=\d)")
"""By the letter of CommonMark the 3 of 2*3*4 is emphasised and the numbers run together."""
_LONGEST_INLINE_CHARS = 4_000
_MOST_COLUMNS = 12


def say_block(block: Block, language: Language) -> tuple[str, ...]:
    """Return the sentences of one block, none empty."""
    phrases = phrases_for(language)
    if isinstance(block, Code):
        return _say_code_block(block, phrases, language)
    if isinstance(block, Table):
        return (_say_table(block, phrases, language),)
    return _say_prose_block(block, phrases, language)


def _say_prose_block(block: Prose, phrases: Phrases, language: Language) -> tuple[str, ...]:
    texts = [text for text in _say_inline(block.text, phrases, language) if has_words(text)]
    if not texts:
        return ()
    if block.done is not None:
        texts[0] = (phrases.done if block.done else phrases.to_do).format(text=texts[0])
    if block.number is not None:
        texts[0] = phrases.item.format(number=block.number, text=texts[0])
    closed = (_with_stop(text, phrases) for text in texts)
    return tuple(each for text in closed for each in split_sentences(text, language) if has_words(each))


def _say_inline(markdown: str, phrases: Phrases, language: Language) -> list[str]:
    """Return what is said of inline Markdown, a text for each of its lines that a break ends."""
    segments = (runs for piece in _pieces(markdown) for runs in inline_segments(piece))
    return [_say_runs(runs, phrases, language) for runs in segments]


def _pieces(markdown: str) -> Iterator[str]:
    """Cut what is far longer than prose at a space: the parser's worst cases grow faster than the text."""
    markdown = _PRODUCT.sub("×", _BRACKETS.sub(" ", markdown))
    while len(markdown) > _LONGEST_INLINE_CHARS:
        cut = markdown.rfind(" ", 1, _LONGEST_INLINE_CHARS) + 1 or _LONGEST_INLINE_CHARS
        yield markdown[:cut]
        markdown = markdown[cut:]
    yield markdown


def _say_runs(runs: list[Run], phrases: Phrases, language: Language) -> str:
    said = (_say_run(run, phrases, language) for run in runs)
    return tidy("".join(said), phrases.long_word)


def _say_run(run: Run, phrases: Phrases, language: Language) -> str:
    # Entities and escapes can hide a secret from the first look at the source.
    text = redact(run.text, language)
    if run.code:
        return say_code(without_emoji(text), phrases)
    text = _CALLOUT.sub(lambda found: found[1].capitalize() + phrases.stop + " ", text)
    text = _REFERENCE.sub("]", _FOOTNOTE.sub("", text))
    return without_emoji(say_prose(_joined_lines(text), phrases))


def _joined_lines(text: str) -> str:
    """Return `text` on one line; lines of Chinese and Japanese are joined without a space."""
    kept: list[str] = []
    for line in text.split("\n"):
        if kept and not (kept[-1] and line and is_wide(kept[-1][-1]) and is_wide(line[0])):
            kept.append(" ")
        kept.append(line)
    return "".join(kept)


def _with_stop(text: str, phrases: Phrases) -> str:
    """Return `text` with the mark that ends a sentence."""
    text = text.rstrip(_OPEN_ENDS)
    if ends_sentence(text) or text.rstrip(_CLOSERS).endswith("."):
        return text
    last = text.rstrip(_CLOSERS)[-1:]
    return text + ("。" if is_wide(last) else phrases.stop)


def _say_code_block(block: Code, phrases: Phrases, language: Language) -> tuple[str, ...]:
    if not block.lines:
        return ()
    found = _INFO.match(block.info)
    name = found[1].lower() if found else ""
    lines = counted(block.lines, "line", language)
    if name in _SHELLS:
        return (phrases.shell_command if block.lines == 1 else phrases.shell_commands.format(lines=lines),)
    if name in ("diff", "patch"):
        return (phrases.diff.format(lines=lines),)
    if not name or name in _PLAIN:
        return (phrases.code_block.format(lines=lines),)
    said = _LANGUAGE_NAMES.get(name, re.sub(r"[+#-]+", " ", name).strip())
    return (phrases.code_block_in.format(name=said, lines=lines),)


def _say_table(table: Table, phrases: Phrases, language: Language) -> str:
    cells = (" ".join(_say_inline(cell, phrases, language)) for cell in table.columns)
    names = [cell.rstrip(_OPEN_ENDS + ".。") for cell in cells if has_words(cell)][:_MOST_COLUMNS]
    rows = counted(table.rows, "row", language)
    if not names:
        return phrases.table_without_columns.format(rows=rows)
    return phrases.table.format(rows=rows, columns=phrases.between_columns.join(names))
