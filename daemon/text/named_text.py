"""A text, and which parts of it are names: known wherever they move while the text is made speakable."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from claude_narrator.models.types import Language, Name

SaidIn = Callable[[str, Language], str]
"""How something that is written so is said in a language."""
_HOLE = "\0"
_MARKS = frozenset(".,;:!?)]}'\"*_ ")


@dataclass(frozen=True, slots=True)
class NamedText:
    """`names` are in order and do not overlap; one that is cut, or swallowed by something else, is none."""

    text: str
    names: tuple[Name, ...] = ()

    def sub(
        self,
        pattern: re.Pattern[str],
        replacement: str | Callable[[re.Match[str]], str],
        said_in: SaidIn | None = None,
    ) -> NamedText:
        """Return the text as `pattern.sub` does; with `said_in`, what is put there is a name."""
        if not self.names and said_in is None:
            return NamedText(pattern.sub(replacement, self.text))
        edits, fresh = _Edits(), list[Name]()
        for found in pattern.finditer(self.text):
            said = found.expand(replacement) if isinstance(replacement, str) else replacement(found)
            if said != found[0]:
                place = edits.add(found.start(), found.end(), said)
                fresh += [_name_at(place, said, found[0], said_in)] if said_in else []
        text = edits.made_to(self)
        return NamedText(text.text, _merged(text.names, fresh)) if fresh else text

    def part(self, start: int, end: int | None = None) -> NamedText:
        """Return `text[start:end]` and the names that are whole in it, without spaces at their edges."""
        end = len(self.text) if end is None else end
        names = self.names[bisect_left(self.names, start, key=lambda name: name.start) :]
        kept = []
        for name in names:
            if name.start >= end:
                break
            if name.end <= end and not self.text[name.start : name.end].isspace():
                kept.append(_tight(name, self.text, start))
        return NamedText(self.text[start:end], tuple(kept))

    def strip(self) -> NamedText:
        """Return the text without spaces at its ends."""
        return self.rstrip().part(len(self.text) - len(self.text.lstrip()))

    def rstrip(self, chars: str | None = None) -> NamedText:
        """Return the text as `str.rstrip` does."""
        return self.part(0, len(self.text.rstrip(chars)))

    def within(self, template: str, **values: object) -> NamedText:
        """Return what `template.format(text=..., **values)` is."""
        first, *rest = template.format(text=_HOLE, **values).split(_HOLE)
        return joined((NamedText(first), *(part for after in rest for part in (self, NamedText(after)))))


def name_in_full(text: str, written: str, said_in: Callable[[Language], str]) -> NamedText:
    """Return `text`, all of which is one name; the others are as in `Name`."""
    return NamedText(text, (Name(0, len(text), written, said_in),) if text else ())


def joined(parts: Iterable[NamedText]) -> NamedText:
    """Return `parts` one behind the other."""
    texts: list[str] = []
    names: list[Name] = []
    length = 0
    for part in parts:
        names += (_moved(name, name.start + length, name.end + length) for name in part.names)
        texts.append(part.text)
        length += len(part.text)
    return NamedText("".join(texts), tuple(names))


class _Edits:
    """Replacements in a text, in order, and where they leave what stood there."""

    def __init__(self) -> None:
        self._edits: list[tuple[int, int, str]] = []
        self._starts: list[int] = []
        self._places: list[int] = []
        self._shift = 0

    def add(self, start: int, end: int, said: str) -> int:
        """Put `said` from `start` up to `end`; return where it is then."""
        self._edits.append((start, end, said))
        self._starts.append(start)
        self._places.append(start + self._shift)
        self._shift += len(said) - (end - start)
        return self._places[-1]

    def made_to(self, text: NamedText) -> NamedText:
        if not self._edits:
            return text
        said, at = [], 0
        for start, end, new in self._edits:
            said += [text.text[at:start], new]
            at = end
        moved = (
            _moved(name, self._place(name.start, is_start=True), self._place(name.end)) for name in text.names
        )
        return NamedText("".join([*said, text.text[at:]]), tuple(n for n in moved if n.start < n.end))

    def _place(self, at: int, is_start: bool = False) -> int:
        """Where `at` is now: what begins or ends in the middle of an edit does so beside it."""
        before = bisect_left(self._starts, at) - 1
        if before < 0:
            return at
        _, end, said = self._edits[before]
        place = self._places[before]
        if at >= end:
            return place + len(said) + at - end
        return place + len(said) if is_start else place


def _name_at(place: int, said: str, written: str, said_in: SaidIn) -> Name:
    """The name at `place`, without the marks that follow it both as it is `said` and as it is written."""
    rest = 0
    while rest < min(len(said), len(written)) and said[-1 - rest] == written[-1 - rest] in _MARKS:
        rest += 1
    written = written[: len(written) - rest].strip()
    return Name(place, place + len(said) - rest, written, partial(said_in, written))


def _merged(names: Iterable[Name], fresh: Sequence[Name]) -> tuple[Name, ...]:
    """Both in order, without those of `names` in whose place another one is."""
    kept = [each for each in fresh if each.start < each.end]
    for name in names:
        before = bisect_left(fresh, name.end, key=lambda each: each.start) - 1
        if before < 0 or fresh[before].end <= name.start:
            kept.append(name)
    return tuple(sorted(kept, key=lambda each: each.start))


def _moved(name: Name, start: int, end: int) -> Name:
    return Name(start, end, name.written, name.said_in)


def _tight(name: Name, text: str, origin: int) -> Name:
    said = text[name.start : name.end]
    start = name.start + len(said) - len(said.lstrip()) - origin
    return _moved(name, start, start + len(said.strip()))
