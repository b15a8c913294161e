"""Inline Markdown as runs of text and code, through a CommonMark parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from claude_narrator.daemon.text.word_sets import word_set

_PARSER = MarkdownIt("commonmark").enable("strikethrough")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w.-]*)")
_HTML_TAGS = word_set(
    "a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption center "
    "cite code col data dd del details dfn dialog div dl dt em embed fieldset figure figcaption font footer "
    "form frame h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main "
    "map mark menu meta meter nav noscript object ol optgroup option output p param picture pre progress q "
    "rp rt ruby s samp script section select slot small source span strike strong style sub summary sup svg "
    "table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr"
)
_LINE_BREAKS = frozenset({"br", "hr", "p", "div", "li", "tr", "summary", "dt", "dd"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of inline Markdown: `code` as written, or text with its entities and escapes resolved."""

    text: str
    code: bool = False


def inline_segments(markdown: str) -> list[list[Run]]:
    """Return the runs of `markdown`, cut at its line breaks; neighbouring texts are one run."""
    tokens = _PARSER.parseInline(markdown)[0].children or []
    segments: list[list[Run]] = [[]]
    for run in _runs(tokens):
        if run is None:
            segments.append([])
        elif segments[-1] and not run.code and not segments[-1][-1].code:
            segments[-1][-1] = Run(segments[-1][-1].text + run.text)
        else:
            segments[-1].append(run)
    return segments


def _runs(tokens: Sequence[Token]) -> Iterator[Run | None]:
    """Yield the runs, None for a line break."""
    for index, token in enumerate(tokens):
        if token.type == "code_inline":
            yield Run(token.content, code=True)
        elif token.type == "image":
            yield from _runs(token.children or ())
        elif token.type == "link_open" and _is_empty(tokens[index + 1 : index + 2]):
            yield Run(str(token.attrGet("href") or ""))
        elif token.type == "softbreak":
            yield Run("\n")
        elif token.type == "hardbreak":
            yield None
        elif token.type == "html_inline":
            yield _of_tag(token.content)
        elif token.content:
            yield Run(token.content)


def _is_empty(following: Iterable[Token]) -> bool:
    """Tell whether the link that was opened before `following` has no text."""
    return next((token.type for token in following), "") == "link_close"


def _of_tag(tag: str) -> Run | None:
    """Return what is said of an HTML tag: a placeholder such as `<path>` its name, others nothing."""
    found = _TAG.match(tag)
    if not found:
        return Run("")
    name = found["name"].lower()
    if name in ("sup", "sub"):
        return Run(" ")
    if name in _LINE_BREAKS:
        return None
    return Run("" if name in _HTML_TAGS or found["close"] else f" {found['name']} ")
