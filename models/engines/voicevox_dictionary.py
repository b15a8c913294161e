"""Brings words into the user dictionary of VOICEVOX ENGINE and of those that have the same API.

`GET /user_dict` answers every word by its id, `POST /user_dict_word` adds one and `PUT /user_dict_word/ID`
changes one (VOICEVOX ENGINE 0.25). A pronunciation is katakana; the server
keeps what is written in full-width characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from claude_narrator.models.engines.local_server import Server, ServerFailed
from claude_narrator.models.types import Language

LANGUAGE = Language("ja")
"""The servers speak this language alone."""

_KATAKANA = re.compile("[ァ-ヴー]+")
_MORA = re.compile("[ァ-ヴー][ァィゥェォャュョヮ]?")
_WEAK_MORAE = "ーッン"
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゔ") + 1)}
_LOANWORD_ACCENT = 3
"""Mora from the end on which most loanwords fall, one earlier when it is a weak one (Kubozono 2006)."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of the words: `refused` maps those that the server did not take to its reason."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    refused: Mapping[str, str]


def katakana_only(reading: str) -> str:
    """Return a reading as the server wants it; empty when it is not all kana."""
    plain = re.sub(r"[\s・]", "", unicodedata.normalize("NFKC", reading)).translate(_HIRAGANA_TO_KATAKANA)
    return plain if _KATAKANA.fullmatch(plain) else ""


def accent_type(pronunciation: str) -> int:
    """Return the mora, counted from 1, after which the pitch of a loanword in katakana falls."""
    morae = _MORA.findall(pronunciation)
    at = len(morae) - _LOANWORD_ACCENT
    if at > 0 and morae[at] in _WEAK_MORAE:
        at -= 1
    return max(at, 0) + 1


def export_words(server: Server, words: Mapping[str, str]) -> Exported:
    """Bring `words`, pronunciations in katakana by what is written, into the server's dictionary.

    What else it holds is left alone.

    :raises ServerFailed: nobody answers, or not as such a server does.
    """
    there = _there(server)
    outcome: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    refused: dict[str, str] = {}
    for written, pronunciation in words.items():
        known = there.get(_fold(written))
        if known and known[1] == pronunciation:
            outcome["unchanged"].append(written)
            continue
        try:
            _put(server, known[0] if known else "", written, pronunciation)
        except ServerFailed as error:
            if error.is_lasting:
                raise
            refused[written] = error.problem
        else:
            outcome["changed" if known else "added"].append(written)
    added, changed, unchanged = map(tuple, outcome.values())
    return Exported(added, changed, unchanged, refused)


def _there(server: Server) -> dict[str, tuple[str, str]]:
    """Id and pronunciation of what the server has, by what is written."""
    listed: Any = server.json_of("GET", "/user_dict")
    if not isinstance(listed, dict) or not all(isinstance(word, dict) for word in listed.values()):
        raise server.nonsense("what is no user dictionary")
    return {
        _fold(str(word.get("surface", ""))): (word_id, str(word.get("pronunciation", "")))
        for word_id, word in listed.items()
    }


def _put(server: Server, word_id: str, written: str, pronunciation: str) -> None:
    query = urlencode(
        {"surface": written, "pronunciation": pronunciation, "accent_type": accent_type(pronunciation)}
    )
    if word_id:
        server.whole("PUT", f"/user_dict_word/{quote(word_id, safe='')}?{query}")
    else:
        server.whole("POST", f"/user_dict_word?{query}")


def _fold(written: str) -> str:
    return unicodedata.normalize("NFKC", written).casefold()
