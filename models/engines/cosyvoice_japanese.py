"""Japanese as CosyVoice wants it: in katakana, as it is pronounced, a space between words.

That is the form of upstream's own example for the third generation; kanji are read as Chinese.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MARKS = str.maketrans({"’": "", "．": "、", "，": "、"})


def katakana_reader() -> Callable[[str], str]:
    """Return what turns Japanese text into its reading; loads the dictionary.

    :raises ImportError: pyopenjtalk is not installed.
    """
    import pyopenjtalk

    pyopenjtalk.run_frontend("準備")

    def read(text: str) -> str:
        return "".join(_words(_nodes(pyopenjtalk, text))).strip()

    return read


def _nodes(front_end: Any, text: str) -> list[dict[str, Any]]:
    """Refining the readings is done in Python behind the native front end, and fails on rare kanji."""
    try:
        return list(front_end.run_frontend(text))
    except (IndexError, KeyError, ValueError):
        return list(front_end.run_frontend(text, use_vanilla=True))


def _words(nodes: list[dict[str, Any]]) -> list[str]:
    """The readings with what parts them."""
    words: list[str] = []
    for node in nodes:
        is_mark = node["pos"] == "記号" and not any(map(str.isalnum, node["string"]))
        reading = str(node["string"] if is_mark else node["pron"]).translate(_MARKS)
        parted = words and not is_mark and words[-1][-1:].isalpha()
        words.append(f" {reading}" if parted else reading)
    return [word for word in words if word]
