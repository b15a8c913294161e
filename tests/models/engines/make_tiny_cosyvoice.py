"""Writes a small CosyVoice model, in its environment. Arguments: the folder, the generation."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from claude_narrator.models.engines.cosyvoice_source import import_code
from tests.models.engines.cosyvoice_tiny import make_model

if __name__ == "__main__":
    import_code("")
    print(json.dumps(str(make_model(Path(sys.argv[1]), int(sys.argv[2])))))
