"""From a WAV file to a voice that speaks, by CosyVoice's own code on small weights of its architecture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from claude_narrator.daemon.protocol import Say, SetVoice, Status
from claude_narrator.models.environments import FOLDER
from tests.engine_environments import data_root, ensure, probe
from tests.listening import read_wav
from tests.models.recordings import SAID, speech, write_wav
from tests.running_daemon import RunningDaemon

pytestmark = pytest.mark.models
MAKE = Path(__file__).parents[1] / "models" / "engines" / "make_tiny_cosyvoice.py"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cosyvoice") / "tiny"
    return Path(probe("cosyvoice", MAKE, str(folder), "1"))


@pytest.fixture
def daemon(model: Path) -> Iterator[RunningDaemon]:
    ensure("cosyvoice")
    options = {"model_folder": str(model), "trust": str(model), "device": "cpu"}
    settings = {f"engines__cosyvoice__{name}": value for name, value in options.items()}
    daemon = RunningDaemon(models__preload=False, models__threads=1, **settings)
    (daemon.home / FOLDER).symlink_to(data_root() / FOLDER, target_is_directory=True)
    with daemon:
        yield daemon


def test_a_recording_becomes_a_voice_that_a_running_daemon_speaks_with(
    daemon: RunningDaemon, tmp_path: Path
) -> None:
    recording = write_wav(tmp_path / "anna.wav", speech())
    done = daemon.voice("clone", "anna", "--from", str(recording), "--text", SAID, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("cosyvoice/anna is stored: 5.")
    assert "cannot speak it yet" not in done.stdout
    assert daemon.voice("clone", "bert", "--from", str(recording), "--yes").returncode == 0
    (daemon.home / "voices" / "cosyvoice" / "bert" / "reference.wav").unlink()
    with daemon.client() as client:
        client.call(SetVoice("everywhere", voice="cosyvoice/anna"))
        client.call(Say("Yes.", wait=True))
        client.call(Say("はい。", "ja", "anna", wait=True))
        status = client.call(Status())
        engines = {engine["name"]: engine["running"] for engine in status["engines"]}
        assert engines["cosyvoice"]["status"] == "ready"
        assert [sentence["outcome"] for sentence in status["recent"]] == ["spoken", "spoken"]
        assert "failed" not in daemon.log()
        assert np.abs(read_wav(daemon.wav).samples).max() > 0.01

        # That a voice is made of its recording shows where the recording is gone.
        client.call(Say("Yes.", "en", "bert", wait=True))
        assert "cosyvoice failed: the voice bert cannot be used: reference.wav is missing" in daemon.log()
    assert daemon.voice("voices", "remove", "anna").returncode == 0
    refused = daemon.voice("say", "Yes.", "--voice", "cosyvoice/anna")
    assert refused.stderr.startswith("error: there is no voice 'cosyvoice/anna'")
