"""What is said of a block: docs/speakable-text.md is the table of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from claude_narrator.daemon.text.blocks import Block, Prose
from claude_narrator.daemon.text.boundaries import ends_sentence
from claude_narrator.daemon.text.characters import has_words, is_wide, tidy, without_emoji
from claude_narrator.daemon.text.formulas import say_formulas
from claude_narrator.daemon.text.habits import habits_of
from claude_narrator.daemon.text.leaves import Code
from claude_narrator.daemon.text.markdown import Run, inline_segments
from claude_narrator.daemon.text.phrases import Phrases, phrases_for
from claude_narrator.daemon.text.prose import say_prose
from claude_narrator.daemon.text.redact import redact
from claude_narrator.daemon.text.sentences import split_sentences
from claude_narrator.daemon.text.spoken_code import say_code
from claude_narrator.daemon.text.spoken_code_blocks import say_code_block
from claude_narrator.daemon.text.spoken_tables import say_table
from claude_narrator.daemon.text_style import DEFAULT_STYLE, TextStyle
from claude_narrator.models.types import Language

_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]{1,60}\]")
_CALLOUT = re.compile(r"\A\s*\[!([A-Za-z]{1,20})\]")
_PICTURE = "[✅✔✓☑❌✗✘✖⚠❗🔴🟢🟡⛔🚫🚀🎉🐛🔧📝📦✨💡⏳🔒👉]"
_PICTURED_LINE = re.compile(rf"(?<=\S)[ ]?\n(?=\s*{_PICTURE})")
_CROSS = re.compile(r"^(\s*)[❌✗✘✖]\ufe0f?\s*", re.M)
_WARNING = re.compile(r"^(?P<before>\s*)⚠\ufe0f?\s*(?=\W{0,4}(?P<word>\w{0,20}))", re.M)
_BOLD_LINE = re.compile(r"^(\*\*[^*\n]{1,120}\*\*)[ ]?\n(?=\S)", re.M)
_NEXT_IMAGE = re.compile(r"(?<=\))\s*(?=!\[)")
_REFERENCE = re.compile(r"\]\[[^\[\]\n]{0,100}\]")
_NUMBERED = re.compile(r"(\d{1,3})\.\s+(?=\S)")
"""A heading with a number is said like an item of a list."""
_OPEN_ENDS = " ,;:，、；：-–—"
_CLOSERS = "\"'”’)]」』）】"
_BRACKETS = re.compile(r"(?:!?\[){20,}")
"""Nobody nests links so deep, and the parser looks at each of them for an end."""
_PRODUCT = re.compile(r"(?<=\d)\*(?=\d)")
"""By the letter of CommonMark the 3 of 2*3*4 is emphasised and the numbers run together."""
_LONGEST_INLINE_CHARS = 4_000


def say_block(block: Block, language: Language, style: TextStyle = DEFAULT_STYLE) -> tuple[str, ...]:
    """Return the sentences of one block, none empty."""
    phrases = phrases_for(language, style)
    if isinstance(block, Prose):
        return _say_prose_block(block, phrases, language)
    said: Iterable[str]
    if isinstance(block, Code):
        said = say_code_block(block, phrases)
    else:
        said = say_table(block, phrases, lambda cell: " ".join(_say_inline(cell, phrases, language)))
    return tuple(each for text in said for each in split_sentences(text, language) if has_words(each))


def _say_prose_block(block: Prose, phrases: Phrases, language: Language) -> tuple[str, ...]:
    source = _own_lines(block.text, phrases)
    texts = [text for text in _say_inline(source, phrases, language) if has_words(text)]
    if not texts:
        return ()
    if block.done is not None:
        texts[0] = (phrases.done if block.done else phrases.to_do).format(text=texts[0])
    found = _NUMBERED.match(texts[0])
    if block.number is None and found and not _is_date(found, language):
        texts[0] = phrases.item.format(number=found[1], text=texts[0][found.end() :])
    elif block.number is not None:
        texts[0] = phrases.item.format(number=block.number, text=texts[0])
    closed = (_with_stop(text, phrases, language) for text in texts)
    return tuple(each for text in closed for each in split_sentences(text, language) if has_words(each))


def _is_date(found: re.Match[str], language: Language) -> bool:
    return habits_of(language).is_ordinal(found[1], found.string[found.end() :])


def _own_lines(markdown: str, phrases: Phrases) -> str:
    """Return inline Markdown in which lines that a picture or bold type sets apart stay apart."""
    markdown = _BOLD_LINE.sub(r"\1  \n", _PICTURED_LINE.sub("  \n", markdown))
    markdown = _NEXT_IMAGE.sub("  \n", markdown)
    markdown = _CROSS.sub(rf"\1{phrases.cross}", markdown)
    return _WARNING.sub(lambda found: found["before"] + _warning(found["word"], phrases), markdown)


def _warning(following: str, phrases: Phrases) -> str:
    """Return the word for a sign of warning, unless it stands behind the sign."""
    words = ("warning", phrases.callouts["warning"].casefold())
    return "" if following.casefold() in words else phrases.warning


def _say_inline(markdown: str, phrases: Phrases, language: Language) -> list[str]:
    """Return what is said of inline Markdown, a text for each of its lines that a break ends."""
    segments = (runs for piece in _pieces(markdown, phrases) for runs in inline_segments(piece))
    return [_say_runs(runs, phrases, language) for runs in segments]


def _pieces(markdown: str, phrases: Phrases) -> Iterator[str]:
    """Cut what is far longer than prose at a space: the parser's worst cases grow faster than the text."""
    markdown = _PRODUCT.sub("×", _BRACKETS.sub(" ", say_formulas(markdown, phrases)))
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
    text = _CALLOUT.sub(lambda found: _say_callout(found[1], phrases), text)
    text = _REFERENCE.sub("]", _FOOTNOTE.sub("", text))
    return without_emoji(say_prose(_joined_lines(text), phrases))


def _say_callout(kind: str, phrases: Phrases) -> str:
    name = phrases.callouts.get(kind.lower(), kind.capitalize())
    return f"{name}{phrases.stop} " if name else ""


def _joined_lines(text: str) -> str:
    """Return `text` on one line; lines of Chinese and Japanese are joined without a space."""
    kept: list[str] = []
    for line in text.split("\n"):
        if kept and not (kept[-1] and line and is_wide(kept[-1][-1]) and is_wide(line[0])):
            kept.append(" ")
        kept.append(line)
    return "".join(kept)


def _with_stop(text: str, phrases: Phrases, language: Language) -> str:
    """Return `text` with the mark that ends a sentence."""
    text = text.rstrip(_OPEN_ENDS)
    if ends_sentence(text, language) or text.rstrip(_CLOSERS).endswith("."):
        return text
    last = text.rstrip(_CLOSERS)[-1:]
    return text + ("。" if is_wide(last) or is_wide(text[-1:]) else phrases.stop)
