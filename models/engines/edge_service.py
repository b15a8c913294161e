"""Asks the read-aloud service of Microsoft Edge for one piece of text at a time, by the package edge-tts.

The service speaks a websocket protocol with a token that changes now and then; following it is the package's
work. What is added here: a deadline, a cancel that closes the connection at once, and the check that the
sound is as long as the service said the sentence would be, since the package takes an end for the end.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, aclosing, suppress
from typing import Any
from urllib.parse import urlsplit

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal

from claude_narrator.models.engines.network_voices import SIGN_OF_LIFE
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.extras import install_command
from claude_narrator.models.types import AudioChunk

DEADLINE_S = 12.0
"""For a whole piece, which takes the service one or two."""
_SIGN_OF_LIFE_S = 0.1
_TICKS_A_SECOND = 10_000_000
_BYTES_A_SECOND = 6_000
"""The package asks for 48 kbit/s."""
_SLACK_S = 0.5


class EdgeService:
    """The connection's own thread; `address` other than "" stands in for the service's."""

    def __init__(self, address: str) -> None:
        """Load the package and start the thread.

        :raises EngineUnavailable: the package is not installed, or `address` is none.
        """
        try:
            from edge_tts import communicate
        except ImportError as error:
            raise EngineUnavailable(
                f"edge_tts cannot be used: {error}", f"Run: {install_command('edge_tts')}"
            ) from None
        self.host = _point_to(address, communicate)
        self._package = communicate
        self._stack = ExitStack()
        self._portal: BlockingPortal = self._stack.enter_context(start_blocking_portal())

    def ask(self, text: str, voice: str, percent: int) -> Generator[AudioChunk, None, bytes]:
        """Return the MP3 stream of `text`, `percent` faster; yields signs of life, closing it hangs up.

        :raises EngineFailed: the service gave no sound, or not all of it.
        :raises EngineUnavailable: it cannot be reached, is silent, or keeps us out.
        """
        future = self._portal.start_task_soon(self._collect, text, voice, f"{percent:+d}%")
        try:
            while True:
                with suppress(TimeoutError):
                    future.exception(_SIGN_OF_LIFE_S)
                    break
                yield SIGN_OF_LIFE
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """End the thread."""
        self._stack.close()

    async def _collect(self, text: str, voice: str, rate: str) -> bytes:
        import aiohttp
        from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError

        try:
            with anyio.fail_after(DEADLINE_S):
                return await self._whole(text, voice, rate)
        except TimeoutError:
            raise self._unavailable(f"{self.host} did not answer within {DEADLINE_S:.0f} s") from None
        except (aiohttp.ClientResponseError, SkewAdjustmentError) as error:
            status = getattr(error, "status", 403)
            raise self._unavailable(f"{self.host} refuses us (status {status})") from None
        except (aiohttp.ClientConnectionError, OSError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise self._unavailable(f"{self.host} cannot be reached: {reason}") from None
        except NoAudioReceived:
            raise EngineFailed(f"{self.host} has no sound for this text") from None
        except (EdgeTTSException, aiohttp.ClientError, ValueError, LookupError, TypeError) as error:
            raise EngineFailed(f"{self.host} answered nonsense: {type(error).__name__}") from None

    async def _whole(self, text: str, voice: str, rate: str) -> bytes:
        sound, promised_s = bytearray(), 0.0
        async with aclosing(self._package.Communicate(text, voice, rate=rate).stream()) as messages:
            async for message in messages:
                if message["type"] == "audio":
                    sound += message["data"]
                else:
                    promised_s = max(promised_s, _end_s(message))
        if len(sound) / _BYTES_A_SECOND < promised_s - _SLACK_S:
            raise EngineFailed(f"{self.host} broke off")
        return bytes(sound)

    def _unavailable(self, problem: str) -> EngineUnavailable:
        return EngineUnavailable(f"edge_tts cannot be used: {problem}", "See: voice engines")


def _end_s(boundary: Any) -> float:
    return float(boundary["offset"] + boundary["duration"]) / _TICKS_A_SECOND


def _point_to(address: str, communicate: Any) -> str:
    """Have the package ask at `address`, and return the host that is asked."""
    if address:
        parts = urlsplit(address)
        if parts.scheme not in ("ws", "wss") or not parts.hostname or not hasattr(communicate, "WSS_URL"):
            raise EngineUnavailable(
                "engines.edge_tts.url is no websocket address", "Set it to wss://HOST/PATH, or to nothing."
            )
        token = urlsplit(communicate.WSS_URL).query
        communicate.WSS_URL = f"{address}?{token}"
    return str(urlsplit(communicate.WSS_URL).netloc)
