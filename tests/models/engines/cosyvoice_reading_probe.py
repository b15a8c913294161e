"""Prints how CosyVoice is given each of its arguments, which are Japanese, as a JSON list."""

from __future__ import annotations

import json
import sys

from claude_narrator.models.engines.cosyvoice_japanese import katakana_reader

if __name__ == "__main__":
    read = katakana_reader()
    print(json.dumps([read(text) for text in sys.argv[1:]]))
