"""A good recording becomes an even, trimmed reference; a bad one is refused with what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from claude_narrator.models.errors import BadInput
from claude_narrator.models.loudness import TARGET_LUFS
from claude_narrator.models.loudness_meter import loudness
from claude_narrator.models.reference_sound import MAX_PEAK, read_reference
from claude_narrator.models.speech_level import measure
from claude_narrator.models.types import SampleRate, Samples
from tests.models.recordings import FLOAT, RATE, at_rate, speech, with_noise, write_wav


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def _refusal(path: Path) -> BadInput:
    with pytest.raises(BadInput, match=r"no voice can be cloned from a\.wav: ") as caught:
        read_reference(path)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_a_clean_recording_is_taken_without_a_word(tmp_path: Path) -> None:
    reference = read_reference(write_wav(tmp_path / "a.wav", speech()))
    assert reference.notes == ()
    assert reference.sample_rate == RATE
    assert reference.seconds == pytest.approx(len(speech()) / RATE, abs=0.3)
    assert reference.snr_db > 35


@pytest.mark.parametrize("gain", [0.1, 0.3, 1.0])
def test_it_is_stored_at_one_level_without_clipping(tmp_path: Path, gain: float) -> None:
    path = write_wav(tmp_path / "a.wav", speech() * np.float32(gain), bits=32, code=FLOAT)
    samples = read_reference(path).samples
    assert np.abs(samples).max() <= MAX_PEAK + 1e-6
    lufs = loudness(samples, SampleRate(RATE))
    assert lufs <= TARGET_LUFS + 0.2
    assert lufs == pytest.approx(TARGET_LUFS, abs=0.2) or np.abs(samples).max() == pytest.approx(MAX_PEAK)
    assert lufs > TARGET_LUFS - 4


def test_silence_around_the_speech_is_taken_off(tmp_path: Path) -> None:
    padded = np.concatenate([_silence(4), speech(), _silence(20)])
    noisy = padded + np.random.default_rng(1).standard_normal(len(padded)).astype(np.float32) * 1e-4
    reference = read_reference(write_wav(tmp_path / "a.wav", noisy))
    assert reference.seconds == pytest.approx(len(speech()) / RATE, abs=0.5)
    assert np.abs(reference.samples[: RATE // 4]).max() > 0.05
    assert reference.samples[0] == reference.samples[-1] == 0


@pytest.mark.parametrize(
    ("rate", "stored"), [(16_000, 16_000), (22_050, 22_050), (44_100, 24_000), (96_000, 24_000)]
)
def test_it_keeps_its_rate_up_to_24_khz(tmp_path: Path, rate: int, stored: int) -> None:
    reference = read_reference(write_wav(tmp_path / "a.wav", at_rate(speech(), rate), rate))
    assert reference.sample_rate == stored
    assert reference.seconds == pytest.approx(len(speech()) / RATE, abs=0.3)


def test_stereo_is_mixed_down_and_does_not_cancel_itself_out(tmp_path: Path) -> None:
    plain = read_reference(write_wav(tmp_path / "a.wav", speech())).samples
    for other in (speech(), -speech(), np.zeros_like(speech())):
        both = np.stack([speech(), other], axis=1)
        mixed = read_reference(write_wav(tmp_path / "a.wav", both)).samples
        assert mixed == pytest.approx(plain, abs=1e-3)


def test_an_offset_is_taken_off(tmp_path: Path) -> None:
    reference = read_reference(write_wav(tmp_path / "a.wav", speech() * np.float32(0.5) + np.float32(0.3)))
    assert abs(float(reference.samples.mean())) < 1e-3
    assert reference.snr_db > 35


def test_a_rate_below_16_khz_is_refused(tmp_path: Path) -> None:
    error = _refusal(write_wav(tmp_path / "a.wav", at_rate(speech(), 8_000), 8_000))
    assert "it has 8000 Hz, less than 16000" in error.problem
    assert error.hint == "Record at 24000 Hz or more."


def test_too_little_speech_is_refused_however_long_the_file_is(tmp_path: Path) -> None:
    short = speech()[: 2 * RATE]
    for samples in (short, np.concatenate([_silence(5), short, _silence(5)])):
        error = _refusal(write_wav(tmp_path / "a.wav", samples))
        assert "s of speech, 3 are needed" in error.problem
        assert error.hint == "Speak for 3 to 10 s."


def test_too_much_speech_is_refused_and_much_is_noted(tmp_path: Path) -> None:
    error = _refusal(write_wav(tmp_path / "a.wav", np.tile(speech(), 6)))
    assert "s long, more than 30" in error.problem
    (note,) = read_reference(write_wav(tmp_path / "a.wav", np.tile(speech(), 3))).notes
    assert "3 to 10 s do as well and speak sooner" in note


def test_long_pauses_are_refused(tmp_path: Path) -> None:
    half = RATE * 3 // 2
    samples = np.concatenate([speech()[:half], _silence(9), speech()[half : 2 * half]])
    assert "s are speech" in _refusal(write_wav(tmp_path / "a.wav", samples)).problem


@pytest.mark.parametrize("gain_db", [6, 20])
@pytest.mark.parametrize("level", [1.0, 0.5])
def test_clipping_is_found_at_any_level(tmp_path: Path, gain_db: float, level: float) -> None:
    loud = speech() / np.abs(speech()).max() * 10 ** (gain_db / 20)
    samples = (np.clip(loud, -1, 1) * level).astype(np.float32)
    error = _refusal(write_wav(tmp_path / "a.wav", samples))
    assert "% of it is clipped" in error.problem
    assert error.hint == "Turn the recording level down and record again."


def test_speech_that_just_reaches_full_scale_is_not_clipped(tmp_path: Path) -> None:
    loud = (speech() / np.abs(speech()).max()).astype(np.float32)
    assert read_reference(write_wav(tmp_path / "a.wav", loud)).notes == ()


@pytest.mark.parametrize("snr_db", [10, 15, 20, 25, 30])
def test_noise_is_measured_within_4_db(snr_db: float) -> None:
    assert measure(with_noise(speech(), snr_db), SampleRate(RATE)).snr_db == pytest.approx(snr_db, abs=4)


def test_noise_is_refused_or_noted(tmp_path: Path) -> None:
    error = _refusal(write_wav(tmp_path / "a.wav", with_noise(speech(), 8) * np.float32(0.5)))
    assert "dB above the noise, 15 are needed" in error.problem
    assert "quiet room" in error.hint
    (note,) = read_reference(write_wav(tmp_path / "a.wav", with_noise(speech(), 20))).notes
    assert note.startswith("There is noise (2")


def test_pauses_that_an_editor_emptied_hide_no_noise(tmp_path: Path) -> None:
    emptied = np.concatenate([_silence(2), with_noise(speech(), 8) * np.float32(0.5), _silence(2)])
    assert "above the noise" in _refusal(write_wav(tmp_path / "a.wav", emptied)).problem


def test_noise_alone_and_a_tone_are_no_speech(tmp_path: Path) -> None:
    hiss = np.random.default_rng(3).standard_normal(5 * RATE).astype(np.float32) * np.float32(0.1)
    tone = np.sin(np.arange(5 * RATE) * 0.1).astype(np.float32) * np.float32(0.5)
    for samples in (hiss, tone):
        assert "above the noise" in _refusal(write_wav(tmp_path / "a.wav", samples)).problem


def test_silence_and_a_whisper_of_a_level_are_refused(tmp_path: Path) -> None:
    assert "it is silent" in _refusal(write_wav(tmp_path / "a.wav", _silence(5))).problem
    faint = speech() * np.float32(0.02)
    error = _refusal(write_wav(tmp_path / "a.wav", faint, bits=32, code=FLOAT))
    assert "too quiet" in error.problem


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    samples = speech().copy()
    samples[1000] = np.nan
    error = _refusal(write_wav(tmp_path / "a.wav", samples, bits=32, code=FLOAT))
    assert "no numbers" in error.problem


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    loud = np.clip(at_rate(speech(), 8_000) * 20, -1, 1).astype(np.float32)
    error = _refusal(write_wav(tmp_path / "a.wav", loud, 8_000))
    assert "clipped; it has 8000 Hz" in error.problem
    assert error.hint == "Turn the recording level down and record again. Record at 24000 Hz or more."


def test_an_empty_recording_is_silent(tmp_path: Path) -> None:
    assert "it is silent" in _refusal(write_wav(tmp_path / "a.wav", _silence(0))).problem
