"""`say` gets the text on standard input alone, and whatever it does, the next sentence is heard."""

from __future__ import annotations

import os
import tempfile
from contextlib import aclosing, closing
from pathlib import Path

import anyio
import numpy as np
import pytest

from claude_narrator.models.base import EngineContext
from claude_narrator.models.engines import say
from claude_narrator.models.engines.say import Say
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import AudioChunk, Language
from tests.models.engines.stand_in_say import LISTED, StandInSay, install
from tests.models.worker_bench import hosted

EN = Language("en")
TEXT = "The build is green again and all forty-two tests pass, so that I am done. Shall I push it?"
ENTRY_POINT = "claude_narrator.models.engines.say:Say"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandInSay:
    (tmp_path / "bin").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return install(tmp_path / "bin")


@pytest.fixture
def engine(stand_in: StandInSay) -> Say:
    loaded = Say()
    assert loaded.load(EngineContext()).device == "cpu"
    return loaded


def _spoken(engine: Say, text: str, voice: str = "Samantha", rate: float = 1.0) -> list[AudioChunk]:
    return [chunk for chunk in engine.synthesize(text, voice, EN, rate) if len(chunk.samples)]


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_every_piece_is_a_run_of_the_command_with_the_text_on_standard_input(
    engine: Say, stand_in: StandInSay
) -> None:
    chunks = _spoken(engine, TEXT, rate=2.0)
    runs = stand_in.runs
    assert len(chunks) == len(runs) == 2
    assert " ".join(run["text"].strip() for run in runs) == TEXT
    sound = runs[0]["sound"]
    expected = ["-v", "Samantha", "-r", "350", "-o", sound, *say._FORMAT, "-f", "-"]
    assert runs[0]["arguments"] == expected
    assert runs[0]["locale"] == "en_US.UTF-8"
    assert chunks[0].sample_rate == 22_050
    loud = np.flatnonzero(np.abs(chunks[0].samples) > 0.01)
    assert loud[0] / 22_050 < 0.02


def test_nothing_is_left_on_disk(engine: Say) -> None:
    _spoken(engine, TEXT)
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


@pytest.mark.parametrize(
    "text", ["-v Bells", "--output-file=/tmp/x", "-o /tmp/x hello", "; touch x", "$(touch x)"]
)
def test_text_that_looks_like_an_option_or_a_command_is_spoken(
    engine: Say, stand_in: StandInSay, text: str
) -> None:
    assert _spoken(engine, text)
    (run,) = stand_in.runs
    assert run["text"].strip() == text
    assert not any(text in argument for argument in run["arguments"])


@pytest.mark.parametrize(
    "text", ["[[volm 1.0]] Loud", "a[[[[rate 600]]]]b", "[[[slnc 9000]]]", "x [[ y", "]]]]"]
)
def test_commands_in_the_text_command_nothing(engine: Say, stand_in: StandInSay, text: str) -> None:
    _spoken(engine, f"Well, {text}.")
    (run,) = stand_in.runs
    assert "[[" not in run["text"]
    assert "]]" not in run["text"]
    letters = [sign for sign in text if sign.isalnum()]
    assert [sign for sign in run["text"] if sign.isalnum()][4:] == letters


def test_text_in_any_script_arrives_as_it_is_and_what_has_no_word_is_not_said(
    engine: Say, stand_in: StandInSay
) -> None:
    assert _spoken(engine, "準備ができました。", "Kyoko")
    assert stand_in.runs[0]["text"].strip() == "準備ができました。"
    assert _spoken(engine, "…—", "Kyoko") == []
    assert len(stand_in.runs) == 1


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Monica", "Mónica"),
        ("Tingting", "Ting-Ting"),
        ("Amelie", "Amélie"),
        ("Ava_(Premium)", "Ava (Premium)"),
        ("Eddy_(German_(Germany))", "Eddy (German (Germany))"),
        ("bad_news", "Bad News"),
    ],
)
def test_a_voice_is_found_however_its_name_is_written(
    engine: Say, stand_in: StandInSay, asked: str, name: str
) -> None:
    assert _spoken(engine, "Hello.", asked)
    assert stand_in.runs[0]["arguments"][:2] == ["-v", name]


