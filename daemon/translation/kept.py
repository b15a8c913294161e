"""What of a sentence must come back in its translation as it is: names, numbers, paths, quoted words.

A name comes back as it is written; a number with its value, for `1,000` may become `1000` and `14:30` be said
in hours and minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from claude_narrator.daemon.translation.facts import LanguageFacts
from claude_narrator.daemon.translation.numbers import NUMBER, keys_of, plain_width, values_in
from claude_narrator.models.types import Language, Name

MAX_QUOTED_WORDS = 4
"""What is longer in quotation marks is a sentence that somebody said."""
_LOOK_AT_CHARS = 4_000

_KEPT = re.compile(
    r"`(?P<code>[^`\n]{1,80})`"
    r"|(?P<url>\b[a-z][a-z0-9+.-]{1,12}://[^\s\"'<>)]+)"
    r"|(?P<path>(?<![\w./@-])(?:~|\.{0,2}[\w@-][\w.@-]{0,80}|\.{1,2})?(?:/[\w.@+-]{0,80}[\w@+-])+/?"
    r"|\b[\w.-]{1,80}/(?=[\s.,;:!?)]|\Z))"
    r"|(?P<flag>(?<![\w-])--?[A-Za-z][\w-]*)"
    r"|(?P<version>(?:\bv\d+(?:\.\d+)*|(?<![\w.])\d+(?:\.\d+){2,})(?:-?(?:rc|a|b|alpha|beta)\.?\d+)?\b)"
    r"|(?P<name>\b[A-Za-z_][\w-]*(?:\.[A-Za-z_]\w+)+(?:\(\))?|(?<![\w.])\.[a-z]\w{2,}"
    r"|\b[A-Za-z]\w*_\w*|\b_\w+|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*|\b[A-Za-z]\w*\(\)"
    r"|\b[A-Za-z]\w*\[[\w, .]{1,40}\]|\b[A-Z]\w*(?:-[A-Z]\w*)+"
    r"|\b[A-Za-z]+\d\w*|\bC(?:\+\+|#)(?!\w)|\b[A-Z][a-z]+\+[A-Z]\b)"
    r"|(?P<hash>\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}\b)"
    r"|(?P<number>(?<![\w.])\d+(?:[.,:-]\d+)*)"
    r"|\"(?P<double>[^\"\n]{1,60})\"|“(?P<curly>[^”\n]{1,60})”|(?<!\w)'(?P<single>[^'\n]{1,60})'(?!\w)",
    re.ASCII,
)
_WORDS = re.compile(r"[a-z]+(?:/[a-z]+)\Z", re.IGNORECASE)
_LETTER = re.compile(r"[A-Za-z]")
_QUOTES = ("double", "curly", "single")


@dataclass(frozen=True, slots=True)
class Kept:
    """A part of a sentence that must come back: `text` as it is, or any number with that value.

    A name that the sentence says in words may come back as it is `written`, too. `places` are the characters
    of the sentence, from one up to another, where it stands if that is known; else it is wherever it is read.
    """

    text: str
    is_number: bool = False
    written: str = ""
    places: tuple[tuple[int, int], ...] = ()


def kept_in(text: str, spoken: Mapping[str, str] = MappingProxyType({})) -> tuple[Kept, ...]:
    """Return what must come back of `text`, each once: names that are said in words first, then in order.

    `spoken` has these, each with how it is written.
    """
    text = text[:_LOOK_AT_CHARS]
    found = {Kept(name, written=written): None for name, written in spoken.items()}
    for name in sorted(spoken, key=len, reverse=True):
        text = text.replace(name, " ")
    for match in _KEPT.finditer(text):
        kind = match.lastgroup or ""
        found.update(dict.fromkeys(_of_kind(kind, match[kind])))
    return tuple(found)


def kept_of(names: Iterable[Name], target: Language) -> tuple[Kept, ...]:
    """Return what must come back of `names`, as it is said in `target`: each once, with all its places."""
    places = dict[tuple[str, str], list[tuple[int, int]]]()
    for name in names:
        if said := name.said_in(target):
            places.setdefault((said, name.written), []).append((name.start, name.end))
    return tuple(Kept(said, written=each, places=tuple(at)) for (said, each), at in places.items())


def around(text: str, kept: Iterable[Kept]) -> str:
    """Return `text` with ends of lines, which no name goes over, for each character of a known place."""
    places = (place for each in kept for place in each.places)
    return replaced(text, ((start, end, "\n" * (end - start)) for start, end in places))


def prose_of(text: str, kept: Iterable[Kept]) -> str:
    """Return the words of `text` that are none of `kept`."""
    kept = tuple(kept)
    rest = replaced(text, ((*place, " ") for each in kept for place in each.places))
    return without(rest, (each for each in kept if not each.places))


def replaced(text: str, places: Iterable[tuple[int, int, str]]) -> str:
    """Return `text` with something else from one place up to another."""
    said, at = [], 0
    for start, end, new in sorted(places):
        said += [text[at:start], new]
        at = end
    return "".join([*said, text[at:]])


def without(text: str, kept: Iterable[Kept]) -> str:
    """Return `text` without `kept`, wherever it is read in it."""
    for name in sorted({each.text for each in kept}, key=len, reverse=True):
        text = re.sub(whole(name), " ", text)
    return text


def whole(name: str) -> str:
    """Return a regular expression for `name`, but for one that is a part of a longer name."""
    start = r"(?<![A-Za-z0-9_])" if name[0].isalnum() else ""
    end = r"(?![A-Za-z0-9_])" if name[-1].isalnum() else ""
    return start + re.escape(name) + end


def missing_in(translation: str, kept: Iterable[Kept], facts: LanguageFacts) -> tuple[Kept, ...]:
    """Return those of `kept` that are not in a translation into the language of `facts`."""
    plain = plain_width(translation)
    values = values_in(plain, facts)
    return tuple(each for each in kept if not _is_in(each, plain, values))


def _is_in(kept: Kept, text: str, values: frozenset[str]) -> bool:
    if kept.is_number:
        return not values.isdisjoint(keys_of(kept.text))
    names = (plain_width(name) for name in (kept.text, kept.written) if name)
    return any(re.search(whole(name), text) for name in names)


def _of_kind(kind: str, part: str) -> tuple[Kept, ...]:
    if kind in _QUOTES:
        return _quoted(part)
    if kind == "number" or (kind == "path" and not _LETTER.search(part)):
        return tuple(Kept(each, is_number=True) for each in _numbers_of(part))
    name = part.strip() if kind == "code" else part.removesuffix("()").rstrip(".,;:!?")
    if not name or (kind == "path" and _WORDS.match(name)):
        return ()
    return (Kept(name),)


def _quoted(part: str) -> tuple[Kept, ...]:
    """What is quoted, whole; nothing of a sentence, whose names and numbers count for themselves."""
    part = part.strip(" .,;:!?")
    if not part or len(part.split()) > MAX_QUOTED_WORDS:
        return kept_in(part.replace('"', "").replace("'", ""))
    return (Kept(part, is_number=part.isdigit()),)


def _numbers_of(part: str) -> list[str]:
    """The numbers in `part`; of a time the hours and the minutes that are not zero, of a date all three."""
    found = NUMBER.findall(part)
    return found if len(found) == 1 else [each for each in found if each.strip("0")]
