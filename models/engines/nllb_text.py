"""What NLLB-200 is given of a text, and how its tokens become text again, piece by piece.

The model was trained on single sentences and leaves out parts of longer texts, so each sentence goes alone,
and one too long for it is cut at its clauses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from claude_narrator.models.engines.nllb_languages import code_of
from claude_narrator.models.engines.nllb_plan import remedy
from claude_narrator.models.errors import EngineUnavailable, ModelMissing, UnknownLanguage
from claude_narrator.models.phrases import clean_text, cut_phrases
from claude_narrator.models.types import Language

MAX_SOURCE_TOKENS = 256
"""Of one piece. The model card names 512 as the longest input of the training; sentences have 20 to 60."""
_SPARE_TOKENS = 24
_TOKENS_PER_SOURCE_TOKEN = 3
_MARK = re.compile(r"[.!?…؟۔։]+[\"'”’»)\]]*\s+|[。！？।॥။።༎]+[」』”）]*\s*")
_LAST_WORD = re.compile(r"\w{2,}\Z")
_ABBREVIATIONS = re.compile(r"al|approx|ca|cf|dr|eg|fig|ie|jr|mr|mrs|ms|pp|prof|sr|st|vol|vs", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]")


class NllbTokens:
    """The tokenizer of a model: `tokenizer.json` in its folder."""

    def __init__(self, folder: Path, vocabulary_size: int | None) -> None:
        """Read it. `vocabulary_size` is how many tokens the weights know, None when that is not known.

        :raises ModelMissing: it is not there.
        :raises EngineUnavailable: it cannot be read, is not NLLB's, or not that of these weights.
        """
        from tokenizers import Tokenizer

        self._path = path = folder / "tokenizer.json"
        if not path.is_file():
            raise ModelMissing(f"{path} is not here", remedy(folder))
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the package raises Exception itself
            raise EngineUnavailable(f"{path} cannot be read: {str(error)[:200]}", remedy(folder)) from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True  # a text that holds "</s>" ends no sentence
        self.end = self._id("</s>")
        self._unknown = self._id("<unk>")
        if vocabulary_size is not None and self._tokenizer.get_vocab_size() > vocabulary_size:
            raise EngineUnavailable(f"{path} has more tokens than the weights beside it", remedy(folder))

    def language(self, language: Language) -> int:
        """Return the token of a language.

        :raises UnknownLanguage: NLLB-200 does not know it, or this model's tokenizer lacks it.
        """
        code = code_of(language)
        token = self._tokenizer.token_to_id(code)
        if token is None or token == self._unknown:
            raise UnknownLanguage(f"this model's tokenizer has no {code}, for {language}")
        return int(token)

    def encode(self, text: str, language: int) -> list[int]:
        """Return the tokens of a source text: its language, itself, the end."""
        return [language, *self._tokenizer.encode(text, add_special_tokens=False).ids, self.end]

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of tokens; those of languages and ends have none."""
        return str(self._tokenizer.decode(list(tokens), skip_special_tokens=True))

    def name(self, token: int) -> str:
        """Return a token as the vocabulary spells it."""
        return str(self._tokenizer.id_to_token(token))

    def number(self, name: str) -> int:
        """Return the token that the vocabulary spells like that, `<unk>` when none is."""
        token = self._tokenizer.token_to_id(name)
        return self._unknown if token is None else int(token)

    def names(self) -> list[str]:
        """Return every token as the vocabulary spells it, in order; `<N>` for a number that it leaves out."""
        by_number = {number: name for name, number in self._tokenizer.get_vocab().items()}
        return [by_number.get(number, f"<{number}>") for number in range(max(by_number) + 1)]

    def _id(self, name: str) -> int:
        token = self._tokenizer.token_to_id(name)
        if token is None:
            raise EngineUnavailable(
                f"{self._path} is not NLLB's: it has no {name}", remedy(self._path.parent)
            )
        return int(token)


def sentences(text: str, count: Callable[[str], int], limit: int) -> Iterator[str]:
    """Yield what is translated at a time: sentences, of at most `limit` tokens by `count`."""
    cleaned = clean_text(text)
    start = 0
    for mark in _MARK.finditer(cleaned):
        if _ends_sentence(cleaned, mark):
            yield from _within(cleaned[start : mark.end()].strip(), count, limit)
            start = mark.end()
    if cleaned[start:].strip():
        yield from _within(cleaned[start:].strip(), count, limit)


def has_words(text: str) -> bool:
    """Return whether there is anything to translate."""
    return _WORD.search(text) is not None


def reply_limit(source_tokens: int, positions: int) -> int:
    """Return how many tokens a translation may have: languages with a token a letter need three for one."""
    return min(_SPARE_TOKENS + _TOKENS_PER_SOURCE_TOKEN * source_tokens, positions - 2)


def as_text(tokens: Iterable[int], decode: Callable[[Sequence[int]], str]) -> Iterator[str]:
    """Yield what each token adds to the text; "" for one that adds nothing yet."""
    so_far: list[int] = []
    shown = ""
    for token in tokens:
        so_far.append(token)
        text = decode(so_far)
        grown = text.startswith(shown) and not text.endswith("\ufffd")
        yield text[len(shown) :] if grown else ""
        shown = text if grown else shown


def _ends_sentence(text: str, mark: re.Match[str]) -> bool:
    """A full stop may belong to an abbreviation: to split there is worse than not to split at an end."""
    if not mark[0].startswith(".") or mark[0].startswith(".."):
        return True
    after = text[mark.end() : mark.end() + 1]
    word = _LAST_WORD.search(text, max(0, mark.start() - 20), mark.start())
    is_abbreviated = word is None or _ABBREVIATIONS.fullmatch(word[0]) is not None
    return not is_abbreviated and not after.islower() and not after.isdigit()


def _within(text: str, count: Callable[[str], int], limit: int) -> Iterator[str]:
    if count(text) <= limit or len(text) < 2:
        yield text
        return
    half = len(text) // 2
    for part in cut_phrases(text, half, half):
        yield from _within(part, count, limit)
