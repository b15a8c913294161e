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
