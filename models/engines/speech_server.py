"""Speaks by an OpenAI-compatible `/v1/audio/speech`: Kokoro-FastAPI, vLLM, LocalAI.

The answer is asked for as bare PCM, 16 bit little-endian mono, and passed on while it arrives.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.local_server import ANSWER_TIMEOUT_S, Server, ServerFailed
from claude_narrator.models.engines.server_settings import find_server, model_name
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable
from claude_narrator.models.options import parse_voices
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.prompts import primary
from claude_narrator.models.trim import trim_ends
from claude_narrator.models.types import AudioChunk, Language, SampleRate

ENGINE = {
    "kind": "synthesizer",
    "summary": "Voices on a server of yours: Kokoro-FastAPI, vLLM, LocalAI",
    "licence": "Apache-2.0 (code); the voices' own",
    "options": {
        "url": {
            "comment": "Address of an OpenAI-compatible speech server.",
            "example": "http://127.0.0.1:8880",
        },
        "voices": {
            "comment": "Its voices that you want, the first of a language for auto.",
            "example": "en:af_heart ja:jf_alpha",
        },
        "model": {
            "comment": "What the server calls the model; empty for the first it lists.",
            "default": "",
        },
        "key_variable": {
            "comment": "Environment variable that holds the server's key, if it wants one.",
            "default": "",
        },
        "sample_rate": {
            "comment": "Samples per second of its PCM.",
            "default": "24000",
            "numbers": [8000, 192000],
        },
    },
    "quality": 80,
}
_FIRST_TIMEOUT_S = 150.0
"""A server may read the model from disk for the first sentence."""
_WIDE = frozenset(("ja", "zh", "ko", "th"))
_FIRST_AND_REST, _FIRST_AND_REST_WIDE = (60, 200), (24, 80)
"""Characters of the first request and of the others: a server that does not stream begins with a clause."""
_RATES = range(8_000, 192_001)


class SpeechServer:
    """A `Synthesizer`. The rate is the request's `speed`; a server that ignores it speaks at its own pace."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._model = ""
        self._sample_rate = SampleRate(24_000)

    def load(self, context: EngineContext) -> Loaded:
        """Ask the server for its models and have a word spoken unheard.

        :raises EngineUnavailable: a wrong setting, or a server that does not answer as it should.
        """
        server = find_server("speech_server", context.options)
        self._sample_rate = _sample_rate(context.options.get("sample_rate", ""))
        voice = _first_voice(context.options.get("voices", ""))
        try:
            self._model = model_name(server, context.options.get("model", ""))
            for _ in self._speak(server, "OK.", voice, 1.0, _FIRST_TIMEOUT_S):
                pass
        except ServerFailed as error:
            raise server.unusable(error) from None
        self._server = server
        return Loaded(server.address, self._model.rpartition("/")[2])

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield the sound of `text` while it arrives; empty chunks are signs of life.

        :raises EngineFailed: not loaded, or the server failed.
        :raises EngineUnavailable: the server is gone or keeps us out.
        """
        if self._server is None:
            raise EngineFailed("speech_server is not loaded")
        return self._pieces(self._server, text, voice, language, rate)

    def close(self) -> None:
        """Forget the server."""
        self._server = None

    def _pieces(
        self, server: Server, text: str, voice: str, language: Language, rate: float
    ) -> Iterator[AudioChunk]:
        first, rest = _FIRST_AND_REST_WIDE if primary(language) in _WIDE else _FIRST_AND_REST
        for piece in cut_phrases(clean_text(text), first, rest):
            if any(map(str.isalnum, piece)):
                sound = self._speak(server, piece, voice, rate)
                with server.failures_in_work():
                    yield from trim_ends(sound, tail_ms=pause_after_ms(piece, rate))

    def _speak(
        self, server: Server, text: str, voice: str, rate: float, timeout_s: float = ANSWER_TIMEOUT_S
    ) -> Iterator[AudioChunk]:
        request = {
            "model": self._model,
            "input": text,
            "voice": voice,
            "response_format": "pcm",
            "speed": rate,
            "stream": True,
        }
        answer = server.ask("POST", "/v1/audio/speech", request, timeout_s, wants_sound=True)
        with contextlib.closing(answer) as blocks:
            yield from self._sound(server, blocks)

    def _sound(self, server: Server, blocks: Iterable[bytes]) -> Iterator[AudioChunk]:
        rest, some = b"", False
        for block in blocks:
            if not some and block.startswith((b"RIFF", b"ID3", b"OggS", b"fLaC")):
                raise server.nonsense("a sound file, not the bare PCM it was asked for")
            data = rest + block
            whole = len(data) // 2 * 2
            samples, rest = np.frombuffer(data[:whole], "<i2"), data[whole:]
            some = some or bool(whole)
            yield AudioChunk(samples.astype(np.float32) / np.float32(32768), self._sample_rate)
        if rest:
            raise ServerFailed(f"{server.address} broke off in the middle of a sample")
        if not some:
            raise ServerFailed(f"{server.address} gave no sound", "See the server's own log.")


def _sample_rate(text: str) -> SampleRate:
    if not (text.isascii() and text.isdigit() and int(text[:7]) in _RATES):
        raise EngineUnavailable(
            "engines.speech_server.sample_rate is no number from 8000 to 192000",
            "Run: voice settings set engines.speech_server.sample_rate 24000",
        )
    return SampleRate(int(text))


def _first_voice(text: str) -> str:
    try:
        return next(iter(parse_voices(text).values()))[0]
    except (BadInput, StopIteration):
        raise EngineUnavailable("engines.speech_server.voices lists no voice", "See: voice engines") from None
