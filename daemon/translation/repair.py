"""Brings back what a translation lost: in its place where that is clear, else in brackets at the end."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from claude_narrator.daemon.translation.facts import LanguageFacts
from claude_narrator.daemon.translation.kept import Kept, missing_in
from claude_narrator.daemon.translation.numbers import (
    NUMBER,
    keys_of,
    plain_width,
    values_in,
    values_in_words,
)

_PARTED = r"[\s_\-./`'\"“”「」]{0,2}"
_LATIN_RUN = re.compile(r"[A-Za-z_][\w./-]*\w", re.ASCII)
_END = re.compile(r"[.!?…。！？]*[\"'”’)\]」』）]*\s*\Z")
_NEAR = 0.8
_MAX_LETTERS = 100


def mended(
    source: str, translation: str, kept: Sequence[Kept], ours: LanguageFacts, theirs: LanguageFacts
) -> str:
    """Return `translation` with names that it spells otherwise spelt as `source`, of `ours`, spells them.

    A number in it that `source` has neither in digits nor in words becomes the one that is missing, if there
    is one of each.
    """
    missing = missing_in(translation, kept, theirs)
    if not missing:
        return translation
    text = plain_width(translation)
    here = {each.text for each in kept if each not in missing}
    for name in (each.text for each in missing if not each.is_number):
        text = _respelt(text, name, here)
    numbers = [each for each in missing if each.is_number]
    if len(numbers) == 1:
        known = values_in(" ".join(each.text for each in kept), theirs) | values_in_words(source, ours)
        text = _renumbered(text, numbers[0].text, known)
    return text if len(missing_in(text, kept, theirs)) < len(missing) else translation


def restored(translation: str, kept: Sequence[Kept], theirs: LanguageFacts) -> str:
    """Return `translation` with all of `kept` that it lacks in brackets at its end."""
    missing = missing_in(translation, kept, theirs)
    if not missing:
        return translation
    end = _END.search(translation)
    at = end.start() if end else len(translation)
    return translation[:at] + aside(missing, theirs) + translation[at:]


def aside(kept: Sequence[Kept], theirs: LanguageFacts) -> str:
    """Return `kept` in brackets, as the language writes them."""
    return theirs.aside.format(theirs.comma.join(each.text for each in kept))


def _respelt(text: str, name: str, here: set[str]) -> str:
    letters = re.findall(r"[A-Za-z0-9]", name)
    if not 2 <= len(letters) <= _MAX_LETTERS:
        return text
    spelt = rf"(?<![A-Za-z0-9]){_PARTED.join(map(re.escape, letters))}(?![A-Za-z0-9])"
    if re.search(spelt, text, re.IGNORECASE):
        return re.sub(spelt, lambda _: name, text, count=1, flags=re.IGNORECASE)
    runs = [run for run in _LATIN_RUN.findall(text) if run not in here]
    near = difflib.get_close_matches(name, runs, n=1, cutoff=_NEAR)
    return text.replace(near[0], name, 1) if near else text


def _renumbered(text: str, wanted: str, known: frozenset[str]) -> str:
    """`text` with `wanted` for the only number in it that is not `known`."""
    strangers = [each for each in NUMBER.finditer(text) if keys_of(each[0]).isdisjoint(known)]
    if len(strangers) != 1:
        return text
    return text[: strangers[0].start()] + wanted + text[strangers[0].end() :]
