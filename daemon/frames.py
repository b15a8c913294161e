"""Length-prefixed frames over an anyio byte stream."""

from __future__ import annotations

import anyio
from anyio.abc import ByteStream
from anyio.streams.buffered import BufferedByteReceiveStream

from claude_narrator.daemon.wire import HEADER, MAX_FRAME, ProtocolError, frame

FRAME_TIMEOUT_S = 10.0
"""A peer that has begun a frame must finish it within this time."""


class FrameStream:
    """Reads and writes frames on `stream`; one reader and any number of writers at a time."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._buffer = BufferedByteReceiveStream(stream)
        self._writing = anyio.Lock()

    async def read(self) -> bytes | None:
        """Return the body of the next frame, or None when the peer has closed between two frames.

        :raises ProtocolError: longer than MAX_FRAME, cut off, or slower than FRAME_TIMEOUT_S.
        """
        try:
            first = await self._buffer.receive_exactly(1)
        except (anyio.IncompleteRead, anyio.EndOfStream, anyio.BrokenResourceError):
            return None
        try:
            with anyio.fail_after(FRAME_TIMEOUT_S):
                return await self._rest(first)
        except TimeoutError:
            raise ProtocolError(f"the frame did not end within {FRAME_TIMEOUT_S:.0f} seconds") from None
        except (anyio.IncompleteRead, anyio.EndOfStream, anyio.BrokenResourceError):
            raise ProtocolError("the connection closed inside a frame") from None

    async def write(self, body: bytes) -> None:
        """Send one frame.

        :raises ProtocolError: longer than MAX_FRAME.
        :raises anyio.BrokenResourceError: the peer is gone.
        """
        async with self._writing:
            await self._stream.send(frame(body))

    async def _rest(self, first: bytes) -> bytes:
        (length,) = HEADER.unpack(first + await self._buffer.receive_exactly(HEADER.size - 1))
        if length > MAX_FRAME:
            raise ProtocolError(f"a frame of {length} bytes, more than the {MAX_FRAME} allowed")
        return await self._buffer.receive_exactly(length) if length else b""
