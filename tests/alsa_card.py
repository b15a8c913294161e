"""A sound card that a test hears: ALSA's `file` plugin writes into a pipe that is read in real time.

The card has eight channels of 16 bits, so that the smallest pipe (4096 bytes) holds 256 frames: what the card
has taken is heard at most 11 ms later at 24 kHz. No sound server, no root, nobody else's ALSA settings are
touched: `ALSA_CONFIG_PATH` is set for the child process alone.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import os
import select
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

CHANNELS = 8
PIPE_BYTES = 4096
TICK_S = 0.002
MOST_BEHIND_S = 0.05
NEEDED = "this test plays through PortAudio: apt install libportaudio2"

NO_CARD = "pcm.!default { type hw card 31 }\n"
"""ALSA settings of a machine without a card; PortAudio aborts the process when they name no pcm at all."""
_CONFIG = """
pcm.recorded {{
    type plug
    slave {{
        pcm {{
            type file
            file "{fifo}"
            format raw
            slave.pcm {{ type null }}
        }}
        format S16_LE
        rate {rate}
        channels {channels}
    }}
    ttable {{ {ttable} }}
    hint {{ show on description "A card that a test hears" }}
}}
pcm.!default pcm.recorded
"""


@dataclass(frozen=True, slots=True)
class HeardBlock:
    """Samples that came out of the card at `at_s` of the monotonic clock."""

    at_s: float
    samples: NDArray[np.int16]


class RecordedCard:
    """A context manager: start the child with `environment`, then look at `samples()` and `blocks()`."""

    def __init__(self, rate: int = 24_000) -> None:
        assert ctypes.util.find_library("portaudio"), NEEDED
        self.rate = rate
        self._blocks: list[HeardBlock] = []
        self._lock = threading.Lock()
        self._going = True
        self._folder = tempfile.TemporaryDirectory(prefix="card-")
        self._fifo = Path(self._folder.name) / "pcm"
        self._config = Path(self._folder.name) / "asound.conf"
        self._pipe = -1
        self.plug_in()
        self._thread = threading.Thread(target=self._listen, name="recorded card")

    @property
    def environment(self) -> dict[str, str]:
        """What the child needs to find this card, and no other, as its default."""
        return {"ALSA_CONFIG_PATH": str(self._config)}

    def __enter__(self) -> RecordedCard:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._going = False
        self._thread.join()
        self.pull_out()
        self._folder.cleanup()

    def samples(self) -> NDArray[np.int16]:
        """Return everything heard so far, silence included, shape (n,)."""
        heard = [block.samples for block in self.blocks()]
        return np.concatenate(heard) if heard else np.zeros(0, np.int16)

    def blocks(self) -> list[HeardBlock]:
        """Return what was heard so far, piece by piece."""
        with self._lock:
            return list(self._blocks)

    def plug_in(self) -> None:
        """Make the card be there."""
        os.mkfifo(self._fifo)
        with self._lock:
            # Read and write: opening never waits for the child, and its going is no end of file.
            self._pipe = os.open(self._fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        ttable = " ".join(f"0.{channel} 1" for channel in range(CHANNELS))
        text = _CONFIG.format(fifo=self._fifo, rate=self.rate, channels=CHANNELS, ttable=ttable)
        self._config.write_text(text)

    def pull_out(self) -> None:
        """Make the card be gone: what is written to it fails, and it cannot be found again."""
        self._config.write_text(NO_CARD)
        self._fifo.unlink(missing_ok=True)
        with self._lock:
            if self._pipe >= 0:
                os.close(self._pipe)
            self._pipe = -1

    def _listen(self) -> None:
        begun_s, frames = time.monotonic(), 0
        while self._going:
            due = int((time.monotonic() - begun_s) * self.rate) - frames
            if due > MOST_BEHIND_S * self.rate:  # nobody fed it: a card does not catch up on that
                begun_s, frames, due = time.monotonic(), 0, 0
            taken = self._take(due) if due > 0 else 0
            frames += taken
            if not taken:
                time.sleep(TICK_S)

    def _take(self, frames: int) -> int:
        with self._lock:
            if self._pipe < 0 or not select.select([self._pipe], [], [], 0)[0]:
                return 0
            data = os.read(self._pipe, frames * CHANNELS * 2)
            block = np.frombuffer(data, "<i2").reshape(-1, CHANNELS)
            assert (block == block[:, :1]).all()
            self._blocks.append(HeardBlock(time.monotonic(), block[:, 0].copy()))
        return len(block)
