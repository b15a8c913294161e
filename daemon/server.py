"""The Unix socket: one daemon a user, his processes only, one task a connection."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import socket
import stat
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import SocketAttribute, SocketListener, SocketStream

from claude_narrator.daemon.errors import to_wire
from claude_narrator.daemon.frames import FrameStream
from claude_narrator.daemon.protocol import Answer, Hook, Mcp, Request, Shutdown
from claude_narrator.daemon.wire import ProtocolError, decode_request, encode
from claude_narrator.models.errors import NarratorError

MAX_CONNECTIONS = 256

_log = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another daemon of this user holds the lock."""


class RunLock:
    """The lock that makes the daemon the only one; held until `release`, or until the process ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        :raises AlreadyRunning: somebody else has it.
        :raises NarratorError: the folder is not ours alone.
        """
        make_private_folder(path.parent)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise AlreadyRunning from None
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Let the next daemon in."""
        os.close(self._file)


class SocketFile:
    """The file of a socket that was just bound; another one at its path is somebody else's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode = path.lstat().st_ino

    def is_ours(self) -> bool:
        """Whether the path still leads to the socket that was bound."""
        try:
            return self._path.lstat().st_ino == self._inode
        except OSError:
            return False

    def remove(self) -> None:
        """Remove the file, if it is still ours."""
        if self.is_ours():
            self._path.unlink()


def make_private_folder(folder: Path) -> None:
    """Create `folder` with mode 0700, or check that it is a folder of ours that nobody else can enter.

    :raises NarratorError: it is a link, another user's, or open to others, or what it lies in is gone.
    """
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except FileNotFoundError:
        raise NarratorError(f"{folder.parent} is gone", "Whoever starts the daemon makes it.") from None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NarratorError(f"{folder} is not a folder", "Remove it; the daemon makes its own.")
    if found.st_uid != os.getuid():
        raise NarratorError(f"{folder} belongs to another user", "Remove it, or set CLAUDE_NARRATOR_HOME.")
    if found.st_mode & 0o077:
        raise NarratorError(f"{folder} is open to other users", f"Run: chmod 700 {folder}")


async def listen(path: Path) -> SocketListener:
    """Bind the socket at `path` with mode 0600.

    The caller holds the run lock, so an old socket file is stale.
    """
    await anyio.Path(path).unlink(missing_ok=True)
    mask = os.umask(0o177)
    try:
        return await anyio.create_unix_listener(path, mode=0o600)
    finally:
        os.umask(mask)


class Server:
    """Answers requests with `answer`, hands a connection that becomes MCP to `serve_mcp`.

    `shutdown` is called after the request for it has been answered.
    """

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[dict[str, Any]]],
        serve_mcp: Callable[[FrameStream, Mcp], Awaitable[None]],
        shutdown: Callable[[], None],
    ) -> None:
        self._answer = answer
        self._serve_mcp = serve_mcp
        self._shutdown = shutdown
        self._open = 0

    async def serve(self, listener: SocketListener) -> None:
        """Serve until cancelled."""
        await listener.serve(self._connection)

    async def _connection(self, stream: SocketStream) -> None:
        async with stream:
            if peer_uid(stream.extra(SocketAttribute.raw_socket)) != os.getuid():
                _log.warning("refused a connection of another user")
                return
            if self._open >= MAX_CONNECTIONS:
                _log.warning("refused a connection: %d are open", self._open)
                return
            self._open += 1
            try:
                await self._talk(FrameStream(stream))
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                _log.debug("a client left before its answer")
            finally:
                self._open -= 1

    async def _talk(self, frames: FrameStream) -> None:
        while True:
            try:
                body = await frames.read()
                if body is None:
                    return None
                request = decode_request(body)
            except ProtocolError as error:
                _log.warning("refused a request: %s", error)
                return await frames.write(_body(Answer(error=to_wire(error))))
            if isinstance(request, Mcp):
                return await self._serve_mcp(frames, request)
            if isinstance(request, Shutdown):
                await frames.write(_body(Answer()))
                return self._shutdown()
            answer = await self._one(request)
            if not isinstance(request, Hook):
                await frames.write(_body(answer))

    async def _one(self, request: Request) -> Answer:
        try:
            return Answer(result=await self._answer(request))
        except Exception as error:  # a bug too is one line for who asked, and costs no other request
            wire = to_wire(error)
            _log.info("refused %s: %s", request.op, wire["code"])
            return Answer(error=wire)


def peer_uid(connection: Any) -> int:
    """Return the user id of the process at the other end of a Unix socket."""
    if sys.platform == "darwin":
        local_peercred, level_local = 0x001, 0
        credentials = connection.getsockopt(level_local, local_peercred, 76)
        return int(struct.unpack_from("=IIH", credentials)[1])
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", credentials)[1])


def _body(answer: Answer) -> bytes:
    try:
        return encode(answer)[4:]
    except ProtocolError as error:
        return json.dumps({"ok": False, "error": to_wire(error)}).encode()
