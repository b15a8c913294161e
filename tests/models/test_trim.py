"""Silence goes, speech stays whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.models.trim import EDGE_MS, trim_ends, trim_silence
from claude_narrator.models.types import AudioChunk, SampleRate, Samples

RATE = SampleRate(1000)
"""One sample a millisecond."""
SOUND = np.full(100, 0.5, np.float32)
EDGE = round(EDGE_MS)
FAST = SampleRate(24_000)


def _silence(count: int) -> Samples:
    return np.full(count, 0.003, np.float32)


def _chunks(samples: Samples, *cuts: int) -> list[AudioChunk]:
    return [AudioChunk(part, RATE) for part in np.split(samples, cuts)]


def _joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, np.float32)


def test_both_ends_are_trimmed_but_for_a_lead_and_a_tail() -> None:
    samples = np.concatenate([_silence(300), SOUND, _silence(50), SOUND, _silence(400)])
    kept = trim_silence(samples, RATE, lead_ms=15, tail_ms=40)
    assert len(kept) == 15 + 100 + 50 + 100 + 40
    assert np.array_equal(kept[EDGE:-EDGE], samples[285:590][EDGE:-EDGE])


def test_what_lies_above_the_floor_is_sound() -> None:
    quiet = np.full(100, 10 ** (-49 / 20), np.float32)
    assert len(trim_silence(quiet, RATE, lead_ms=0, tail_ms=0)) == 100
    assert len(trim_silence(quiet / 2, RATE)) == 0


def test_audio_that_starts_and_ends_with_sound_keeps_its_length_and_rises_and_falls() -> None:
    kept = trim_silence(SOUND, RATE)
    assert len(kept) == len(SOUND)
    assert np.array_equal(kept[EDGE:-EDGE], SOUND[EDGE:-EDGE])
    assert kept[0] == kept[-1] == 0
    assert (np.diff(kept[: EDGE + 1]) > 0).all()
    assert (np.diff(kept[-EDGE - 1 :]) < 0).all()


def test_all_silence_and_nothing_at_all_give_nothing() -> None:
    assert len(trim_silence(_silence(500), RATE)) == 0
    assert list(trim_ends([])) == []
    assert list(trim_ends(_chunks(_silence(500), 100, 200))) == []


def test_chunks_are_passed_on_as_soon_as_there_is_sound() -> None:
    chunks = iter(_chunks(np.concatenate([_silence(300), SOUND, SOUND]), 350))
    first = next(trim_ends(chunks))
    assert len(first.samples) == 15 + 50 - EDGE
    assert next(chunks, None) is not None


@given(st.integers(0, 60), st.integers(0, 60), st.lists(st.integers(0, 220), max_size=6))
def test_chunks_are_trimmed_as_the_whole_would_be(lead: int, tail: int, cuts: list[int]) -> None:
    samples = np.concatenate([_silence(lead), SOUND, _silence(tail)])
    whole = trim_silence(samples, RATE, tail_ms=30)
    assert len(whole) == min(lead, 15) + len(SOUND) + min(tail, 30)
    chunks = _chunks(samples, *sorted(cuts))
    assert np.array_equal(_joined(list(trim_ends(chunks, tail_ms=30))), whole)


def test_an_empty_chunk_is_a_sign_of_life_and_passes_at_once() -> None:
    empty = AudioChunk(_silence(0), RATE)
    quiet = AudioChunk(_silence(100), RATE)
    assert [len(chunk.samples) for chunk in trim_ends([empty, quiet, empty])] == [0, 0]


@given(st.integers(0, 200), st.integers(2000, 3000), st.lists(st.integers(0, 3000), max_size=4))
def test_pieces_cut_in_the_middle_of_a_sound_join_without_a_click(
    start: int, end: int, cuts: list[int]
) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 200 * np.arange(3000) / FAST)).astype(np.float32)
    pieces = [AudioChunk(part, FAST) for part in np.split(tone[start:end], sorted(cuts))]
    joined = np.concatenate([trim_silence(tone[start:end], FAST), _joined(list(trim_ends(pieces)))])
    steps = np.abs(np.diff(joined))
    assert steps.max() <= 1.1 * np.abs(np.diff(tone)).max()
