"""Recordings of a voice for tests, good and bad: what Hibari says, as a WAV file of any form."""

from __future__ import annotations

import functools
import struct
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines.hibari import Hibari
from claude_narrator.models.types import Language, Samples
from tests.listening import joined

RATE = 24_000
SAID = "The server is not responding, so I will restart it now. After that, all the tests should pass again."
PCM, FLOAT = 1, 3


@functools.cache
def speech() -> Samples:
    """Return about 6 seconds of clean speech, 24 kHz; SAID is what is said."""
    engine = Hibari()
    engine.load(EngineContext())
    samples = joined(engine.synthesize(SAID, "heart", Language("en"), 1.0)).samples
    engine.close()
    samples.setflags(write=False)
    return samples


def short_speech() -> Samples:
    """Return the first 3.5 seconds of it."""
    return speech()[: 7 * RATE // 2]


def at_rate(samples: Samples, rate: int) -> Samples:
    """Return 24 kHz samples at another rate."""
    resampled: Samples = soxr.resample(samples, RATE, rate).astype(np.float32)
    return resampled


def with_noise(samples: Samples, snr_db: float) -> Samples:
    """Return speech with white noise, `snr_db` below the RMS of what stands out in it."""
    frames = np.sqrt(np.mean(samples[: len(samples) // 480 * 480].reshape(-1, 480) ** 2, axis=1))
    level = np.sqrt(np.mean(frames[frames > frames.max() / 100] ** 2))
    noise = np.random.default_rng(7).standard_normal(len(samples))
    noisy: Samples = (samples + noise * level * 10 ** (-snr_db / 20)).astype(np.float32)
    return noisy


def write_wav(
    path: Path,
    samples: NDArray[np.float32],
    rate: int = RATE,
    bits: int = 16,
    code: int = PCM,
    extensible: bool = False,
    size: int | None = None,
) -> Path:
    """Write samples (n,) or (n, channels) in -1..1; `size` is what the header says in place of the truth."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    content = _encoded(samples.reshape(-1), bits, code)
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else code, channels, rate, rate * frame, frame, bits)
    if extensible:
        form += struct.pack(
            "<HHIH14s", 22, bits, 0, code, b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
        )
    chunks = _chunk(b"LIST", b"INFOx") + _chunk(b"fmt ", form)
    data = b"data" + struct.pack("<I", len(content) if size is None else size) + content
    path.write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks) + len(data)) + b"WAVE" + chunks + data)
    return path


def _chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\x00" * (len(content) % 2)


def _encoded(samples: NDArray[np.float32], bits: int, code: int) -> bytes:
    if code == FLOAT:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if code != PCM:
        return bytes(len(samples) * bits // 8)
    full = 2 ** (bits - 1)
    whole = np.clip(np.round(samples.astype(np.float64) * full), -full, full - 1).astype("<i4")
    if bits == 8:
        return (whole + 128).astype(np.uint8).tobytes()
    if bits == 24:
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(f"<i{bits // 8}").tobytes()
