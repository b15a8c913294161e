"""The controls of a real daemon: from the command line, with what is heard of them."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from claude_narrator.daemon.client import Refused
from claude_narrator.daemon.controls import CONTROLS
from claude_narrator.daemon.protocol import Control, Hook, Reload, Say, Sessions, Status, Wait
from tests.heard import read_wav, speech_spans
from tests.running_daemon import RunningDaemon

SHORT = "The first one. And the second."
LONG = "This is a sentence that goes on for a while. Here is another one, about as long as that. And a third."


@pytest.fixture
def daemon() -> Iterator[RunningDaemon]:
    with RunningDaemon() as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningDaemon]:
    """One daemon for the tests that leave it as it was."""
    with RunningDaemon() as running:
        yield running


def ask(daemon: RunningDaemon, action: str, value: str = "", session: str = "") -> str:
    with daemon.client() as client:
        return str(client.call(Control(action, value, session))["said"])


def status(daemon: RunningDaemon) -> dict[str, Any]:
    with daemon.client() as client:
        return client.call(Status())


def say(daemon: RunningDaemon, text: str, wait: bool = True) -> None:
    with daemon.client() as client:
        client.call(Say(text, wait=wait))


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def idle(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        assert client.call(Wait(timeout_s=30))["idle"]


def sounds(daemon: RunningDaemon) -> list[NDArray[np.int16]]:
    """Return every stretch of sound that was heard, without the silence around it."""
    samples, rate = read_wav(daemon.wav)
    return [samples[round(begin * rate) : round(end * rate)] for begin, end in speech_spans(samples, rate)]


def permission_prompt(session: str = "s") -> Hook:
    return Hook(
        {
            "hook_event_name": "Notification",
            "session_id": session,
            "message": "Claude needs your permission to use Bash",
            "notification_type": "permission_prompt",
        }
    )


def test_back_plays_the_same_samples_again(daemon: RunningDaemon) -> None:
    say(daemon, "Green.")
    (first,) = sounds(daemon)
    assert daemon.voice("back").returncode == 0
    idle(daemon)
    _, again = sounds(daemon)
    assert (again == first).all()


def test_replay_says_every_sentence_of_the_text_again(daemon: RunningDaemon) -> None:
    say(daemon, "One. Two.")
    first = sounds(daemon)
    assert daemon.voice("replay").returncode == 0
    idle(daemon)
    assert len(sounds(daemon)) == 2 * len(first)
    for heard, again in zip(first, sounds(daemon)[len(first) :], strict=True):
        assert (heard == again).all()


def test_back_ends_a_pause(daemon: RunningDaemon) -> None:
    say(daemon, "Green.")
    ask(daemon, "pause")
    assert ask(daemon, "back") == "Back by a sentence."
    idle(daemon)
    assert len(sounds(daemon)) == 2


@pytest.mark.parametrize("name", ["back", "replay"])
def test_with_nothing_heard_there_is_nothing_to_say_again(shared: RunningDaemon, name: str) -> None:
    done = shared.voice(name)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0] == "error: there is nothing to say again"


def test_the_volume_is_heard_kept_and_read_again(daemon: RunningDaemon) -> None:
    say(daemon, "Green.")
    assert daemon.voice("quieter").stdout == "Volume -3 dB.\n"
    assert daemon.voice("quieter").stdout == "Volume -6 dB.\n"
    ask(daemon, "back")
    idle(daemon)
    loud, quiet = sounds(daemon)
    loudest = [float(np.abs(sound.astype(np.int32)).max()) for sound in (loud, quiet)]
    assert loudest[1] / loudest[0] == pytest.approx(10 ** (-6 / 20), rel=0.01)
    saved = tomllib.loads(daemon.paths.settings_file.read_text(encoding="utf-8"))
    assert saved["audio"]["volume"] == -6.0
    assert daemon.voice("settings", "set", "audio.volume", "3").returncode == 0
    assert ask(daemon, "louder") == "Volume +6 dB."


def test_the_volume_has_ends(daemon: RunningDaemon) -> None:
    said = [ask(daemon, "louder") for _ in range(5)]
    assert said[3:] == ["Volume +12 dB.", "The volume is +12 dB already; there is no more."]
    assert "must lie between" in daemon.voice("settings", "set", "audio.volume", "13").stderr


def test_faster_holds_for_the_session_that_is_heard(daemon: RunningDaemon) -> None:
    say(daemon, SHORT)
    assert daemon.voice("faster").stdout == "Rate 1.1.\n"
    assert daemon.voice("faster").stdout == "Rate 1.21.\n"
    say(daemon, SHORT)
    spans = [each["at_s"]["finished"] - each["at_s"]["audible"] for each in status(daemon)["recent"]]
    assert 0.7 < sum(spans[2:]) / sum(spans[:2]) < 0.93
    assert ask(daemon, "slower", session="another") == "Rate 0.91."
    assert status(daemon)["speech"]["rate"] == 1.0


def test_faster_before_anything_was_heard_says_what_to_do(shared: RunningDaemon) -> None:
    with pytest.raises(Refused) as caught:
        ask(shared, "faster")
    assert caught.value.hint == "For all: voice settings set speech.rate 1.1"


def test_mute_ends_what_sounds_and_nothing_is_said_later(daemon: RunningDaemon) -> None:
    say(daemon, LONG, wait=False)
    until(lambda: status(daemon)["player"]["playing"])
    assert daemon.voice("mute", "--for", "5m").stdout == "Voice muted for 5 minutes.\n"
    assert status(daemon)["idle"]
    with daemon.client() as client:
        client.send(permission_prompt("a"))
        client.send(permission_prompt("b"))
    until(lambda: status(daemon)["muted"][0]["dropped"] == 2)
    (muted,) = status(daemon)["muted"]
    assert (muted["session"], 290 < muted["for_s"] <= 300) == ("", True)
    assert "everything, until " in daemon.voice("status").stdout
    with pytest.raises(Refused, match=r"the voice is muted until \d\d:\d\d"):
        ask(daemon, "back")
    sounded = len(status(daemon)["recent"])
    assert daemon.voice("unmute").stdout == "Voice unmuted; 2 were not said.\n"
    say(daemon, "Heard.")
    assert len(status(daemon)["recent"]) == sounded + 1


def test_a_muted_session_leaves_the_others_alone(daemon: RunningDaemon) -> None:
    with daemon.client() as client:
        client.send(Hook({"hook_event_name": "SessionStart", "session_id": "session-1", "cwd": "/tmp/api"}))
        until(lambda: client.call(Sessions())["sessions"])
        told = daemon.voice("mute", "--session", "sess").stdout
        assert told == "Voice of this session muted until it is unmuted.\n"
        client.send(permission_prompt("session-1"))
        client.send(permission_prompt("t"))
        until(lambda: client.call(Status())["recent"])
        idle(daemon)
        assert [each["session"] for each in client.call(Status())["recent"]] == ["t"]
    with pytest.raises(Refused, match="this session is muted until it is unmuted"):
        ask(daemon, "listen", "api")
    assert ask(daemon, "unmute", "of api") == "Voice of this session unmuted; 1 was not said."


def test_a_session_that_nobody_knows_is_not_muted(shared: RunningDaemon) -> None:
    done = shared.voice("mute", "--session", "nosuch")
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no session 'nosuch'\n")
    done = shared.voice("mute", "--session", "")
    assert done.returncode == 2
    assert "--session is empty" in done.stderr
    assert status(shared)["muted"] == []


def test_a_text_that_waits_for_the_end_of_a_pause_says_so(daemon: RunningDaemon) -> None:
    ask(daemon, "pause")
    done = daemon.voice("say", "Held.")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "note: the voice is paused; hear it with: voice resume\n"


def test_a_mute_outlives_the_daemon(daemon: RunningDaemon) -> None:
    ask(daemon, "mute", "1h")
    assert daemon.process is not None
    daemon.voice("daemon", "stop")
    daemon.process.wait(20)
    daemon.__enter__()
    (muted,) = status(daemon)["muted"]
    assert 3500 < muted["for_s"] <= 3600


def test_a_mute_ends_by_itself(daemon: RunningDaemon) -> None:
    ask(daemon, "mute", "1s")
    until(lambda: not status(daemon)["muted"])
    say(daemon, "Heard.")
    assert status(daemon)["recent"][-1]["outcome"] == "spoken"


def test_what_is_asked_to_be_said_while_muted_is_refused_with_the_time_and_the_way_out(
    daemon: RunningDaemon,
) -> None:
    ask(daemon, "mute", "30m")
    done = daemon.voice("say", "Hello.")
    assert (done.returncode, done.stdout) == (1, "")
    problem, hint = done.stderr.splitlines()
    assert re.fullmatch(r"error: the voice is muted until .*\d\d:\d\d; nothing is said", problem)
    assert hint == "To hear it: voice unmute"
    wav = daemon.home / "out.wav"
    assert daemon.voice("say", "Hello.", "--out", str(wav)).returncode == 0
    assert wav.stat().st_size > 1000
    ask(daemon, "unmute")
    assert daemon.voice("say", "Hello.", "--wait").returncode == 0
    assert [each["outcome"] for each in status(daemon)["recent"]] == ["spoken"]


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("stop", 0, "Nothing is being said."),
        ("resume", 0, "The voice is not paused."),
        ("skip", 1, "error: there is nothing to skip"),
        ("unmute", 0, "Voice was not muted."),
    ],
)
def test_what_has_nothing_to_act_on_says_so_in_a_line(
    shared: RunningDaemon, name: str, code: int, line: str
) -> None:
    done = shared.voice(name)
    assert (done.returncode, (done.stdout + done.stderr).splitlines()[0]) == (code, line)


def test_a_pause_of_silence_tells_what_it_does_and_what_is_paused_is_not_paused_again(
    daemon: RunningDaemon,
) -> None:
    told = daemon.voice("pause").stdout
    assert told == "Voice paused; nothing is being said, and what comes waits until it is resumed.\n"
    assert daemon.voice("pause").stdout == "The voice is paused already.\n"
    assert daemon.voice("stop").stdout == "Nothing is being said; the pause has ended.\n"
    assert daemon.voice("resume").stdout == "The voice is not paused.\n"


def test_what_one_hears_needs_no_line(daemon: RunningDaemon) -> None:
    say(daemon, LONG, wait=False)
    until(lambda: status(daemon)["player"]["playing"])
    for name in ("pause", "resume", "skip", "back", "stop"):
        done = daemon.voice(name)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), name


@pytest.mark.parametrize(
    ("action", "value", "words"),
    [
        ("sing", "", "there is no action 'sing'"),
        ("stop", "now", "stop does not know 'now'"),
        ("mute", "soon", "is no span of time"),
        ("mute", "0", "0 is no time to be muted"),
        ("mute", "session", "not known which session"),
        ("unmute", "5m", "unmute does not know '5m'"),
        ("language", "", "language takes one word"),
        ("language", "tlh", "tlh"),
        ("voice", "nobody session more", "voice takes one word"),
        ("amount", "", "amount takes one word"),
        ("listen", "nobody", "nobody"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line_and_changes_nothing(
    shared: RunningDaemon, action: str, value: str, words: str
) -> None:
    with pytest.raises(Refused) as caught:
        ask(shared, action, value)
    assert words in caught.value.problem
    assert "\n" not in caught.value.problem + caught.value.hint
    assert status(shared)["muted"] == []


def test_the_amount_is_that_of_the_session_that_asks(shared: RunningDaemon) -> None:
    assert ask(shared, "amount", "brief", "s") == "amount brief (session)"
    with pytest.raises(Refused, match="brief"):
        ask(shared, "amount", "plenty", "s")


def test_a_bare_number_of_minutes_is_understood(daemon: RunningDaemon) -> None:
    assert ask(daemon, "mute", "5") == "Voice muted for 5 minutes."
    assert ask(daemon, "mute", "1h 30m") == "Voice muted for 1 hour 30 minutes."


def test_settings_that_hold_a_mistake_leave_the_volume(daemon: RunningDaemon) -> None:
    daemon.paths.settings_file.write_text("[audio]\nvolume = 99\n", encoding="utf-8")
    with daemon.client() as client, pytest.raises(Refused, match=r"audio\.volume is 99"):
        client.call(Reload())
    with pytest.raises(Refused, match=r"audio\.volume is 99"):
        ask(daemon, "louder")


def test_wrong_usage_of_a_control_is_told_as_of_any_command(shared: RunningDaemon) -> None:
    done = shared.voice("mute", "--until", "tomorrow")
    assert done.returncode == 2
    assert "usage: voice" in done.stderr


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_has_a_help_with_an_example(shared: RunningDaemon, name: str) -> None:
    done = shared.voice(name, "--help")
    assert done.returncode == 0
    assert f"example: voice {name}" in done.stdout
