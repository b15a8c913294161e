"""The voice of Google Translate: text goes to Google, MP3 comes back. Only with the user's leave.

The request is the one that the page makes and the package gTTS made known: a form with one remote call,
`jQ1olc`, whose arguments are text, language and speed, and an answer of JSON, in which the sound stands in
base64. It is no documented service, and may change or refuse at any time.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import time
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.local_server import Server, ServerFailed
from claude_narrator.models.engines.network_voices import (
    ANSWER_TIMEOUT_S,
    SIGN_OF_LIFE,
    check_allowed,
    chunk_of,
)
from claude_narrator.models.engines.server_settings import find_server
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, UnknownLanguage
from claude_narrator.models.languages import match_language
from claude_narrator.models.phrases import clean_text, cut_phrases
from claude_narrator.models.types import AudioChunk, Language

ENGINE: dict[str, Any] = {
    "kind": "synthesizer",
    "summary": "The voice of Google Translate, over the network",
    "licence": "a service of Google's, under its terms",
    "voices": {
        "af": ["google"],
        "am": ["google"],
        "ar": ["google"],
        "bg": ["google"],
        "bn": ["google"],
        "bs": ["google"],
        "ca": ["google"],
        "cs": ["google"],
        "cy": ["google"],
        "da": ["google"],
        "de": ["google"],
        "el": ["google"],
        "en": ["google"],
        "es": ["google"],
        "et": ["google"],
        "eu": ["google"],
        "fi": ["google"],
        "fr": ["google"],
        "fr-CA": ["google"],
        "gl": ["google"],
        "gu": ["google"],
        "ha": ["google"],
        "he": ["google"],
        "hi": ["google"],
        "hr": ["google"],
        "hu": ["google"],
        "id": ["google"],
        "is": ["google"],
        "it": ["google"],
        "ja": ["google"],
        "jv": ["google"],
        "km": ["google"],
        "kn": ["google"],
        "ko": ["google"],
        "la": ["google"],
        "lt": ["google"],
        "lv": ["google"],
        "ml": ["google"],
        "mr": ["google"],
        "ms": ["google"],
        "my": ["google"],
        "nb": ["google"],
        "ne": ["google"],
        "nl": ["google"],
        "no": ["google"],
        "pa": ["google"],
        "pl": ["google"],
        "pt-BR": ["google"],
        "pt-PT": ["google"],
        "ro": ["google"],
        "ru": ["google"],
        "si": ["google"],
        "sk": ["google"],
        "sq": ["google"],
        "sr": ["google"],
        "su": ["google"],
        "sv": ["google"],
        "sw": ["google"],
        "ta": ["google"],
        "te": ["google"],
        "th": ["google"],
        "fil": ["google"],
        "tl": ["google"],
        "tr": ["google"],
        "uk": ["google"],
        "ur": ["google"],
        "vi": ["google"],
        "yue": ["google"],
        "zh": ["google"],
        "zh-CN": ["google"],
        "zh-TW": ["google"],
        "zh-Hant": ["google"],
        "zh-HK": ["google"],
    },
    "modules": ["miniaudio"],
    "extra": "gtts",
    "network": True,
    "options": {
        "allow": {
            "comment": "yes lets what is spoken with it be sent to Google, secrets removed.",
            "example": "yes",
        },
        "url": {
            "comment": "Where Google Translate is; another country's has another accent.",
            "default": "https://translate.google.com",
            "example": "https://translate.google.co.uk",
        },
    },
}
_CODES = {
    "fil": "tl",
    "he": "iw",
    "jv": "jw",
    "nb": "no",
    "pt-BR": "pt",
    "zh": "zh-CN",
    "zh-Hant": "zh-TW",
    "zh-HK": "yue",
}
"""What Google calls a language where that is not its tag."""
_PATH = "/_/TranslateWebserverUi/data/batchexecute"
_CALL, _PREFIX = "jQ1olc", ")]}'"
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 100
"""Google takes no more than 100 at a time."""
_DEADLINE_S = 12.0
"""For a whole piece, which takes Google less than one."""


class GTTS:
    """A `Synthesizer`. Google's voices have one pace, so rates are reached by changing the tempo."""

    def __init__(self) -> None:
        self._server: Server | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Have a word spoken unheard.

        :raises EngineUnavailable: not allowed, a wrong setting, no decoder, or Google does not answer.
        """
        check_allowed("gtts", context.options)
        server = find_server("gtts", context.options)
        server = replace(server, headers={"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"})
        try:
            with _failures():
                for _ in _say(server, "OK.", "en", 1.0):
                    pass
        except (EngineFailed, ImportError) as error:
            raise EngineUnavailable(f"gtts cannot be used: {error}", "See: voice engines") from None
        self._server = server
        return Loaded(server.address, "mp3")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`; empty chunks are signs of life.

        :raises UnknownLanguage: Google does not speak it.
        :raises EngineFailed: not loaded, or Google's answer is no sound.
        :raises EngineUnavailable: Google cannot be reached or keeps us out.
        """
        if self._server is None:
            raise EngineFailed("gtts is not loaded")
        tag = match_language(language, ENGINE["voices"])
        if tag is None:
            raise UnknownLanguage(f"gtts does not speak {language!r}", "See: voice voices")
        return _pieces(self._server, text, _CODES.get(tag, tag), rate)

    def close(self) -> None:
        """Forget the server."""
        self._server = None


