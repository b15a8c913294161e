"""A voice that the user has as files is heard from a running daemon, by Piper on real weights."""

from __future__ import annotations

import pytest

from claude_narrator.models.environments import FOLDER
from tests import models_home
from tests.engine_environments import data_root, ensure
from tests.listening import CLEAR, Listener, character_error_rate
from tests.running_daemon import RunningDaemon

TEXT = "The server is not responding, so I will restart it now."


@pytest.mark.models
def test_a_voice_is_added_from_its_files_and_understood() -> None:
    ensure("piper")
    joe = models_home.ensure("piper-en-us-joe") / "piper-en-us-joe"
    daemon = RunningDaemon(models__preload=False)
    (daemon.home / FOLDER).symlink_to(data_root() / FOLDER, target_is_directory=True)
    with daemon:
        assert "piper/joe" in daemon.voice("voices").stdout
        refused = daemon.voice("say", TEXT, "--voice", "piper/joe")
        assert "voice models pull piper-en-us-joe" in refused.stderr
        done = daemon.voice("voices", "add", "piper/jane", str(joe / "voice.onnx"))
        assert done.stdout.splitlines() == [
            "piper/jane is stored and speaks en-US.",
            "Hear it: voice voices --play piper/jane",
        ]
        out = daemon.home / "said.wav"
        done = daemon.voice("say", TEXT, "--voice", "jane", "--out", str(out))
        assert (done.returncode, done.stderr) == (0, "")
        heard = Listener().hear(out, "en")
        assert character_error_rate(TEXT, heard, "en") < CLEAR, heard


@pytest.mark.models
def test_a_daemon_that_runs_has_a_model_as_soon_as_it_is_pulled_and_no_more_when_it_is_removed() -> None:
    ensure("piper")
    weights = models_home.ensure("piper-en-us-joe")
    daemon = RunningDaemon(models__preload=False, models__sources=[str(weights)])
    (daemon.home / FOLDER).symlink_to(data_root() / FOLDER, target_is_directory=True)
    with daemon:
        assert "voice models pull" in daemon.voice("say", "Yes.", "--voice", "piper/joe").stderr
        assert daemon.voice("models", "pull", "piper-en-us-joe").returncode == 0
        done = daemon.voice("say", "Yes.", "--voice", "piper/joe", "--wait")
        assert (done.returncode, done.stderr) == (0, "")
        assert daemon.voice("models", "remove", "piper-en-us-joe").stdout == "piper-en-us-joe: 63 MB freed\n"
        gone = daemon.voice("say", "Yes.", "--voice", "piper/joe")
        assert gone.stderr.splitlines() == [
            "error: piper cannot run: piper-en-us-joe is not on this machine",
            "Run: voice models pull piper-en-us-joe",
        ]
