"""NLLB-200 by CTranslate2, on the CPU: the model is converted once, into a folder inside its own.

The conversion is made beside its place and moved there whole. One that was interrupted leaves nothing that is
used, and begins anew: it is one pass over the weights, a quarter of a minute for the 600M model.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import ctranslate2
from ctranslate2.converters import TransformersConverter

from claude_narrator.models.engines.nllb_plan import Plan, conversion, remedy
from claude_narrator.models.engines.nllb_text import NllbTokens
from claude_narrator.models.errors import EngineUnavailable

_MADE_OF = "made_of.json"
_TYPES = {"int8": "int8", "fp32": "float32"}
_STATED = {"int8_float32": "int8", "float32": "fp32", "int8_float16": "int8", "int8_bfloat16": "int8"}


class CTranslate2Model:
    """A model that is loaded; `precision` is what CTranslate2 says that it multiplies."""

    device = "cpu"

    def __init__(self, plan: Plan, threads: int, tokens: NllbTokens) -> None:
        """Convert the model if that was not done, and load it.

        :raises EngineUnavailable: it cannot be converted, or loaded.
        """
        folder = plan.folder
        if not (folder / "model.bin").is_file():
            folder = converted(plan)
        self._tokens = tokens
        try:
            self._model: Any = ctranslate2.Translator(
                str(folder),
                device="cpu",
                compute_type=_TYPES[plan.precision],
                inter_threads=1,
                intra_threads=threads,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineUnavailable(
                f"CTranslate2 cannot load {folder}: {str(error)[:200]}", remedy(plan.folder)
            ) from None
        self.precision = _STATED.get(self._model.compute_type, str(self._model.compute_type))

    def tokens(self, source: Sequence[int], language: int, limit: int) -> Generator[int, None, None]:
        """Yield the most probable tokens after `language`, at most `limit`, without the sentence's end."""
        steps = self._model.generate_tokens(
            [self._tokens.name(token) for token in source],
            [self._tokens.name(language)],
            max_decoding_length=limit + 1,
            max_input_length=0,
        )
        with contextlib.closing(steps):
            for step in steps:
                token = self._tokens.number(step.token)
                if token == self._tokens.end:
                    return
                if step.step > 0:
                    yield token

    def close(self) -> None:
        """Free the weights."""
        model, self._model = self._model, None
        if model is not None:
            model.unload_model()


def converted(plan: Plan) -> Path:
    """Return the folder with what CTranslate2 made of the model of `plan`, which is made if need be.

    :raises ModelMissing, EngineUnavailable: the weights are not there, damaged, or the folder takes no files.
    """
    target = conversion(plan.folder, plan.precision)
    if _is_current(target):
        return target
    try:
        with _alone(target):
            if not _is_current(target):
                _convert(target, _TYPES[plan.precision])
    except OSError as error:
        raise EngineUnavailable(
            f"{target}, which CTranslate2 makes of the model, cannot be written: {error.strerror or error}",
            "Make its folder writable, or run: voice settings set engines.nllb.backend torch-bf16",
        ) from None
    return target


def _convert(target: Path, quantization: str) -> None:
    folder = target.parent
    for left in folder.glob(f".{target.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=folder))
    try:
        _Converter(str(folder)).convert(str(work), quantization=quantization, force=True)
        (work / _MADE_OF).write_text(json.dumps(_made_of(work, folder)), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        os.replace(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Converter(TransformersConverter):  # type: ignore[misc]
    """Reads the weights and the tokens as the other backends do: mapped, and none missing."""

    def load_model(self, _model_class: Any, folder: str, **_options: Any) -> Any:
        """Return the model in `folder`."""
        import torch

        from claude_narrator.models.engines.nllb_weights import read_model

        return read_model(Path(folder), torch.float32, "cpu")

    def load_tokenizer(self, _tokenizer_class: Any, folder: str, **_options: Any) -> Any:
        """Return what the converter asks of a tokenizer."""
        return _Vocabulary(NllbTokens(Path(folder), None))


class _Vocabulary:
    """`NllbTokens` with the names by which transformers' tokenizers are asked."""

    bos_token, eos_token, unk_token = "<s>", "</s>", "<unk>"
    special_tokens_map: ClassVar[dict[str, str]] = {}

    def __init__(self, tokens: NllbTokens) -> None:
        self._names = tokens.names()
        self.unk_token_id = self._names.index(self.unk_token)

    def get_vocab(self) -> dict[str, int]:
        """Return the number of every token."""
        return {name: number for number, name in enumerate(self._names)}

    def convert_ids_to_tokens(self, number: int) -> str:
        """Return the name of a token."""
        return self._names[number]


def _is_current(target: Path) -> bool:
    """Whether `target` is whole, and was made of the weights that lie beside it."""
    try:
        return bool(json.loads((target / _MADE_OF).read_text("utf-8")) == _made_of(target, target.parent))
    except (OSError, ValueError):
        return False


def _made_of(target: Path, folder: Path) -> dict[str, Any]:
    """Sizes and times of what went in, sizes of what came out."""
    sources = sorted((*folder.glob("*.bin"), *folder.glob("*.safetensors"), folder / "tokenizer.json"))
    made = sorted(path for path in target.iterdir() if path.name != _MADE_OF)
    return {
        "ctranslate2": ctranslate2.__version__.split(".")[0],
        "from": [[path.name, path.stat().st_size, path.stat().st_mtime_ns] for path in sources],
        "into": [[path.name, path.stat().st_size] for path in made],
    }


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Wait until no other process converts this model."""
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