def _pieces(server: Server, text: str, code: str, rate: float) -> Iterator[AudioChunk]:
    for piece in cut_phrases(clean_text(text), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
        if any(map(str.isalnum, piece)):
            with _failures():
                yield from _say(server, piece, code, rate)


def _say(server: Server, piece: str, code: str, rate: float) -> Iterator[AudioChunk]:
    arguments = json.dumps([piece, code, None, "null"])
    form = urlencode({"f.req": json.dumps([[[_CALL, arguments, None, "generic"]]])}).encode()
    answer = yield from _awaited(server.ask("POST", _PATH, form, ANSWER_TIMEOUT_S))
    chunk = chunk_of(server.address, _sound_in(server, answer), piece, rate, rate)
    if len(chunk.samples):
        yield chunk


def _awaited(answer: Generator[bytes, None, None]) -> Generator[AudioChunk, None, bytes]:
    """The whole answer; signs of life come out meanwhile, also while it trickles."""
    blocks, deadline_s = [], time.monotonic() + _DEADLINE_S
    with contextlib.closing(answer):
        for block in answer:
            blocks.append(block)
            if time.monotonic() > deadline_s:
                raise ServerFailed(f"Google took more than {_DEADLINE_S:.0f} s", is_lasting=True)
            yield SIGN_OF_LIFE
    return b"".join(blocks)


def _sound_in(server: Server, answer: bytes) -> bytes:
    """The MP3 stream in an answer; its entry is `["wrb.fr","jQ1olc","[\\"BASE64\\"]",…]`."""
    for value in _values_in(server, answer.decode("utf-8", "replace").removeprefix(_PREFIX)):
        for entry in map(_list, _list(value)):
            if entry[1:2] == [_CALL]:
                return _decoded(server, entry[2:3])
    raise server.nonsense("without what it was asked")


def _values_in(server: Server, text: str) -> Iterator[Any]:
    """The JSON values that stand in a row; before one there may be its length, itself a value."""
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except (ValueError, RecursionError):
            raise server.nonsense("what is no JSON") from None
        yield value
        rest = rest[end:].strip()


def _decoded(server: Server, result: list[Any]) -> bytes:
    if not result or not isinstance(result[0], str):
        raise ServerFailed(f"{server.address} has no sound for this text")
    sound = _list(server.parse_json(result[0].encode()))
    try:
        return base64.b64decode(sound[0], validate=True)
    except (IndexError, TypeError, ValueError, binascii.Error):
        raise server.nonsense("what is no sound") from None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ServerFailed as error:
        if error.is_lasting:
            what = (
                f"Google refuses us (status {error.status})" if error.status in (401, 403) else error.problem
            )
            raise EngineUnavailable(f"gtts cannot be used: {what}", "See: voice engines") from None
        raise EngineFailed(error.problem) from None
