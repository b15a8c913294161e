"""Which CosyVoice model runs: what there is, which is chosen, and whether its folder may be run at all.

A model folder holds a YAML file whose tags call functions: whoever wrote it can run anything. It is loaded
when it is the catalog's, by its hash, or when the user said by name that they trust the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.models.catalog import find_model
from claude_narrator.models.errors import EngineUnavailable, ModelCorrupt, ModelMissing
from claude_narrator.models.memory import available_memory_bytes

YAML = {1: "cosyvoice.yaml", 2: "cosyvoice2.yaml", 3: "cosyvoice3.yaml"}
GENERATION = {
    "fun-cosyvoice3-0.5b": 3,
    "cosyvoice2-0.5b": 2,
    "cosyvoice-300m-sft": 1,
    "cosyvoice-300m-instruct": 1,
    "cosyvoice-300m": 1,
}
_ON_GPU = tuple(GENERATION)
_ON_CPU = ("cosyvoice2-0.5b", "cosyvoice-300m-sft", "cosyvoice-300m-instruct", "cosyvoice-300m", _ON_GPU[0])
"""On a CPU the third generation's flow costs 2.3 times what the second's does."""
_PARTS = ("llm.pt", "flow.pt", "hift.pt", "campplus.onnx")
_QWEN = ("config.json", "vocab.json", "merges.txt")
_WEIGHTS = (".pt", ".onnx")
_ROOM = 1.25
"""Memory for what a model needs besides its weights, as a share of the files."""
LANGUAGES = {
    1: ("zh", "en", "ja", "yue", "ko"),
    2: ("zh", "en", "ja", "yue", "ko"),
    3: ("zh", "en", "ja", "yue", "ko", "de", "es", "fr", "it", "ru"),
}


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model that runs. `name` is what to call it, its id in the catalog or the name of its folder."""

    name: str
    folder: Path
    generation: int

    @property
    def follows_instructions(self) -> bool:
        """Whether one can tell it how to speak: of the first generation only the model made for that."""
        return self.generation > 1 or "instruct" in self.name.casefold()

    @property
    def mending(self) -> str:
        """What to do when its files are damaged."""
        return f"Run: voice models verify {self.name}" if self.name in GENERATION else "Copy it there anew."


def choose_model(
    files: Mapping[str, Path],
    options: Mapping[str, str],
    runnable: Collection[int],
    *,
    on_gpu: bool,
    allowed_bytes: int = 0,
) -> ModelChoice:
    """Return the model that the options name, or the best of `files` whose generation is `runnable` and fits.

    `files` has the models of the catalog that are here, by id. `allowed_bytes` is as in `EngineContext`.

    :raises EngineUnavailable: an option is wrong, a folder is not trusted, or there is not enough memory.
    :raises ModelMissing, ModelCorrupt: no model is here, or it is not whole.
    """
    if folder := options.get("model_folder", ""):
        choice = _own_folder(folder, options.get("trust", ""))
    else:
        room_bytes = available_memory_bytes(allowed_bytes)
        choice = _from_catalog(files, options.get("model", "auto"), runnable, on_gpu, room_bytes)
    if choice.generation not in runnable:
        raise EngineUnavailable(
            f"{choice.name} needs CosyVoice's own code",
            "Clone it, as docs/engine-setup.md says, and set engines.cosyvoice.source to the folder.",
        )
    _check_whole(choice)
    return choice


def _own_folder(named: str, trusted: str) -> ModelChoice:
    folder = Path(named).expanduser()
    if not folder.is_absolute() or not folder.is_dir():
        raise ModelMissing(
            f"engines.cosyvoice.model_folder is no folder on this machine: {named[:200]}",
            "Give the whole path of a folder with a CosyVoice model.",
        )
    if not trusted or Path(trusted).expanduser().resolve() != folder.resolve():
        raise EngineUnavailable(
            "a CosyVoice model folder holds code, and engines.cosyvoice.trust does not name this one",
            f"If you trust who made it: voice settings set engines.cosyvoice.trust {folder}",
        )
    generations = [number for number, name in YAML.items() if (folder / name).is_file()]
    if len(generations) != 1:
        expected = " or ".join(YAML.values())
        raise ModelMissing(f"{folder} holds no CosyVoice model: it has no {expected}", "Give another folder.")
    return ModelChoice(folder.name, folder.resolve(), generations[0])


def _from_catalog(
    files: Mapping[str, Path], wanted: str, runnable: Collection[int], on_gpu: bool, room_bytes: int
) -> ModelChoice:
    if wanted != "auto" and wanted not in GENERATION:
        raise EngineUnavailable(
            f"engines.cosyvoice.model cannot be {wanted[:60]!r}", f"It is auto, {', '.join(GENERATION)}."
        )
    order = (_ON_GPU if on_gpu else _ON_CPU) if wanted == "auto" else (wanted,)
    here = [model for model in order if model in files]
    usable = [model for model in here if GENERATION[model] in runnable]
    if not here:
        asked = order[0] if wanted != "auto" else "cosyvoice2-0.5b"
        raise ModelMissing(f"{asked} is not on this machine", f"Run: voice models pull {asked}")
    fitting = [model for model in usable or here if _needed_bytes(files[model]) <= room_bytes]
    if not fitting:
        least = min(_needed_bytes(files[model]) for model in usable or here)
        raise EngineUnavailable(
            f"CosyVoice needs {least / 1e9:.1f} GB of memory and {room_bytes / 1e9:.1f} GB are free",
            "End what else is running, or take a smaller model.",
        )
    choice = ModelChoice(fitting[0], files[fitting[0]], GENERATION[fitting[0]])
    _check_hash(choice)
    return choice


def _needed_bytes(folder: Path) -> int:
    return int(_ROOM * sum(path.stat().st_size for path in folder.iterdir() if path.suffix in _WEIGHTS))


def _check_hash(choice: ModelChoice) -> None:
    """The file that is run must be, now, the one that the catalog has seen."""
    name = YAML[choice.generation]
    known = {file.name: file.sha256 for file in find_model(choice.name).files}
    try:
        found = hashlib.sha256((choice.folder / name).read_bytes()).hexdigest()
    except OSError:
        return
    if known.get(name) != found:
        raise ModelCorrupt(
            f"{name} of {choice.name} is not the file that the catalog knows, and is not run",
            f"Run: voice models verify {choice.name}",
        )


def _check_whole(choice: ModelChoice) -> None:
    """CosyVoice asks its hub for a folder that is not there, and fails obscurely for a file that is not."""
    needed = [YAML[choice.generation], *_PARTS, f"speech_tokenizer_v{choice.generation}.onnx"]
    if choice.generation > 1:
        needed += [f"CosyVoice-BlankEN/{name}" for name in _QWEN]
    missing = [name for name in needed if not (choice.folder / name).is_file()]
    if missing:
        raise ModelMissing(f"{choice.name} is not whole: {', '.join(missing)} is missing", choice.mending)
