"""A worker process seen from the host: started, spoken to in frames, killed, and what its end was."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from claude_narrator.models import bootstrap, framing
from claude_narrator.models.engine_state import EngineSpec
from claude_narrator.models.environments import interpreter

_MODULE = "claude_narrator.models.worker"
_LOG_LINE = 2000


class WorkerDied(Exception):
    """The process has ended, or wrote what is no frame; the message says which, without a subject."""


class WorkerProcess:
    """One running worker. Safe to go on with after a cancelled `receive`: no byte is lost."""

    def __init__(self, process: Process, log: logging.Logger) -> None:
        assert process.stdout is not None
        self._process = process
        self._log = log
        self._stream = BufferedByteReceiveStream(process.stdout)
        self._sizes: tuple[int, int] | None = None

    @property
    def pid(self) -> int:
        """Process id, and id of the process group that the worker leads."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """False once its end is known."""
        return self._process.returncode is None

    async def send(self, header: Mapping[str, Any]) -> None:
        """Write one frame.

        :raises WorkerDied: nobody reads any more.
        """
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(framing.encode(header))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            raise WorkerDied(await self._end()) from None

    async def receive(self) -> framing.Frame:
        """Return the next frame.

        :raises WorkerDied: there will be none.
        """
        try:
            if self._sizes is None:
                self._sizes = framing.decode_prefix(await self._stream.receive_exactly(framing.PREFIX_SIZE))
            header, payload = self._sizes
            body = await self._stream.receive_exactly(header + payload)
            self._sizes = None
            return framing.Frame(framing.decode_header(body[:header]), body[header:])
        except framing.BadFrame as error:
            await self.kill()
            raise WorkerDied(f"answered nonsense: {error}") from None
        except (
            anyio.IncompleteRead,
            anyio.EndOfStream,
            anyio.BrokenResourceError,
            anyio.ClosedResourceError,
        ):
            raise WorkerDied(await self._end()) from None

    async def load(self, spec: EngineSpec, allowed_bytes: int) -> Mapping[str, Any]:
        """Have the engine loaded and return the header of the answer, `loaded` or `error`.

        It may take `allowed_bytes` of memory, 0 for as much as there is.

        :raises WorkerDied: it ended on the way.
        """
        files = {model: str(folder) for model, folder in spec.files.items()}
        voices = {name: str(folder) for name, folder in spec.voices.items()}
        context = {"files": files, "threads": spec.threads, "options": dict(spec.options), "voices": voices}
        await self.send({"op": "load", "job": 0, "memory_bytes": allowed_bytes, **context})
        while (header := (await self.receive()).header).get("event") == "beat":
            pass
        return header

    async def next_of(self, job: int, chunk_s: float, silence_s: float) -> framing.Frame:
        """Return the next frame of `job`, signs of life left out.

        :raises WorkerDied: it ended on the way.
        :raises TimeoutError: `chunk_s` went by, or `silence_s` without even a sign of life.
        """
        with anyio.fail_after(chunk_s):
            while True:
                with anyio.fail_after(silence_s):
                    frame = await self.receive()
                if frame.header.get("job") == job:
                    return frame

    async def cancel(self, job: int) -> None:
        """Have `job` ended early and return when it has.

        :raises WorkerDied: it ended on the way.
        """
        await self.send({"op": "cancel", "job": job})
        while (await self.receive()).header.get("event") not in ("done", "error"):
            pass

    async def kill(self) -> None:
        """End the process and what it started, at once, and wait until it is gone. Not cancellable."""
        with anyio.CancelScope(shield=True):
            if self.is_alive:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.pid, signal.SIGKILL)
            await self._process.aclose()

    async def stop(self, timeout_s: float) -> None:
        """Ask the worker to free its engine and end; kill it after `timeout_s`."""
        with suppress(WorkerDied), anyio.move_on_after(timeout_s, shield=True):
            await self.send({"op": "close"})
            await self._process.wait()
        await self.kill()

    async def copy_stderr(self) -> None:
        """Log what libraries print until the process ends: at debug level, for it may quote what is said."""
        assert self._process.stderr is not None
        line = b""
        with suppress(anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            while True:
                *lines, line = (line + await self._process.stderr.receive()).split(b"\n")
                for complete in lines:
                    self._log.debug("%s", complete[:_LOG_LINE].decode("utf-8", "replace"))
                line = line[:_LOG_LINE]

    async def _end(self) -> str:
        """Reap a process whose pipe has closed and say how it ended."""
        with anyio.move_on_after(0.5, shield=True):
            await self._process.wait()
        code = self._process.returncode
        await self.kill()
        if code is None:
            return "closed its pipe"
        if code == framing.OUT_OF_MEMORY:
            return "ran out of memory"
        if code < 0:
            with suppress(ValueError):
                return f"died of {signal.Signals(-code).name}"
        return f"ended with status {code}"


async def start_worker(spec: EngineSpec, log: logging.Logger) -> WorkerProcess:
    """Start a process for an engine, in a session of its own.

    :raises OSError: the system cannot start another process.
    """
    environ = {**os.environ, "OMP_NUM_THREADS": str(spec.threads), "HF_HUB_OFFLINE": "1"}
    command = [*_python(spec.environment), spec.entry_point]
    process = await anyio.open_process(command, env=environ, cwd="/", start_new_session=True)
    return WorkerProcess(process, log)


def _python(environment: Path | None) -> list[str]:
    if environment is None:
        return [sys.executable, "-P", "-m", _MODULE]
    return [str(interpreter(environment)), "-P", bootstrap.__file__]
