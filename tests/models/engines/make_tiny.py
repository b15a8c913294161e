"""`make_tiny.py ENGINE FOLDER`, in an engine's own environment: a small model of its real architecture."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def _nllb(folder: Path) -> Path:
    """Of every language; knows what tests have translated, sentence by sentence, as NLLB is given it."""
    from claude_narrator.models.engines.nllb_text import sentences
    from tests.models.engines.nllb_models import make_taught
    from tests.sentences import sentence_of

    parts = {
        code: list(sentences(sentence_of(language), len, 1000))
        for code, language in (("eng_Latn", "en"), ("jpn_Jpan", "ja"))
    }
    rows = [dict(zip(parts, row, strict=True)) for row in zip(*parts.values(), strict=True)]
    make_taught(folder, rows)
    return folder


def _xtts(folder: Path) -> Path:
    from tests.models.engines.tiny_xtts import make_model

    make_model(folder)
    return folder


def _cosyvoice(folder: Path) -> Path:
    from claude_narrator.models.engines.cosyvoice_source import import_code
    from tests.models.engines.cosyvoice_tiny import make_model

    import_code("")
    return make_model(folder, 1)


MAKERS = {"nllb": _nllb, "xtts": _xtts, "cosyvoice": _cosyvoice}

if __name__ == "__main__":
    made = MAKERS[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps(str(made)))
