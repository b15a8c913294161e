"""The process that runs one engine: `python -m claude_narrator.models.worker MODULE:CLASS`.

Frames of `framing.py` arrive on standard input and leave on what was standard output; file descriptor 1 then
points at standard error, so that libraries may print. The engine is built and called in the main thread. When
standard input closes, the host is gone and the process ends at once, its children with it.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import queue
import signal
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from claude_narrator.models import framing
from claude_narrator.models.base import EngineContext
from claude_narrator.models.errors import EngineFailed, EngineUnavailable, NarratorError
from claude_narrator.models.integrity import check_folders
from claude_narrator.models.jobs import hints_of
from claude_narrator.models.loudness import amplify
from claude_narrator.models.shortage import is_shortage
from claude_narrator.models.types import AudioChunk

BEAT_S = 0.5
_FRAME_SAMPLES = 1 << 15


class Worker:
    """Reads jobs from `source`, runs them one after the other, writes what they give to `sink`."""

    def __init__(self, entry_point: str, source: BinaryIO, sink: BinaryIO) -> None:
        self._entry_point = entry_point
        self._source = source
        self._sink = sink
        self._sending = threading.Lock()
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._busy = threading.Event()
        self._cancelled = 0
        self._engine: Any = None

    def run(self) -> None:
        """Serve until the host says close. Ends the process when the host is gone."""
        self._send({"event": "hello", "pid": os.getpid()})
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()
        while (request := self._jobs.get())["op"] != "close":
            self._busy.set()
            self._answer(request)
            self._busy.clear()
        if self._engine is not None:
            self._engine.close()

    def _answer(self, request: dict[str, Any]) -> None:
        job = request["job"]
        try:
            last = self._load(request) if request["op"] == "load" else self._generate(request)
        except Exception as error:  # an engine may raise anything; the worker serves the next sentence
            last = _told(error)
        self._send({**last, "job": job})

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        context = EngineContext(
            files={model: Path(folder) for model, folder in request["files"].items()},
            threads=request["threads"],
            options=request["options"],
            voices={name: Path(folder) for name, folder in request["voices"].items()},
            memory_bytes=request["memory_bytes"],
        )
        try:
            check_folders(context.files)
            engine = importlib.metadata.EntryPoint("", self._entry_point, "").load()()
            loaded = engine.load(context)
        except NarratorError:
            raise
        except Exception as error:
            name = self._entry_point.partition(":")[0].rpartition(".")[2]
            raise EngineUnavailable(f"{name} could not be loaded: {_described(error)}") from error
        self._engine = engine
        return {"event": "loaded", "device": loaded.device, "precision": loaded.precision}

    def _generate(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._engine is None:
            raise EngineFailed("asked to work before it was loaded")
        with contextlib.closing(self._pieces(request)) as pieces:
            for piece in pieces:
                if self._is_cancelled(request["job"]):
                    break
                self._send_piece(request["job"], piece, request.get("gain_db", 0.0))
        return {"event": "done"}

    def _pieces(self, request: dict[str, Any]) -> Generator[Any, None, None]:
        if request["op"] == "translate":
            yield from self._engine.translate(
                request["text"], request["source"], request["target"], hints_of(request)
            )
            return
        yield from self._engine.synthesize(
            request["text"], request["voice"], request["language"], request["rate"]
        )

    def _send_piece(self, job: int, piece: str | AudioChunk, gain_db: float) -> None:
        if isinstance(piece, str):
            self._send({"event": "text", "job": job, "text": piece})
            return
        samples = np.ascontiguousarray(piece.samples, dtype="<f4")
        if samples.ndim != 1 or not np.isfinite(samples).all():
            raise EngineFailed("gave samples that are no sound")
        samples = amplify(samples, gain_db)
        header = {"event": "audio", "job": job, "sample_rate": int(piece.sample_rate)}
        for start in range(0, len(samples), _FRAME_SAMPLES):
            if not self._is_cancelled(job):
                self._send(header, samples[start : start + _FRAME_SAMPLES].tobytes())

    def _is_cancelled(self, job: int) -> bool:
        return job <= self._cancelled

    def _send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        with self._sending:
            self._sink.write(framing.encode(header, payload))
            self._sink.flush()

    def _beat(self) -> None:
        pause = threading.Event()
        with contextlib.suppress(OSError):
            while self._busy.wait():
                self._send({"event": "beat"})
                pause.wait(BEAT_S)

    def _read(self) -> None:
        """Runs in its own thread, so that a cancel and the host's end are seen while the engine works."""
        try:
            while request := _read_frame(self._source):
                if request["op"] == "cancel":
                    self._cancelled = max(self._cancelled, request["job"])
                else:
                    self._jobs.put(request)
        finally:
            _end_process_group()


def _read_frame(source: BinaryIO) -> dict[str, Any] | None:
    prefix = source.read(framing.PREFIX_SIZE)
    if len(prefix) < framing.PREFIX_SIZE:
        return None
    header, payload = framing.decode_prefix(prefix)
    body = source.read(header + payload)
    return framing.decode_header(body[:header]) if len(body) == header + payload else None


def _end_process_group() -> None:
    """The host started this process as the leader of a group, which holds whatever the engine started."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _told(error: Exception) -> dict[str, Any]:
    """The frame that tells of `error`; short of memory, the process ends, which frees what it holds."""
    if is_shortage(error):
        os._exit(framing.OUT_OF_MEMORY)
    if isinstance(error, NarratorError):
        return {"event": "error", "code": error.code, "problem": error.problem, "hint": error.hint}
    return {"event": "error", "code": EngineFailed.code, "problem": _where(error), "hint": ""}


def _described(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0][:300]


def _where(error: Exception) -> str:
    """The kind and the place, not the message: that one may quote what was to be said."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def main() -> None:
    """Serve the engine named on the command line. Ctrl-C in a terminal is the daemon's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    source = os.fdopen(os.dup(0), "rb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    with contextlib.suppress(BrokenPipeError):
        Worker(sys.argv[1], source, sink).run()
    os._exit(0)  # the reading thread still sits in read(), which the interpreter's own shutdown trips over


if __name__ == "__main__":
    main()
