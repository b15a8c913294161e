"""Finds CosyVoice's code and imports it into this process, without what it does besides being imported.

Upstream is no package: either the user has a checkout, or the older copy in `xinference` serves the first two
generations. Both are read from a folder on `sys.path` and told apart by what they hold, not by a version.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from claude_narrator.models.engines.cosyvoice_guards import decode_whole_context, read_reference
from claude_narrator.models.errors import EngineUnavailable

_CLASSES = {1: "CosyVoice", 2: "CosyVoice2", 3: "CosyVoice3"}
_SPEAKERS = Path("cosyvoice/bin/spk2info.pt")


@dataclass(frozen=True, slots=True)
class Code:
    """What was imported: the class of each generation, and a table of speakers where the code carries one."""

    generations: Mapping[int, Any]
    speakers: Path | None


def import_code(source: str) -> Code:
    """Import CosyVoice from the checkout in `source`, or from `xinference` when that is empty.

    :raises EngineUnavailable: it is not there, or not whole.
    """
    folders = _checkout(source) if source else [_vendored()]
    for folder in folders:
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
    _forbid_downloads()
    try:
        with quiet_import():
            entry = importlib.import_module("cosyvoice.cli.cosyvoice")
            language_model = importlib.import_module("cosyvoice.llm.llm")
            front_end: Any = importlib.import_module("cosyvoice.cli.frontend")
    except (ImportError, AttributeError) as error:
        raise EngineUnavailable(
            f"CosyVoice's code cannot be imported: {error}", "Run: voice engines install cosyvoice"
        ) from error
    decode_whole_context(language_model.Qwen2Encoder)
    if hasattr(front_end, "load_wav"):
        front_end.load_wav = read_reference
    found = {number: getattr(entry, name) for number, name in _CLASSES.items() if hasattr(entry, name)}
    speakers = next(
        (f / _SPEAKERS for f in (*folders, *_vendored_if_any()) if (f / _SPEAKERS).is_file()), None
    )
    return Code(found, speakers)


@contextmanager
def quiet_import() -> Iterator[None]:
    """Leave the root logger as it was.

    The code turns it to DEBUG and to standard error when imported, where numba alone then writes every step
    of its compiler, at twice the time of all the rest.
    """
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    os.environ["TQDM_DISABLE"] = "1"
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


def _checkout(source: str) -> list[Path]:
    root = Path(source).expanduser()
    matcha = root / "third_party" / "Matcha-TTS"
    if not root.is_absolute() or not (root / "cosyvoice" / "cli" / "cosyvoice.py").is_file():
        raise EngineUnavailable(
            f"engines.cosyvoice.source is no checkout of CosyVoice: {source[:200]}",
            "Name the folder that git clone --recursive made, from its root on.",
        )
    if not (matcha / "matcha").is_dir():
        raise EngineUnavailable(
            f"the checkout in {source[:200]} lacks third_party/Matcha-TTS",
            "Run there: git submodule update --init --recursive",
        )
    return [root, matcha]


def _vendored() -> Path:
    found = _vendored_if_any()
    if not found:
        raise EngineUnavailable("xinference is not installed", "Run: voice engines install cosyvoice")
    return found[0]


def _vendored_if_any() -> list[Path]:
    """The folder in which `xinference` carries others' code, found without importing it."""
    spec = importlib.util.find_spec("xinference")
    roots = list(spec.submodule_search_locations or ()) if spec else []
    folders = (Path(root) / "thirdparty" for root in roots)
    return [folder for folder in folders if (folder / "cosyvoice").is_dir()]


def _forbid_downloads() -> None:
    """Stand in for the two packages with which the code would fetch models, and for its text normalizers.

    The normalizers are never asked: texts arrive normalized, and one of them downloads its rules when built.
    """
    hub, normalizer = ModuleType("modelscope"), ModuleType("wetext")
    vars(hub)["snapshot_download"] = _refuse_download
    vars(normalizer)["Normalizer"] = _NoNormalizer
    sys.modules.update({"modelscope": hub, "wetext": normalizer})
    sys.modules["ttsfrd"] = None  # type: ignore[assignment]
    os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"})


def _refuse_download(*_: object, **__: object) -> str:
    raise EngineUnavailable("CosyVoice wanted to download a model", "Run: voice models pull cosyvoice2-0.5b")


class _NoNormalizer:
    """Takes any arguments and leaves a text as it is."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def normalize(self, text: str) -> str:
        return text
