"""A recording of a voice made fit to be cloned from, or refused with what is wrong with it and what to do.

A clone has the faults of its reference: noise, clipping and silence are learnt like the voice itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from claude_narrator.models.errors import BadInput
from claude_narrator.models.loudness import TARGET_LUFS
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.speech_level import FRAME_MS, SpeechLevel, measure
from claude_narrator.models.types import SampleRate, Samples
from claude_narrator.models.wav_file import Recording, read_wav

MIN_S, MAX_S = 3.0, 30.0
BEST_S = 10.0
MIN_RATE, STORED_RATE = SampleRate(16_000), SampleRate(24_000)
MIN_SNR_DB, GOOD_SNR_DB = 15.0, 25.0
MAX_PEAK = 0.9
"""Of the sound as it is stored; up to it, it is brought to TARGET_LUFS, for a clone is as loud as it."""
_READ_S = 120.0
_SILENT = 1e-3
_TOO_QUIET_DB = -50.0
_MIN_SPEECH_SHARE = 0.5
_MAX_CLIPPED_SHARE = 1e-3
_TOP = 0.999
_AGAINST_PHASE = 0.1
_MARGIN_S = 0.1
_FADE_S = 0.01


class Fault(NamedTuple):
    """What is wrong with a recording, and what to do."""

    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Mono speech, trimmed and levelled; `notes` are lines that say how it could be better."""

    samples: Samples
    sample_rate: SampleRate
    snr_db: float
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.sample_rate


def read_reference(path: Path) -> Reference:
    """Return the speech in a WAV file.

    :raises BadInput: it cannot be read, or a voice cannot be cloned from it; the message names every fault.
    """
    recording = read_wav(path, _READ_S)
    faults = list(_faults_of_recording(recording))
    if not faults:
        mono = mixed_down(recording.channels)
        level = measure(mono, recording.sample_rate)
        speech = _trimmed(mono, level, recording.sample_rate)
        faults = list(_faults_of_speech(speech, level, recording.sample_rate))
    if faults:
        problems = "; ".join(fault.problem for fault in faults)
        hints = " ".join(dict.fromkeys(fault.hint for fault in faults))
        raise BadInput(f"no voice can be cloned from {path.name}: {problems}", hints)
    rate = min(recording.sample_rate, STORED_RATE)
    samples = _levelled(_resampled(speech, recording.sample_rate, rate), rate)
    return Reference(samples, rate, level.snr_db, tuple(_notes(speech, level, recording.sample_rate)))


def mixed_down(channels: NDArray[np.float32]) -> Samples:
    """Return the mean of `channels` (n, channels) without offset; the loudest one where they cancel out."""
    centred = channels - channels.mean(axis=0, keepdims=True)
    mean: Samples = centred.mean(axis=1)
    power = np.mean(centred.astype(np.float64) ** 2, axis=0)
    loudest = int(np.argmax(power))
    if np.mean(mean.astype(np.float64) ** 2) < power[loudest] * _AGAINST_PHASE:
        return np.ascontiguousarray(centred[:, loudest])
    return mean


def clipped_share(channels: NDArray[np.float32]) -> float:
    """Return the share of samples (n, channels) that are three or more in a row at the top or bottom."""
    tops = (channels >= _TOP * channels.max(axis=0)) & (channels > 0)
    bottoms = (channels <= _TOP * channels.min(axis=0)) & (channels < 0)
    return float((_in_runs(tops) | _in_runs(bottoms)).mean())


def _in_runs(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each mark is one of three or more in a row."""
    three = marked[:-2] & marked[1:-1] & marked[2:]
    found = np.zeros_like(marked)
    for shift in range(3):
        found[shift : len(three) + shift] |= three
    return found


def _faults_of_recording(recording: Recording) -> Iterator[Fault]:
    channels, rate = recording.channels, recording.sample_rate
    if not np.isfinite(channels).all():
        yield Fault("it holds samples that are no numbers", "Export it again.")
    elif not len(channels) or np.abs(channels - channels.mean(axis=0)).max() < _SILENT:
        yield Fault("it is silent", "Check the microphone and record again.")
    elif (share := clipped_share(channels)) > _MAX_CLIPPED_SHARE:
        yield Fault(
            f"{100 * share:.1f} % of it is clipped", "Turn the recording level down and record again."
        )
    if rate < MIN_RATE:
        yield Fault(f"it has {rate} Hz, less than {MIN_RATE}", f"Record at {STORED_RATE} Hz or more.")


def _faults_of_speech(speech: Samples, level: SpeechLevel, rate: SampleRate) -> Iterator[Fault]:
    seconds = len(speech) / rate
    if 0 < seconds < MIN_S:  # too little to tell the noise from it
        yield Fault(f"it holds {seconds:.1f} s of speech, {MIN_S:.0f} are needed", "Speak for 3 to 10 s.")
        return
    if level.snr_db < MIN_SNR_DB:
        problem = f"the speech is only {level.snr_db:.0f} dB above the noise, {MIN_SNR_DB:.0f} are needed"
        yield Fault(problem, "Record in a quiet room, close to the microphone, without music.")
        return
    if level.speech_db < _TOO_QUIET_DB:
        yield Fault(f"it is too quiet ({level.speech_db:.0f} dBFS)", "Turn the recording level up.")
    if seconds > MAX_S:
        yield Fault(
            f"it is {seconds:.0f} s long, more than {MAX_S:.0f}", "Cut out 3 to 10 s of clear speech."
        )
    elif level.speech_s < seconds * _MIN_SPEECH_SHARE:
        problem = f"only {level.speech_s:.1f} of {seconds:.1f} s are speech"
        yield Fault(problem, "Speak without long pauses.")


def _notes(speech: Samples, level: SpeechLevel, rate: SampleRate) -> Iterator[str]:
    if len(speech) / rate > BEST_S:
        yield f"It is {len(speech) / rate:.0f} s long; 3 to {BEST_S:.0f} s do as well and speak sooner."
    if level.snr_db < GOOD_SNR_DB:
        yield f"There is noise ({level.snr_db:.0f} dB below the speech), which the voice will have too."


def _trimmed(mono: Samples, level: SpeechLevel, rate: SampleRate) -> Samples:
    frames = np.flatnonzero(level.is_speech)
    if not len(frames):
        return mono[:0]
    frame, margin = round(FRAME_MS * rate / 1000), round(_MARGIN_S * rate)
    return mono[max(0, frames[0] * frame - margin) : (frames[-1] + 1) * frame + margin]


def _resampled(samples: Samples, rate: SampleRate, wanted: SampleRate) -> Samples:
    if rate == wanted:
        return samples
    import soxr

    resampled: Samples = soxr.resample(samples, rate, wanted).astype(np.float32)
    return resampled


def _levelled(samples: Samples, rate: SampleRate) -> Samples:
    gain = 10 ** ((TARGET_LUFS - loudness(samples, rate)) / 20)
    gain = min(gain, MAX_PEAK / float(np.abs(samples).max()))
    levelled: Samples = (samples * np.float32(gain)).astype(np.float32)
    fade = round(_FADE_S * rate)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    levelled[:fade] *= ramp
    levelled[-fade:] *= ramp[::-1]
    return levelled
