"""Makes a small CosyVoice model below a folder, puts the engine on it and prints what it found, as JSON.

Arguments: the folder, the generation (1, 2, 3), and a checkout of CosyVoice, or nothing for the code that
xinference carries. One process, one generation: CosyVoice keeps the window of its spectrogram in a global.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

import torch

from claude_narrator.models.engines import cosyvoice_source
from claude_narrator.models.engines.cosyvoice_guards import decode_whole_context
from tests.models.engines import cosyvoice_guard_facts as guards
from tests.models.engines import cosyvoice_mode_facts as modes
from tests.models.engines.cosyvoice_tiny import make_model

_ORIGINAL: dict[str, Any] = {}


def _mend(encoder: Any) -> None:
    _ORIGINAL.setdefault("step", encoder.forward_one_step)
    decode_whole_context(encoder)


def main(folder: Path, generation: int, source: str) -> dict[str, Any]:
    """Return every fact."""
    torch.set_num_threads(1)
    cosyvoice_source.decode_whole_context = _mend
    attempts, logger = modes.forbid_network(), [guards.logger_state()]
    cosyvoice_source.import_code(source)
    logger.append(guards.logger_state())
    voices = modes.make_voices(folder / "voices")
    listener = guards.Listener()
    logging.basicConfig(level=logging.INFO, handlers=[listener])
    made = make_model(folder / ("tiny-Instruct" if generation == 1 else "tiny"), generation)
    facts = _facts(modes.loaded(made, voices, source=source), made, generation)
    facts["load_faults"] = modes.load_faults(made, folder / "broken")
    facts["reading"] = modes.reading_facts(folder)
    facts["download"] = modes.download_fault()
    told = [message for message in listener.messages if modes.SECRET in message]
    return {**facts, "logger": logger, "network": attempts, "told": told}


def _facts(engine: Any, folder: Path, generation: int) -> dict[str, Any]:
    facts = {
        "precision": guards.precision_facts(engine, folder),
        "modes": modes.mode_facts(engine),
        "rates": modes.rate_facts(engine),
        "failure": guards.failure_facts(engine),
        "cancel": guards.cancel_facts(engine),
        "vocoder": modes.vocoder_facts(engine),
        "faults": modes.voice_faults(engine),
    }
    if generation > 1:
        facts["cache"] = guards.cache_facts(engine, _ORIGINAL["step"])
        facts["hop"] = guards.hop_facts(engine)
    return facts


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:]))))
