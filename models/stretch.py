"""Makes speech faster or slower at the same pitch, for the rates that a voice cannot speak by itself.

WSOLA: W. Verhelst and M. Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high
quality time-scale modification of speech", ICASSP 1993. Output frames overlap by half; each is taken from
near the place where the tempo puts it, at the offset that continues the frame before it best.
"""

from __future__ import annotations

import numpy as np

from claude_narrator.models.types import SampleRate, Samples

_FRAME_MS = 30.0
_SEARCH_MS = 10.0


def change_tempo(samples: Samples, sample_rate: SampleRate, tempo: float) -> Samples:
    """Return `samples` at `tempo` times their pace, about len / tempo long; `tempo` 0.5-3.

    Audio shorter than two frames of 30 ms comes back as it is.
    """
    hop = round(_FRAME_MS * sample_rate / 2000)
    if abs(tempo - 1.0) < 0.01 or len(samples) < 4 * hop:
        return samples
    search = round(_SEARCH_MS * sample_rate / 1000)
    window = np.hanning(2 * hop + 1)[:-1].astype(np.float32)
    count = int((len(samples) - 2 * hop) / (hop * tempo))
    padded = np.pad(samples, (0, 2 * search + 4 * hop))
    out = np.zeros((count + 2) * hop, np.float32)
    out[:hop] = padded[:hop] * window[hop:]
    at = 0
    for frame in range(count + 1):
        out[frame * hop : (frame + 2) * hop] += padded[at : at + 2 * hop] * window
        wanted = padded[at + hop : at + 3 * hop]
        start = max(0, round((frame + 1) * hop * tempo) - search)
        at = start + _best_offset(padded[start : start + 2 * search + 2 * hop], wanted)
    return out


def _best_offset(region: Samples, wanted: Samples) -> int:
    """Where in `region` a frame lies that looks most like `wanted`, by normalised cross-correlation."""
    likeness = np.correlate(region, wanted, "valid")
    energy = np.convolve(region * region, np.ones(len(wanted), np.float32), "valid")
    return int(np.argmax(likeness / np.sqrt(energy + 1e-6)))