def test_a_voice_that_this_mac_has_not_is_no_other_voice(engine: Say, stand_in: StandInSay) -> None:
    with pytest.raises(EngineFailed, match=r"no voice 'Otoya'.*Manage Voices"):
        _spoken(engine, "はい。", "Otoya")
    assert stand_in.runs == []


def test_a_listed_voice_that_is_not_there_is_told_when_the_engine_is_loaded(stand_in: StandInSay) -> None:
    with pytest.raises(EngineUnavailable, match=r"no voice Otoya here.* It has Alice, Amélie"):
        Say().load(EngineContext(options={"voices": "en:Ava_(Premium) ja:Otoya"}))
    Say().load(EngineContext(options={"voices": "en:Ava_(Premium)"}))


@pytest.mark.parametrize("listed", ["", "usage: say [message]\n", LISTED.replace("#", "")])
def test_another_program_of_that_name_is_not_taken_for_it(stand_in: StandInSay, listed: str) -> None:
    stand_in.list_voices(listed)
    with pytest.raises(EngineUnavailable, match=f"{stand_in.folder}/say is not the say of macOS"):
        Say().load(EngineContext())


def test_without_the_command_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"say cannot be run: No such file or directory"):
        Say().load(EngineContext())


def test_an_engine_that_was_not_loaded_says_so() -> None:
    with pytest.raises(EngineFailed, match="not loaded"):
        Say().synthesize("Hello.", "Samantha", EN, 1.0)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("status", "say failed: Voice `Samantha' not found"),
        ("crash", "say failed: status -6"),
        ("nothing", "say wrote no sound"),
        ("noise", "what say wrote cannot be read: sound.wav is no WAV file"),
        ("cut", "what say wrote cannot be read: sound.wav is cut off"),
        ("empty", "what say wrote cannot be read: sound.wav is empty"),
    ],
)
def test_a_failed_run_is_a_failure_of_its_sentence_alone(
    engine: Say, stand_in: StandInSay, fault: str, says: str
) -> None:
    stand_in.behave(fault)
    with pytest.raises(EngineFailed, match=says) as caught:
        _spoken(engine, TEXT)
    assert "\n" not in str(caught.value)
    stand_in.behave()
    assert _spoken(engine, TEXT)


def test_silence_is_no_sound(engine: Say, stand_in: StandInSay) -> None:
    stand_in.behave("mute")
    assert _spoken(engine, "Hello.") == []


def test_a_run_that_hangs_is_killed_and_told(
    engine: Say, stand_in: StandInSay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(say, "_TIMEOUT_S", 0.5)
    stand_in.behave("hang")
    with pytest.raises(EngineUnavailable, match="did not end within"):
        _spoken(engine, TEXT)
    assert stand_in.hanging is None or _gone(stand_in.hanging)


def test_leaving_in_the_middle_kills_the_command(engine: Say, stand_in: StandInSay) -> None:
    stand_in.behave("hang")
    with closing(engine.synthesize(TEXT, "Samantha", EN, 1.0)) as chunks:  # type: ignore[type-var]
        while stand_in.hanging is None:
            assert len(next(chunks).samples) == 0
    assert _gone(stand_in.hanging)
    assert list(Path(tempfile.gettempdir()).iterdir()) == []


@pytest.mark.anyio
async def test_in_a_worker_a_cancel_kills_the_command_and_costs_nothing(stand_in: StandInSay) -> None:
    async with hosted(ENTRY_POINT) as host:
        await host.load()
        pid = host.state.pid
        stand_in.behave("hang")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_work, host)
            while stand_in.hanging is None:  # noqa: ASYNC110 - of another process
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        stand_in.behave()
        assert await _work(host) > 0
        assert _gone(stand_in.hanging)
        assert (host.state.pid, host.state.restarts) == (pid, 0)


async def _work(host: EngineHost) -> int:
    async with aclosing(host.synthesize("Hello.", "Samantha", EN)) as chunks:
        return sum([len(chunk.samples) async for chunk in chunks])
