"""A loopback server that speaks the HTTP APIs of chat, speech and VOICEVOX servers, well or badly."""

from __future__ import annotations

import io
import json
import re
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np

RATE = 24_000
STYLES = [{"name": "ずんだもん", "styles": [{"name": "ノーマル", "id": 3}]},
          {"name": "四国めたん", "styles": [{"name": "ノーマル", "id": 2}]}]  # fmt: skip
WORK = ("/v1/chat/completions", "/v1/audio/speech", "/synthesis")
"""The paths that a fault is about; the others answer as they should."""


@dataclass
class StandIn:
    """How it behaves, and what it saw.

    `fault` is a status such as `500`, or one of `garbage` (no HTTP), `html`, `wav`, `empty`, `odd` (a byte
    too many), `cut` (half the body, then the end), `stall` (half the body, then silence), `silent`; it holds
    for the `WORK` paths from the request number `fault_from` on. `says` is what the chat model writes.
    `knows` is what it translates each question of a text into; without it, a text comes back as it went.
    `answers` makes what it writes of what it is asked.
    `words` is VOICEVOX's user dictionary by id, `words_answer` what is told in its place.
    """

    fault: str = ""
    fault_from: int = 0
    says: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=lambda: ["first", "second"])
    key: str = ""
    knows: str = ""
    answers: Callable[[str], str] | None = None
    prefix: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    words: dict[str, dict[str, Any]] = field(default_factory=dict)
    words_answer: str = ""

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """What was asked at a path, in order."""
        return [body for at, body in self.asked if at == path]


@contextmanager
def running(stand_in: StandIn) -> Iterator[StandIn]:
    """Serve until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": stand_in}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}{stand_in.prefix}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tone(characters: int, rate: float) -> bytes:
    """PCM of 60 ms a character at `rate`, a fifth of a second of silence around it."""
    seconds = np.arange(0, 0.06 * characters / rate, 1 / RATE)
    sound = 0.3 * np.sin(2 * np.pi * 220 * seconds)
    quiet = np.zeros(int(0.1 * RATE / rate))
    return (np.concatenate([quiet, sound, quiet]) * 32767).astype("<i2").tobytes()


def wav(pcm: bytes, rate: int = RATE, channels: int = 1) -> bytes:
    """A WAV file of 16-bit samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def events_of(pieces: list[str]) -> list[str]:
    """The events of a chat answer."""
    deltas = [{"role": "assistant"}, *({"content": piece} for piece in pieces)]
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    return [*(f"data: {json.dumps(event)}" for event in (*events, last)), "data: [DONE]"]


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._serve(json.loads(body) if body else {})

    def do_PUT(self) -> None:
        self._serve({})

    def _serve(self, body: dict[str, Any]) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(self.stand_in.prefix)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        before = len([at for at, _ in self.stand_in.asked if at in WORK])
        self.stand_in.asked.append((path, {**query, **body}))
        if self.stand_in.key and self.headers.get("Authorization") != f"Bearer {self.stand_in.key}":
            self._answer(b'{"error": {"message": "no"}}', "application/json", status=401)
        elif path.startswith("/user_dict_word"):
            self._keep_word(path.removeprefix("/user_dict_word").strip("/"), {**query, **body})
        elif self.stand_in.fault and path in WORK and before >= self.stand_in.fault_from:
            self._misbehave(self.stand_in.fault, path, {**query, **body})
        else:
            self._answer(*self._good(path, {**query, **body}))

    def _good(self, path: str, asked: dict[str, Any]) -> tuple[bytes, str]:
        if path == "/v1/models":
            listed = {"object": "list", "data": [{"id": name} for name in self.stand_in.models]}
            return json.dumps(listed).encode(), "application/json"
        if path == "/v1/chat/completions":
            question, answers = asked["messages"][-1]["content"], self.stand_in.answers
            pieces = [answers(question)] if answers else self.stand_in.says
            pieces = pieces or _translated(question, self.stand_in.knows)
            events = self.stand_in.events or events_of(pieces)
            return "".join(f"{event}\n\n" for event in events).encode(), "text/event-stream"
        if path == "/v1/audio/speech":
            return tone(len(asked["input"]), asked["speed"]), "audio/pcm"
        return self._voicevox(path, asked)

    def _voicevox(self, path: str, asked: dict[str, Any]) -> tuple[bytes, str]:
        if path == "/user_dict":
            return (
                self.stand_in.words_answer or json.dumps(self.stand_in.words)
            ).encode(), "application/json"
        if path == "/synthesis":
            return wav(tone(len(asked["kana"]), asked["speedScale"])), "audio/wav"
        answers: dict[str, Any] = {
            "/version": "0.25.0",
            "/speakers": STYLES,
            "/audio_query": {"accent_phrases": [], "speedScale": 1.0, "kana": asked.get("text")},
        }
        return json.dumps(answers[path]).encode(), "application/json"

    def _keep_word(self, word_id: str, asked: dict[str, Any]) -> None:
        """As VOICEVOX does: katakana that can be said, an id for a new word, no content for a changed one."""
        words = self.stand_in.words
        sayable = re.fullmatch("[ァ-ヴー]+", asked["pronunciation"]) and "ーッ" not in asked["pronunciation"]
        known = word_id in words if self.command == "PUT" else not word_id
        if not sayable or not known or not 0 <= int(asked["accent_type"]) <= len(asked["pronunciation"]):
            self._answer(b'{"detail": "no"}', "application/json", status=422)
            return
        word_id = word_id or f"id-{len(words) + 1}"
        words[word_id] = asked
        if self.command == "PUT":
            self.send_response(204)
            self.end_headers()
            return
        self._answer(json.dumps(word_id).encode(), "application/json")

    def _misbehave(self, fault: str, path: str, asked: dict[str, Any]) -> None:
        good, kind = self._good(path, asked)
        if fault.isdigit():
            self._answer(b'{"error": {"message": "the text was: ..."}}', "application/json", int(fault))
        elif fault == "garbage":
            self.wfile.write(b"\x00\xff no http at all\r\n\r\n" * 20)
            self.close_connection = True
        elif fault in ("cut", "stall"):
            self._answer(good, kind, sent=len(good) // 4 * 2, stalls=fault == "stall")
        elif fault == "silent":
            self._wait_for_the_end()
        else:
            others = {
                "html": (b"<html>It works!</html>", "text/html"),
                "wav": (wav(bytes(2000)), "audio/pcm"),
                "empty": (b"", kind),
                "odd": (good[:4801], kind),
                "noise": (bytes(range(256)) * 8, kind),
            }
            self._answer(*others[fault])

    def _answer(
        self, body: bytes, kind: str, status: int = 200, sent: int | None = None, stalls: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with suppress(ConnectionError):
            for start in range(0, len(body[:sent]), 4800):
                block = body[:sent][start : start + 4800]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
            if stalls:
                self._wait_for_the_end()
            elif sent is None:
                self.wfile.write(b"0\r\n\r\n")
        self.close_connection = True

    def _wait_for_the_end(self) -> None:
        self.stand_in.stalled.set()
        with suppress(ConnectionError):
            self.connection.recv(1)
        self.stand_in.hung_up.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def _translated(question: str, known: str) -> list[str]:
    """The words of `Translate into X: "Y"` after the first two, or `known` for each question among them."""
    text = " ".join([known] * question.count("?")) if known else question.split(" ", 2)[-1]
    return [f"{word} " for word in text.split(" ")]
