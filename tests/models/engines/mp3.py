"""MP3 streams as the services on the network send them, of a tone that is as long as its text."""

from __future__ import annotations

import io

import av
import numpy as np

RATE = 24_000
SECONDS_A_CHARACTER = 0.06


def spoken(text: str, rate: float = 1.0) -> bytes:
    """Return a tone of 60 ms a character at `rate`, a fifth of a second of silence around it."""
    seconds = np.arange(0, SECONDS_A_CHARACTER * len(text) / rate, 1 / RATE)
    quiet = np.zeros(RATE // 5)
    return encoded(np.concatenate([quiet, 0.3 * np.sin(2 * np.pi * 220 * seconds), quiet]))


def encoded(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bytes:
    """Return an MP3 stream of 48 kbit/s."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 48_000
        pcm = (samples * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16p", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return out.getvalue()
