"""A loopback websocket server that answers as the read-aloud service of Microsoft Edge does, well or badly.

Each answer is a row of messages: text ones with headers and JSON, binary ones whose first two bytes are the
length of their headers, then the headers, then a part of an MP3 stream.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree import ElementTree

from aiohttp import WSCloseCode, WSMsgType, web
from anyio.from_thread import start_blocking_portal

from tests.models.engines import mp3

PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
_SPEECH = "{http://www.w3.org/2001/10/synthesis}"


@dataclass(frozen=True)
class Asked:
    """What it was to speak, and how."""

    text: str
    voice: str
    rate: str


@dataclass
class Edge:
    """How it behaves, and what it saw.

    `fault` is a status of the handshake such as `429`, or one of `silent`, `cut` (half the sound, then the
    connection is gone), `closed` (half the sound, then a proper end), `empty` (no sound), `garbage` (noise in
    place of the sound), `strange` (a message that is none of the protocol's), `text` (no JSON).
    """

    fault: str = ""
    asked: list[Asked] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    @property
    def texts(self) -> list[str]:
        """What it was to speak, in order."""
        return [asked.text for asked in self.asked]


@contextmanager
def running(edge: Edge) -> Iterator[Edge]:
    """Serve until the end of the block, in a thread of its own."""
    with start_blocking_portal() as portal:
        runner = portal.call(_start, edge)
        try:
            yield edge
        finally:
            portal.call(runner.cleanup)


async def _start(edge: Edge) -> web.AppRunner:
    async def answer(request: web.Request) -> web.StreamResponse:
        return await _serve(edge, request)

    application = web.Application()
    application.router.add_get(PATH, answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    edge.url = f"ws://127.0.0.1:{port}{PATH}"
    return runner


async def _serve(edge: Edge, request: web.Request) -> web.StreamResponse:
    edge.queries.append(dict(request.query))
    if edge.fault.isdigit():
        return web.Response(status=int(edge.fault))
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    settings = await socket.receive_str()
    assert "Path:speech.config" in settings
    asked = _asked(await socket.receive_str())
    edge.asked.append(asked)
    if edge.fault == "silent":
        edge.stalled.set()
        message = await socket.receive()
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            edge.hung_up.set()
        return socket
    await _answer(edge.fault, asked, socket, request)
    return socket


async def _answer(fault: str, asked: Asked, socket: web.WebSocketResponse, request: web.Request) -> None:
    await socket.send_str(_message("turn.start", "{}"))
    if fault == "strange":
        await socket.send_str(_message("other", "{}"))
    sound = mp3.spoken(asked.text, 1 + int(asked.rate.rstrip("%")) / 100)
    await socket.send_str(
        _message("audio.metadata", "{" if fault == "text" else _boundary(asked, len(sound)))
    )
    sound = {"garbage": bytes(len(sound)), "empty": b""}.get(fault, sound)
    if fault in ("cut", "closed"):
        sound = sound[: len(sound) // 2]
    for start in range(0, len(sound), 4000):
        await socket.send_bytes(_part(sound[start : start + 4000]))
    if fault == "cut":
        assert request.transport is not None
        request.transport.abort()
    elif fault == "closed":
        await socket.close(code=WSCloseCode.INTERNAL_ERROR)
    else:
        await socket.send_bytes(_headers(b"X-RequestId:1\r\nPath:audio"))
        await socket.send_str(_message("turn.end", "{}"))


def _asked(message: str) -> Asked:
    headers, _, body = message.partition("\r\n\r\n")
    assert "Path:ssml" in headers
    voice = ElementTree.fromstring(body).find(f"{_SPEECH}voice")
    assert voice is not None
    (prosody,) = voice
    name = re.fullmatch(r"Microsoft Server Speech Text to Speech Voice \((.+), (.+)\)", voice.attrib["name"])
    assert name is not None
    assert len(list(prosody)) == 0
    return Asked(prosody.text or "", f"{name[1]}-{name[2]}", prosody.attrib["rate"])


def _message(path: str, body: str) -> str:
    return f"X-RequestId:1\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n{body}"


def _boundary(asked: Asked, sound_bytes: int) -> str:
    """How long the sentence will last, in units of 100 ns, a little less than the sound."""
    ticks = max(0, sound_bytes - 1200) * 10_000_000 // 6000
    text = {"Text": asked.text, "Length": len(asked.text), "BoundaryType": "SentenceBoundary"}
    data = {"Offset": 1_000_000, "Duration": ticks, "text": text}
    return json.dumps({"Metadata": [{"Type": "SentenceBoundary", "Data": data}]})


def _part(sound: bytes) -> bytes:
    return _headers(b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio") + sound


def _headers(headers: bytes) -> bytes:
    return len(headers + b"\r\n").to_bytes(2, "big") + headers + b"\r\n"
