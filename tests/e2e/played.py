"""Tells by its sound what was played: finds sentences in the recorded output, whatever the daemon says."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from claude_narrator.daemon.client import Client
from claude_narrator.daemon.protocol import Say
from tests.e2e.narrator import Narrator, read_growing_wav

RATE = 24_000
COMPARED_S = 0.8
"""How much of a sentence is looked for, from its beginning: the rest may have been cut."""
SAME = 0.9
"""Correlation from which on two sounds are the same one; those of two sentences stay far below."""
Sound = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Voice:
    """How a sentence was to be heard; empty is what the settings say."""

    language: str = ""
    name: str = ""


class Played:
    """The output of a narrator's file sink since its installation."""

    def __init__(self, narrator: Narrator) -> None:
        self._narrator = narrator
        self._references: dict[tuple[str, Voice], Sound] = {}

    def times_s(self, text: str, voice: Voice = Voice()) -> list[float]:
        """Return where in the recording the sentence begins, as often as it was played."""
        reference = self._reference(text, voice)
        likeness = _correlation(self._sound(), reference)
        found: list[float] = []
        while likeness.size and likeness.max() > SAME:
            at = int(likeness.argmax())
            found.append(at / RATE)
            likeness[max(0, at - reference.size) : at + reference.size] = 0
        return sorted(found)

    def order(self, *texts: str, voice: Voice = Voice()) -> list[str]:
        """Return those of the sentences that were played in the order in which they were, repetitions too."""
        times = [(at_s, text) for text in texts for at_s in self.times_s(text, voice)]
        return [text for _, text in sorted(times)]

    def _sound(self) -> Sound:
        return read_growing_wav(self._narrator.wav)[self._narrator.wav_mark :]

    def _reference(self, text: str, voice: Voice) -> Sound:
        key = (text, voice)
        if key not in self._references:
            path = self._narrator.home / f"reference-{len(self._references)}.wav"
            with Client(self._narrator.paths.socket) as client:
                client.call(Say(text, voice.language, voice.name, out=str(path)))
            self._references[key] = _beginning(path)
        return self._references[key]


def _beginning(path: Path) -> Sound:
    with wave.open(str(path), "rb") as file:
        assert file.getframerate() == RATE
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 0)
    return samples[loud[0] :][: int(COMPARED_S * RATE)] / np.float32(32768)


def _correlation(sound: Sound, reference: Sound) -> Sound:
    """Return the normalised cross-correlation of the reference with each place in the sound, -1 to 1."""
    places = sound.size - reference.size + 1
    if places < 1:
        return np.zeros(0, np.float32)
    size = 1 << (sound.size + reference.size).bit_length()
    product = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(reference, size))
    energy = np.concatenate(([0.0], np.cumsum(sound.astype(np.float64) ** 2)))
    there = np.sqrt(np.maximum(energy[reference.size :] - energy[:places], 1e-6))
    here = float(np.sqrt(np.sum(reference.astype(np.float64) ** 2)))
    likeness: Sound = (np.fft.irfft(product, size)[:places] / (there * here)).astype(np.float32)
    return likeness
