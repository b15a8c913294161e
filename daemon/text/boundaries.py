"""Where a sentence ends, in plain text."""

from __future__ import annotations

import re
from bisect import bisect_right

from claude_narrator.daemon.text.word_sets import word_set

ENDS = ".!?…。！？｡؟۔।"
_WIDE_ENDS = "。！？｡"
CLOSERS = "\"'”’)]»」』）】］〉》"
_OPENERS = {"「": "」", "『": "』", "（": "）"}
_QUOTING = re.compile(r"\s*(?:と|って|という|とか|などの?|の|を|が|は|に|で|も)")

_END = re.compile(rf"[{re.escape(ENDS)}]+[{re.escape(CLOSERS)}]*")
_LAST_WORD = re.compile(r"[\w.'’-]{0,24}\Z")
_LOOK_BACK_CHARS = 24

_NEVER_LAST = word_set(
    "e.g i.e eg ie cf vs viz approx ca resp incl dr mr mrs ms prof st jr sr gen gov rev sen hon "
    "fig figs eq eqs sec ch vol ed eds p pp art al op dept est tel ext rel ref refs nr bzw z.b d.h u.a"
)
"""After these a sentence goes on, whatever follows."""
_SELDOM_LAST = word_set(
    "etc inc ltd co corp bros u.s u.k u.n a.m p.m ph.d et.al jan feb mar apr jun jul aug sep sept oct nov dec"
)
"""After these a sentence goes on when a small letter or a digit follows."""
_BEFORE_NUMBER = word_set("no nos nr fig eq sec ch vol p pp art ver v step")
_INITIAL = re.compile(r"[A-Z]\.(?:\s|\Z)")
_WORDS_OF_ONE_LETTER = frozenset("IaA")


def ends_sentence(text: str) -> bool:
    """Tell whether `text` ends with a mark that ends a sentence, and not an abbreviation."""
    stripped = text.rstrip().rstrip(CLOSERS)
    if not stripped or stripped[-1] not in ENDS:
        return False
    return stripped[-1] != "." or stripped.endswith("..") or not _is_abbreviation(stripped[:-1], "")


def sentence_ends(text: str) -> list[int]:
    """Return the positions after which a new sentence starts; the end of the text is not among them."""
    quoted = _quoted_spans(text)
    starts = [start for start, _ in quoted]
    ends = []
    begun = 0
    for found in _END.finditer(text):
        inside = bisect_right(starts, found.start()) - 1
        if inside >= 0 and found.end() < quoted[inside][1]:
            continue
        if found.end() < len(text) and _is_boundary(text, found, begun):
            begun = found.end()
            ends.append(begun)
    return ends


def _quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return the outermost Japanese quotations as (start, end), in order; unclosed ones are none."""
    spans: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    for found in re.finditer("[「」『』（）]", text):
        if found[0] in _OPENERS:
            stack.append((_OPENERS[found[0]], found.start()))
        elif stack and stack[-1][0] == found[0]:
            _, start = stack.pop()
            while spans and spans[-1][0] > start:
                spans.pop()
            spans.append((start, found.end()))
    return spans


def _is_boundary(text: str, found: re.Match[str], begun: int) -> bool:
    mark = found[0].rstrip(CLOSERS)
    following = text[found.end() : found.end() + _LOOK_BACK_CHARS]
    if mark[-1] in _WIDE_ENDS:
        return len(mark) == len(found[0]) or not _QUOTING.match(following)
    if not following[0].isspace():
        return (
            mark[-1] in "!?…؟"
            and _is_wide(following[0])
            and _is_wide(text[found.start() - 1 : found.start()])
        )
    following = following.lstrip().lstrip("\"'“‘([«")
    small = following[:1].islower()
    if small and (mark.endswith(("..", "…")) or len(mark) < len(found[0])):
        return False
    before = text[max(begun, found.start() - _LOOK_BACK_CHARS) : found.start()]
    return mark != "." or not _is_abbreviation(before, following, begun == 0)


def _is_abbreviation(before: str, following: str, first: bool = False) -> bool:
    """Tell whether the full stop between the two belongs to the word and ends no sentence."""
    found = _LAST_WORD.search(before)
    word = (found[0] if found else "").strip("'’-")
    lower = word.lower().removeprefix("(")
    if lower in _NEVER_LAST:
        return True
    if lower in _SELDOM_LAST:
        return following[:1].islower() or following[:1].isdigit()
    if lower in _BEFORE_NUMBER and following[:1].isdigit():
        return True
    if word.isdigit():
        return first and before.strip() == word
    return _is_initial(before, word, following)


def _is_initial(before: str, word: str, following: str) -> bool:
    """Tell whether `word` is an initial of a name: `J. Smith`, `Donald E. Knuth`, `J. R. R.`."""
    last = word.rsplit(".", 1)[-1]
    if len(last) != 1 or not last.isupper() or word in _WORDS_OF_ONE_LETTER or not following[:1].isupper():
        return False
    if _INITIAL.match(following):
        return True
    earlier = before[: len(before) - len(word)].split()
    return not earlier or earlier[-1][:1].isupper()


def _is_wide(char: str) -> bool:
    return "\u3000" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" or "\uff00" <= char <= "\uffef"
