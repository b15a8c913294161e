"""Every WAV file that a program writes is read, and every other file is named for what it is."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.models.errors import BadInput
from claude_narrator.models.wav_file import read_wav
from tests.models.recordings import FLOAT, PCM, write_wav

WAVE = np.sin(np.arange(4000) / 20).astype(np.float32) * np.float32(0.7)
FORMS = [(8, PCM), (16, PCM), (24, PCM), (32, PCM), (32, FLOAT), (64, FLOAT)]


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("bits", "code"), FORMS)
def test_every_width_is_read_alike(tmp_path: Path, bits: int, code: int, extensible: bool) -> None:
    path = write_wav(tmp_path / "a.wav", WAVE, 16_000, bits, code, extensible)
    recording = read_wav(path, 10)
    assert recording.sample_rate == 16_000
    assert recording.channels.shape == (4000, 1)
    assert recording.channels.dtype == np.float32
    assert np.abs(recording.channels[:, 0] - WAVE).max() <= 1.01 / 2 ** (min(bits, 24) - 1)
    assert recording.seconds == 0.25


def test_channels_stay_apart(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.stack([WAVE, -WAVE / 2], axis=1))
    channels = read_wav(path, 10).channels
    assert channels[:, 0] == pytest.approx(WAVE, abs=1e-4)
    assert channels[:, 1] == pytest.approx(-WAVE / 2, abs=1e-4)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_program_that_did_not_know_the_length_is_forgiven(tmp_path: Path, size: int) -> None:
    assert len(read_wav(write_wav(tmp_path / "a.wav", WAVE, size=size), 10).channels) == 4000


def test_a_file_that_is_cut_off_is_refused_with_what_is_there(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", WAVE, 1000)
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(BadInput, match=r"a\.wav is cut off: 2\.0 s of its 4\.0 s are there"):
        read_wav(path, 10)


def test_what_is_too_long_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", WAVE[:0], 16_000, size=32_000 * 3600)
    with path.open("r+b") as file:
        file.truncate(32_000 * 3600 + 200)
    with pytest.raises(BadInput, match=r"a\.wav is 3600\.0 s long, more than 120 s"):
        read_wav(path, 120)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"ID3\x04", "is MP3"),
        (b"\xff\xfb\x90", "is MP3"),
        (b"fLaC", "is FLAC"),
        (b"OggS", "is Ogg"),
        (b"\x00\x00\x00\x20ftypM4A ", "is MP4"),
        (b"FORM\x00\x00\x00\x00AIFF", "is AIFF"),
        (b"\x1aE\xdf\xa3", "is WebM"),
        (b"RIFF\x00\x00\x00\x00AVI ", "is no WAV file"),
        (b"hello, world, this is text", "is no WAV file"),
        (b"", "is empty"),
    ],
)
def test_another_format_is_named_with_how_to_convert_it(tmp_path: Path, head: bytes, kind: str) -> None:
    path = tmp_path / "a.snd"
    path.write_bytes(head + bytes(100) * bool(head))
    with pytest.raises(BadInput, match=rf"a\.snd {kind}") as caught:
        read_wav(path, 10)
    assert caught.value.hint == ("Convert it: ffmpeg -i a.snd new.wav" if head else "Give a WAV file.")


@pytest.mark.parametrize("code", [2, 6, 7, 0x55])
def test_compressed_sound_in_a_wav_file_is_named(tmp_path: Path, code: int) -> None:
    path = write_wav(tmp_path / "a.wav", WAVE, bits=8, code=code)
    with pytest.raises(BadInput, match=rf"form that is not read \(format {code}, 8 bits\)"):
        read_wav(path, 10)


def _complaint(path: Path) -> str:
    try:
        read_wav(path, 10)
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize("offset", range(0, 70, 2))
def test_no_damage_is_more_than_one_line(tmp_path: Path, offset: int) -> None:
    path = write_wav(tmp_path / "a.wav", WAVE)
    whole = path.read_bytes()
    for damaged in (whole[:offset], whole[:offset] + struct.pack("<H", 0xFFFF) + whole[offset + 2 :]):
        path.write_bytes(damaged)
        assert "\n" not in _complaint(path)


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be read: No such file"):
        read_wav(tmp_path / "nothing.wav", 10)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(BadInput, match=r"is no file"):
            read_wav(path, 10)
