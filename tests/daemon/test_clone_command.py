"""From a recording to a voice that a running daemon speaks with."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.daemon.client import Refused
from claude_narrator.daemon.protocol import Hook, Say, SetVoice, Voices, Wait
from claude_narrator.models.extras import install_command
from claude_narrator.models.types import Samples
from tests.daemon import parrot
from tests.daemon.commands_here import empty_home, voice
from tests.daemon.timed_payloads import Claude
from tests.listening import read_wav
from tests.models.recordings import RATE, SAID, at_rate, short_speech, speech, with_noise, write_wav
from tests.running_daemon import RunningDaemon

TEXT = "The server is not responding, so I will restart it now."


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[RunningDaemon]:
    """A daemon that runs before anything is cloned."""
    with RunningDaemon(environment=parrot.install(tmp_path / "site")) as daemon:
        yield daemon


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(parrot.install(tmp_path / "site")["PYTHONPATH"])
    with empty_home(monkeypatch) as home:
        yield home


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "anna.wav", at_rate(short_speech(), 44_100), 44_100, bits=24)


def _clone(daemon: RunningDaemon, reference: Path, *arguments: str) -> str:
    done = daemon.voice("clone", "anna", "--from", str(reference), "--yes", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _is_in(sound: Samples, heard: Samples) -> bool:
    """Whether two seconds out of the middle of `sound` were heard: by normalised cross-correlation."""
    wanted = sound[RATE : 3 * RATE]
    size = len(heard) + len(wanted)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
    found = np.fft.irfft(spectrum, size)[: len(heard) - len(wanted)]
    at = int(np.argmax(found))
    energy = np.linalg.norm(heard[at : at + len(wanted)]) * np.linalg.norm(wanted)
    return bool(found[at] > 0.95 * energy)


def _heard(daemon: RunningDaemon) -> Samples:
    """What was played, at 24 kHz."""
    heard = read_wav(daemon.wav)
    assert heard.sample_rate == RATE
    return heard.samples


def _stored(home: Path) -> list[str]:
    folder = home / "voices" / "parrot"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _say(daemon: RunningDaemon, text: str, *arguments: str) -> Samples:
    """What a text sounds like, at 24 kHz; faster than it would be played."""
    out = daemon.home / "said.wav"
    done = daemon.voice("say", text, "--voice", "anna", "--out", str(out), *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return read_wav(out).samples


def test_a_daemon_that_runs_speaks_with_a_cloned_voice_at_once(
    daemon: RunningDaemon, reference: Path
) -> None:
    told = _clone(daemon, reference, "--text", TEXT)
    assert told.splitlines()[0].startswith("parrot/anna is stored: 3.")
    assert told.splitlines()[1:] == [
        "Hear it: voice voices --play parrot/anna",
        "Keep it: voice settings set speech.voice parrot/anna",
    ]
    done = daemon.voice("say", "All tests pass.", "--voice", "anna", "--wait")
    assert (done.returncode, done.stderr) == (0, "")
    assert _is_in(short_speech(), _heard(daemon))


def test_the_voice_speaks_every_language_of_its_engine(daemon: RunningDaemon, reference: Path) -> None:
    _clone(daemon, reference)
    with daemon.client() as client:
        every = client.call(Voices())["voices"]
    assert [voice["language"] for voice in every if voice["id"] == "parrot/anna"] == ["en", "fr", "ja"]
    assert _is_in(short_speech(), _say(daemon, "All tests pass.", "--language", "en"))
    assert _is_in(short_speech(), _say(daemon, "テストが通りました。", "--language", "ja"))


def test_a_project_may_have_it(daemon: RunningDaemon, reference: Path, tmp_path: Path) -> None:
    _clone(daemon, reference)
    project = tmp_path / "project"
    project.mkdir()
    claude = Claude("s9", str(project))
    with daemon.client() as client:
        client.call(SetVoice("project", project=str(project), voice="parrot/anna"))
    with daemon.client() as client:
        for event in (
            claude.event("SessionStart", source="startup"),
            claude.shows("p", "m", 0, "The build is green.", final=True),
            claude.stops("p", "The build is green."),
        ):
            client.send(Hook(event))
        assert client.call(Wait(20.0, "s9"))["idle"]
    assert 'voice = "parrot/anna"' in (project / ".claude" / "voice.toml").read_text(encoding="utf-8")
    assert _is_in(short_speech(), _heard(daemon))


def test_it_can_be_played_and_removed_and_its_name_given_to_another(
    daemon: RunningDaemon, reference: Path, tmp_path: Path
) -> None:
    _clone(daemon, reference, "--text", TEXT, "--language", "fr")
    assert daemon.voice("voices", "--play", "anna").returncode == 0  # a French sentence, untranslated
    assert _is_in(short_speech(), _heard(daemon))
    assert daemon.voice("voices", "remove", "anna").stdout == "parrot/anna is removed.\n"
    with daemon.client() as client, pytest.raises(Refused, match="there is no voice 'anna'"):
        client.call(Say("Hello.", "en", "anna"))
    backwards = short_speech()[::-1].copy()
    _clone(daemon, write_wav(tmp_path / "b.wav", backwards))
    heard = _say(daemon, "All tests pass.")
    assert _is_in(backwards, heard)
    assert not _is_in(short_speech(), heard)


def _clone_here(reference: Path, *arguments: str, name: str = "anna") -> int:
    return voice("clone", name, "--from", str(reference), *arguments)


def test_what_is_stored_is_what_engines_are_promised(home: Path, reference: Path) -> None:
    assert _clone_here(reference, "--yes", "--text", f"  {TEXT}\n", "--language", "en-US") == 0
    folder = home / "voices" / "parrot" / "anna"
    described = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
    with wave.open(str(folder / described["reference"])) as file:
        form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        seconds = file.getnframes() / file.getframerate()
    assert form == (1, 2, 24_000)
    assert described["languages"] == ["*"]
    assert (described["text"], described["language"]) == (TEXT, "en-US")
    assert described["seconds"] == pytest.approx(seconds, abs=0.01)
    assert len(described["consent"]) == len("2026-01-31")


def test_a_bad_recording_is_refused_with_what_is_wrong_and_nothing_is_stored(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy = write_wav(tmp_path / "noisy.wav", with_noise(speech(), 5) * np.float32(0.5))
    short = write_wav(tmp_path / "short.wav", speech()[:RATE])
    song = tmp_path / "song.mp3"
    song.write_bytes(b"ID3\x04" + bytes(100))
    for path, problem, hint in (
        (noisy, "dB above the noise, 15 are needed", "Record in a quiet room"),
        (short, "s of speech, 3 are needed", "Speak for 3 to 10 s."),
        (song, "song.mp3 is MP3, and only WAV is read", "Convert it: ffmpeg -i song.mp3 new.wav"),
        (tmp_path / "no.wav", "cannot be read: No such file", "Give the path of a WAV file."),
    ):
        assert _clone_here(path, "--yes") == 1
        told = capsys.readouterr().err.splitlines()
        assert told[0].startswith("error: ")
        assert problem in told[0]
        assert told[1].startswith(hint)
        assert len(told) == 2
    assert _stored(home) == []


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("../anna", [], "a voice cannot be called '../anna'"),
        ("Heart", [], "there is a voice hibari/heart already"),
        ("anna", ["--text", SAID * 3], "the text is too long for 3."),
        ("anna", ["--text", "Hi"], "the text is too short for 3."),
        ("anna", ["--language", "english!"], "'english!' is no language tag"),
        ("anna", ["--engine", "parott"], "Did you mean 'parrot'?"),
        ("anna", ["--engine", "hibari"], "'hibari' is no engine that clones a voice"),
    ],
)
def test_names_texts_and_engines_that_cannot_be_are_refused(
    home: Path,
    reference: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    arguments: list[str],
    said: str,
) -> None:
    assert _clone_here(reference, "--yes", *arguments, name=name) == 1
    assert said in capsys.readouterr().err
    assert _stored(home) == []


def test_a_name_that_is_taken_is_refused(
    home: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [_clone_here(reference, "--yes") for _ in range(2)] == [0, 1]
    assert capsys.readouterr().err.startswith("error: there is a voice parrot/anna already\n")
    assert _clone_here(reference, "--yes", name="ANNA") == 1


def test_without_a_terminal_consent_has_to_be_given_beforehand(
    home: Path, reference: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert _clone_here(reference) == 1
    assert capsys.readouterr().err == (
        'error: it has to be confirmed: "I have the right to use this voice"\nAdd --yes if it is so.\n'
    )
    assert _stored(home) == []


@pytest.mark.parametrize(("answer", "code", "stored"), [("n\n", 1, []), ("\n", 1, []), ("y\n", 0, ["anna"])])
def test_in_a_terminal_consent_is_asked_for(
    home: Path, reference: Path, tmp_path: Path, answer: str, code: int, stored: list[str]
) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "claude_narrator.daemon.cli", "clone", "anna", "--from", str(reference)]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answer.encode())
    shown = _read_all(ours)
    assert process.wait(30) == code
    assert 'Confirm: "I have the right to use this voice." [y/N]' in shown
    assert ("nothing was stored" in shown) == (not stored)
    assert _stored(home) == stored


def _read_all(descriptor: int) -> str:
    shown = b""
    with contextlib.suppress(OSError):  # which is how Linux says that the other end is closed
        while block := os.read(descriptor, 4096):
            shown += block
    os.close(descriptor)
    return shown.decode()


def test_programs_get_json_and_notes_are_told(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_wav(tmp_path / "a.wav", with_noise(speech(), 20) * np.float32(0.5))
    assert _clone_here(path, "--yes", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["voice"], told["status"], told["reason"]) == ("parrot/anna", "ready", "")
    assert told["seconds"] == pytest.approx(5.4, abs=0.5)
    assert "There is noise" in told["notes"][0]


def test_a_removed_voice_that_the_settings_name_is_told(
    home: Path, reference: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _clone_here(reference, "--yes")
    voice("settings", "set", "speech.voice", "parrot/anna")
    capsys.readouterr()
    assert voice("voices", "remove", "parrot/anna") == 0
    assert capsys.readouterr().out.splitlines() == [
        "parrot/anna is removed.",
        "It was the voice of your settings; choose another: voice settings set speech.voice auto",
    ]
    assert voice("voices", "remove", "parrot/anna") == 1
    assert "parrot/anna is no stored voice" in capsys.readouterr().err
    assert voice("voices", "remove", "hibari/heart") == 1
    assert "'hibari' is no engine that keeps voices of yours" in capsys.readouterr().err


def test_an_engine_that_is_not_installed_yet_is_named_with_what_brings_it(
    tmp_path: Path, reference: Path
) -> None:
    environment = parrot.install(tmp_path / "site", modules=("not_there",))
    with RunningDaemon(environment=environment) as daemon:
        told = _clone(daemon, reference, "--engine", "parrot").splitlines()
        brings_it = install_command("", "parrot-engine")
        assert f"parrot cannot speak it yet: not_there is not installed: {brings_it}" in told
        done = daemon.voice("voices", "--play", "anna")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "error: parrot cannot run: not_there is not installed",
            f"Run: {brings_it}",
        ]
        done = daemon.voice("voices", "--play", "heart", "--language", "ja")
        assert done.stderr.startswith("error: the voice hibari/heart speaks en, not ja")
