"""Speech gets faster or slower and keeps its pitch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from claude_narrator.models.stretch import TempoChanger, change_tempo, change_tempo_of
from claude_narrator.models.types import AudioChunk, SampleRate

RATE = SampleRate(16_000)
TONE = (0.5 * np.sin(2 * np.pi * 220 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.mark.parametrize("tempo", [0.5, 0.8, 1.2, 1.5, 2.0, 3.0])
def test_the_length_follows_the_tempo_and_the_pitch_does_not(tempo: float) -> None:
    faster = change_tempo(TONE, RATE, tempo)
    assert len(faster) == pytest.approx(len(TONE) / tempo, rel=0.06)
    spectrum = np.abs(np.fft.rfft(faster))
    assert np.argmax(spectrum) * RATE / len(faster) == pytest.approx(220, abs=4)
    middle = faster[len(faster) // 4 : -len(faster) // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert np.abs(faster).max() <= 0.55


def test_tempo_one_and_a_snippet_come_back_as_they_are() -> None:
    assert change_tempo(TONE, RATE, 1.0) is TONE
    assert len(change_tempo(TONE[:500], RATE, 2.0)) == 500
    assert len(change_tempo(TONE[:0], RATE, 2.0)) == 0


def test_silence_stays_silence() -> None:
    assert not change_tempo(np.zeros(RATE, np.float32), RATE, 2.0).any()


@pytest.mark.parametrize("tempo", [0.5, 1.0, 1.3, 3.0])
@pytest.mark.parametrize("sizes", [[1], [5_000], [240, 3, 7_000]])
def test_a_stream_comes_out_the_same_however_it_is_cut(tempo: float, sizes: list[int]) -> None:
    sound = np.random.default_rng(4).normal(0, 0.1, 20_000).astype(np.float32)
    changer, made, at = TempoChanger(RATE, tempo), [], 0
    for size in itertools.cycle(sizes):
        if at >= len(sound):
            break
        made.append(changer.push(sound[at : at + size]))
        at += size
    made.append(changer.finish())
    assert np.array_equal(np.concatenate(made), change_tempo(sound, RATE, tempo))


def test_a_stream_is_passed_on_while_it_comes_and_its_empty_chunks_too() -> None:
    nothing = AudioChunk(np.zeros(0, np.float32), RATE)
    chunks = [nothing, *(AudioChunk(part, RATE) for part in np.array_split(TONE, 4)), nothing]
    lengths = [len(chunk.samples) for chunk in change_tempo_of(chunks, 2.0)]
    assert lengths[0] == 0
    assert min(lengths[1:5]) > 1_000
    assert sum(lengths) == len(change_tempo(TONE, RATE, 2.0))


def test_a_stream_that_is_a_snippet_comes_back_as_it_is() -> None:
    chunks = [AudioChunk(TONE[:200], RATE), AudioChunk(TONE[200:500], RATE)]
    joined = np.concatenate([chunk.samples for chunk in change_tempo_of(chunks, 2.0)])
    assert np.array_equal(joined, TONE[:500])
