"""Speaks by the HTTP API of VOICEVOX ENGINE; AivisSpeech, COEIROINK and others have the same one.

A sentence is two requests: `audio_query` turns text into moras with their lengths and pitches, `synthesis`
turns those into a WAV file. The user dictionary is the server's own.
"""

from __future__ import annotations

import contextlib
import io
import re
import wave
from collections.abc import Generator, Iterator
from typing import Any
from urllib.parse import urlencode

import numpy as np

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.local_server import ANSWER_TIMEOUT_S, Server, ServerFailed
from claude_narrator.models.engines.server_settings import find_server
from claude_narrator.models.errors import BadInput, EngineFailed, EngineUnavailable, UnknownVoice
from claude_narrator.models.options import parse_voices
from claude_narrator.models.pacing import paced
from claude_narrator.models.phrases import clean_text, cut_phrases, pause_after_ms
from claude_narrator.models.types import AudioChunk, Language, SampleRate, Samples

ENGINE = {
    "kind": "synthesizer",
    "summary": "Characters of VOICEVOX or AivisSpeech, which you run beside it",
    "licence": "Apache-2.0 (code); each character's own terms, and a credit such as VOICEVOX:name",
    "options": {
        "url": {
            "comment": "Address of the engine; AivisSpeech listens on port 10101.",
            "example": "http://127.0.0.1:50021",
        },
        "voices": {
            "comment": "The styles that you want: an id of its /speakers, with a name in front if you like.",
            "default": "ja:zundamon-3 ja:metan-2",
            "example": "ja:zundamon-3 ja:metan-2",
        },
    },
    "quality": 70,
}
_FIRST_TIMEOUT_S = 120.0
"""The first sentence of a style waits until the server has read it from disk."""
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 20, 60
_STYLE = re.compile(r"(?:\A|-)(\d{1,12})\Z")
_LEAD_S, _TAIL_S = 0.02, 0.02
_RATES = range(8_000, 192_001)
_SIGN_OF_LIFE = AudioChunk(np.zeros(0, np.float32), SampleRate(24_000))


class Voicevox:
    """A `Synthesizer`. Every rate is the server's own `speedScale`."""

    def __init__(self) -> None:
        self._server: Server | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Check that the server has every style that is listed, and have a word spoken by each unheard.

        :raises EngineUnavailable: a wrong setting, a style that is not there, or a server that does not
            answer as it should.
        """
        server = find_server("voicevox", context.options)
        styles = _listed_styles(context.options.get("voices", ""))
        try:
            version = server.json_of("GET", "/version")
            _check(styles, server)
            for style in dict.fromkeys(styles.values()):
                for _ in _say(server, "準備。", style, 1.0, _FIRST_TIMEOUT_S):
                    pass
        except ServerFailed as error:
            raise server.unusable(error) from None
        self._server = server
        return Loaded(server.address, str(version)[:40])

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`; empty chunks are signs of life.

        :raises UnknownVoice: `voice` does not end with the number of a style.
        :raises EngineFailed: not loaded, or the server failed.
        :raises EngineUnavailable: the server is gone or keeps us out.
        """
        if self._server is None:
            raise EngineFailed("voicevox is not loaded")
        return _pieces(self._server, text, _style_of(voice), rate)

    def close(self) -> None:
        """Forget the server."""
        self._server = None


def _pieces(server: Server, text: str, style: int, rate: float) -> Iterator[AudioChunk]:
    for piece in cut_phrases(clean_text(text), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
        if any(map(str.isalnum, piece)):
            with server.failures_in_work():
                yield from _say(server, piece, style, rate)


def _say(
    server: Server, piece: str, style: int, rate: float, timeout_s: float = ANSWER_TIMEOUT_S
) -> Iterator[AudioChunk]:
    path = "/audio_query?" + urlencode({"text": piece, "speaker": style})
    query = server.parse_json((yield from _awaited(server.ask("POST", path, timeout_s=timeout_s))))
    if not isinstance(query, dict):
        raise server.nonsense("what is no audio query")
    query |= {"speedScale": rate, "prePhonemeLength": _LEAD_S, "postPhonemeLength": _TAIL_S}
    query["outputStereo"] = False
    answer = server.ask("POST", f"/synthesis?speaker={style}", query, timeout_s, wants_sound=True)
    samples, sample_rate = _read_wav(server, (yield from _awaited(answer)))
    spoken = paced(samples, sample_rate, pause_after_ms(piece, rate))
    if len(spoken):
        yield AudioChunk(spoken, sample_rate)


def _awaited(answer: Generator[bytes, None, None]) -> Generator[AudioChunk, None, bytes]:
    """The whole answer; signs of life come out meanwhile."""
    blocks = []
    with contextlib.closing(answer):
        for block in answer:
            blocks.append(block)
            if not block:
                yield _SIGN_OF_LIFE
    return b"".join(blocks)


def _read_wav(server: Server, content: bytes) -> tuple[Samples, SampleRate]:
    """Samples of a 16-bit file, of several channels the first."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            form, data = file.getparams(), file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError):
        raise server.nonsense("what is no WAV file") from None
    if form.sampwidth != 2 or form.framerate not in _RATES:
        raise server.nonsense("a WAV file of another form than 16 bit")
    if len(data) != form.nframes * form.nchannels * 2:
        raise ServerFailed(f"{server.address} broke off")
    samples = np.frombuffer(data, "<i2")[:: form.nchannels].astype(np.float32) / np.float32(32768)
    return samples, SampleRate(form.framerate)


def _style_of(voice: str) -> int:
    if (found := _STYLE.search(voice)) is None:
        raise UnknownVoice(
            f"the voice {voice[:60]!r} of voicevox does not end with the number of a style",
            "Write it as NUMBER or NAME-NUMBER; the server's /speakers has the numbers.",
        )
    return int(found[1])


def _listed_styles(text: str) -> dict[str, int]:
    try:
        return {name: _style_of(name) for names in parse_voices(text).values() for name in names}
    except BadInput as error:
        raise EngineUnavailable(f"engines.voicevox.voices: {error.problem}", error.hint) from None


def _check(styles: dict[str, int], server: Server) -> None:
    there = _styles_there(server.json_of("GET", "/speakers"))
    for name, style in styles.items():
        if style not in there:
            some = ", ".join(f"{style} {there[style]}" for style in list(there)[:8]) or "none"
            raise ServerFailed(
                f"{server.address} has no style {style} for the voice {name}",
                f"It has {some}{' and more' if len(there) > 8 else ''}; set engines.voicevox.voices.",
            )


def _styles_there(speakers: Any) -> dict[int, str]:
    """The name of each style by its id, from an answer of `/speakers`."""
    entries = [entry for entry in speakers if isinstance(entry, dict)] if isinstance(speakers, list) else []
    return {
        style["id"]: f"{entry.get('name')} {style.get('name')}"
        for entry in entries
        for style in entry.get("styles", ())
        if isinstance(style, dict) and isinstance(style.get("id"), int)
    }
