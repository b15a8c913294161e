"""Where a sentence ends, in plain text, by the section `sentences` of the language files."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from claude_narrator.daemon.text.habits import Habits, habits_of
from claude_narrator.models.types import Language

ENDS = ".!?…。！？｡．؟۔।"
_WIDE_ENDS = "。！？｡．"
CLOSERS = "\"'”’)]»」』）】］〉》〕｣｝"
_OPENERS = dict(zip("「『（【［〈《〔｢｛“(", "」』）】］〉》〕｣｝”)", strict=True))
_SPACED_OPENERS = "“("
"""In languages with spaces sentences end inside these; so they count only around Chinese or Japanese."""
BRACKETS = "".join((*_OPENERS, *_OPENERS.values()))
"""Around what may hold the end of a sentence that is not the end of the one around it."""
_BRACKET = re.compile(f"[{re.escape(BRACKETS)}]")

_END = re.compile(rf"[{re.escape(ENDS)}]+[{re.escape(CLOSERS)}]*")
_LAST_WORD = re.compile(r"[\w.'’-]{0,24}\Z")
_LOOK_BACK_CHARS = 24

_INITIAL = re.compile(r"[A-Z]\.(?:\s|\Z)")


def ends_sentence(text: str, language: Language) -> bool:
    """Tell whether `text` ends with a mark that ends a sentence, and not an abbreviation."""
    stripped = text.rstrip().rstrip(CLOSERS)
    if not stripped or stripped[-1] not in ENDS:
        return False
    full_stop = stripped[-1] == "." and not stripped.endswith("..")
    return not full_stop or not _is_abbreviation(stripped[:-1], "", habits_of(language))


def sentence_ends(text: str, language: Language) -> list[int]:
    """Return the positions after which a new sentence starts; the end of the text is not among them."""
    habits = habits_of(language)
    quoted = _quoted_spans(text)
    starts = [start for start, _ in quoted]
    ends = []
    begun = 0
    for found in _END.finditer(text):
        inside = bisect_right(starts, found.start()) - 1
        if inside >= 0 and found.end() < quoted[inside][1]:
            continue
        if found.end() < len(text) and _is_boundary(text, found, begun, habits):
            begun = found.end()
            ends.append(begun)
    return ends


def _quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return the outermost brackets as (start, end), in order; unclosed ones are none."""
    spans: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    waited_for: Counter[str] = Counter()
    for found in _BRACKET.finditer(text):
        if closer := _OPENERS.get(found[0]):
            opened.append((closer, found.start()))
            waited_for[closer] += 1
        elif waited_for[found[0]]:
            spans.append((_close(found[0], opened, waited_for), found.end()))
    return [
        (start, end)
        for start, end in _outermost(spans)
        if text[start] not in _SPACED_OPENERS or any(map(_is_wide, text[start:end]))
    ]


def _close(closer: str, opened: list[tuple[str, int]], waited_for: Counter[str]) -> int:
    """Take off `opened` the bracket that `closer` closes, and what was opened since; return its place."""
    while True:
        wanted, start = opened.pop()
        waited_for[wanted] -= 1
        if wanted == closer:
            return start


def _outermost(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return those of `spans`, sorted by their ends, that lie in no other one."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        while kept and kept[-1][0] > start:
            kept.pop()
        kept.append((start, end))
    return kept


def _is_boundary(text: str, found: re.Match[str], begun: int, habits: Habits) -> bool:
    mark = found[0].rstrip(CLOSERS)
    following = text[found.end() : found.end() + _LOOK_BACK_CHARS]
    if mark[-1] in _WIDE_ENDS:
        beside = text[found.start() - 1 : found.start()], following
        return _is_wide_boundary(beside, mark, found[0], habits)
    if not following[0].isspace():
        beside = text[found.start() - 1 : found.start()], following[0]
        return (mark[-1] in "!?؟" or mark == ".") and all(map(_is_wide_letter, beside))
    if len(mark) < len(found[0]) and habits.quoting.match(following.lstrip()):
        return False
    following = following.lstrip().lstrip("\"'“‘([«")
    small = following[:1].islower()
    if small and (mark.endswith(("..", "…")) or len(mark) < len(found[0])):
        return False
    before = text[max(begun, found.start() - _LOOK_BACK_CHARS) : found.start()]
    return mark != "." or not _is_abbreviation(before, following, habits, begun == 0)


def _is_wide_boundary(beside: tuple[str, str], mark: str, whole: str, habits: Habits) -> bool:
    """Tell whether a full-width `mark` ends a sentence; `whole` is it with the brackets that close behind."""
    before, following = beside
    if mark == "．" and not _is_wide_letter(before):
        return False
    if len(mark) < len(whole):
        return not habits.quoting.match(following.lstrip())
    return mark[-1] not in "！？" or not habits.asked.match(following)


def _is_abbreviation(before: str, following: str, habits: Habits, first: bool = False) -> bool:
    """Tell whether the full stop between the two belongs to the word and ends no sentence."""
    found = _LAST_WORD.search(before)
    word = (found[0] if found else "").strip("'’-")
    lower = word.lower().removeprefix("(")
    if lower in habits.never_last:
        return True
    if lower in habits.seldom_last:
        return following[:1].islower() or following[:1].isdigit()
    if lower in habits.before_number and following[:1].isdigit():
        return True
    if word.isdigit():
        return (first and before.strip() == word) or habits.is_ordinal(word, following)
    return _is_initial(before, word, following, habits)


def _is_initial(before: str, word: str, following: str, habits: Habits) -> bool:
    """Tell whether `word` is an initial of a name: `J. Smith`, `Donald E. Knuth`, `J. R. R.`."""
    last = word.rsplit(".", 1)[-1]
    if len(last) != 1 or not last.isupper() or word in habits.words_of_one_letter:
        return False
    if not following[:1].isupper():
        return False
    if _INITIAL.match(following):
        return True
    earlier = before[: len(before) - len(word)].split()
    return not earlier or earlier[-1][:1].isupper()


def _is_wide_letter(char: str) -> bool:
    return _is_wide(char) and char.isalpha()


def _is_wide(char: str) -> bool:
    return "\u3000" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" or "\uff00" <= char <= "\uffef"
