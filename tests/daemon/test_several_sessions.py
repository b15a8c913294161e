"""Several Claude Code sessions on one real daemon: what is played, in which order, and who is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from claude_narrator.daemon.chime import CHIME, chime
from claude_narrator.daemon.client import Refused
from claude_narrator.daemon.protocol import (
    Listen,
    Request,
    SetForSession,
    SetVoice,
    Stop,
)
from claude_narrator.daemon.settings import PROJECT_FILE
from claude_narrator.models.engines.hibari import Hibari
from claude_narrator.models.engines.open_jtalk import OpenJTalk
from tests.daemon.commands_here import empty_home, voice
from tests.daemon.three_projects import API, LIMIT_S, SHOP, SITE, House, loaded, place_in
from tests.e2e.terminal import wait_until
from tests.listening import read_wav
from tests.running_daemon import RunningDaemon

IN_SHOP, IN_API, IN_SITE = "In web shop:", "api serverからです。", "In docs site 2:"
TESTS_PASS = "テストが通りました。"
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
LINES = [f"Step {name} of twelve is done." for name in NUMBERS]
"""More than the pipeline works on at a time."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with RunningDaemon(log__spoken_text=True, speech__rate=3.0) as daemon:
        yield House(daemon, tmp_path)


def test_the_one_prompted_last_speaks_the_other_chimes_and_is_heard_when_asked_for(house: House) -> None:
    (house.folders[SHOP] / PROJECT_FILE).write_text("[speech]\nrate = 1.5\n")
    house.start(SHOP, API)
    house.prompt(SHOP)
    house.show(SHOP, "The build is green.")
    house.show(API, TESTS_PASS)
    house.show(API, "終わりました。")
    assert house.heard() == [(SHOP, "The build is green."), (API, CHIME)]
    assert [house.sessions()[each]["held"] for each in (SHOP, API)] == [0, 2]

    assert house.daemon.voice("listen", "api").stdout == "api-server: 2 held\n"
    house.show(SHOP, "Not heard.")
    expected = [(API, IN_API), (API, TESTS_PASS), (API, "終わりました。"), (SHOP, CHIME)]
    assert house.heard()[2:] == expected

    house.prompt(SHOP)
    house.show(SHOP, "All is done.")
    assert house.heard()[6:] == [(SHOP, IN_SHOP), (SHOP, "All is done.")]

    with loaded(Hibari) as english, loaded(OpenJTalk) as japanese:
        hibari = partial(house.played_at, english, voice="heart", language="en", rate=1.5)
        mei = partial(house.played_at, japanese, voice="mei", language="ja", rate=3.0)
        played = [
            hibari("The build is green."),
            mei(IN_API),
            mei(TESTS_PASS),
            hibari(IN_SHOP),
            hibari("All is done."),
        ]
        with pytest.raises(AssertionError, match="not played so"):
            hibari("Not heard.")
    assert played == sorted(played)
    before_api = read_wav(house.daemon.wav).samples[: played[1]]
    assert place_in(before_api, chime().samples) > played[0]


def test_a_session_that_is_alone_is_not_named_whatever_a_command_says_in_between(house: House) -> None:
    house.start(SHOP)
    house.show(SHOP, "One is done.")
    assert house.daemon.voice("say", "From a shell.", "--wait").returncode == 0
    house.show(SHOP, "Two is done.")
    said = ["One is done.", "From a shell.", "Two is done."]
    assert [text for _, text in house.heard()] == said


def test_what_waited_of_the_former_speaker_is_kept_whole(house: House) -> None:
    house.start(SHOP, SITE)
    house.prompt(SHOP)
    house.show(SHOP, *LINES)
    house.until_begun(SHOP)
    house.prompt(SITE)
    house.show(SITE, "The page is up.")
    before = house.heard()
    assert before[-2:] == [(SITE, IN_SITE), (SITE, "The page is up.")]
    held = house.sessions()[SHOP]["held"]
    assert 0 < held < len(LINES)
    house.daemon.voice("listen", "web_shop")
    after = house.heard()[len(before) :]
    assert after[0] == (SHOP, IN_SHOP)
    assert [text for _, text in [*before[:-2], *after[1:]]] == LINES


def test_a_permission_prompt_of_another_session_is_heard_at_once_and_named(house: House) -> None:
    house.start(SHOP, SITE)
    house.prompt(SHOP)
    house.show(SHOP, *LINES)
    house.until_begun(SHOP)
    house.hook("Notification.permission_prompt", SITE)
    wait_until(lambda: (SHOP, IN_SHOP) in house.begun(), "the speaker did not go on", LIMIT_S)
    with house.daemon.client() as client:
        client.call(Stop())
    heard = house.heard()
    speakers = [session for session, _ in heard]
    assert heard[speakers.index(SITE)] == (SITE, IN_SITE)
    assert [text for session, text in heard if session == SHOP].count(IN_SHOP) == 1
    assert house.sessions()[SHOP]["owner"]
    with loaded(Hibari) as english:
        house.played_at(english, IN_SITE, "heart", "en", rate=1.5)


def test_a_failure_of_another_session_is_heard_and_its_words_are_not(house: House) -> None:
    house.start(SHOP, SITE)
    house.prompt(SHOP)
    house.show(SITE, "Not heard.")
    house.hook("StopFailure", SITE)
    heard = house.heard()
    assert (SITE, "Claude stopped because of an error.") in heard
    assert (SITE, "Not heard.") not in heard


def test_clear_ends_what_is_held_and_the_floor_goes_to_who_speaks_next(house: House) -> None:
    house.start(SHOP, API, SITE)
    house.prompt(SHOP)
    house.show(API, TESTS_PASS)
    house.hook("SessionEnd.clear", API)
    house.hook("SessionEnd.clear", SHOP)
    house.show(SITE, "The page is up.")
    assert [text for _, text in house.heard() if text != CHIME] == ["The page is up."]
    sessions = house.sessions()
    assert list(sessions) == [SITE]
    assert sessions[SITE]["owner"]


def test_all_may_speak_in_turn(house: House) -> None:
    house.daemon.voice("settings", "set", "sessions.others", "all")
    house.start(SHOP, SITE)
    house.prompt(SHOP)
    house.show(SHOP, "The build is green.")
    house.show(SITE, "The page is up.")
    said = [(SHOP, "The build is green."), (SITE, IN_SITE), (SITE, "The page is up.")]
    assert house.heard() == said


def test_sessions_are_listed_with_what_is_in_force_and_set_one_by_one(house: House) -> None:
    house.start(SHOP, API, SITE)
    house.prompt(SHOP)
    rows = house.sessions()
    assert next(iter(rows)) == SHOP
    assert [rows[each]["speech"]["language"] for each in (SHOP, API)] == ["en", "ja"]
    assert [rows[each]["short_id"] for each in (SHOP, API, SITE)] == ["aaaa1", "bbbb", "aaaa3"]
    told = json.loads(house.daemon.voice("sessions", "--json").stdout)["sessions"]
    assert {row["id"] for row in told} == {*rows}
    shown = house.daemon.voice("sessions").stdout
    assert "web_shop" in shown
    assert "has the floor" in shown

    done = house.daemon.voice("settings", "set", "speech.notices", "off", "--session", "docs")
    assert (done.returncode, done.stdout) == (0, "notices off (session)\n")
    done = house.daemon.voice("settings", "set", "speech.rate", "2", "--session", "bbbb")
    assert (done.returncode, done.stdout) == (0, "rate 2.0 (session)\n")
    with house.daemon.client() as client:
        client.call(SetVoice("session", SITE, rate=1.2))
    told = house.daemon.voice("settings", "--explain", "speech.rate", "--session", "docs").stdout
    assert told == "speech.rate = 1.2  session, by the command line\n"
    assert house.sessions()[SITE]["speech"]["notices"] == "off"
    told = house.daemon.voice("settings", "--explain", "speech.language", "--session", API).stdout
    assert told == f"speech.language = 'ja'  {house.folders[API] / PROJECT_FILE}:2\n"


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Listen("nobody"), "there is no session 'nobody'"),
        (Listen("aaaa"), "'aaaa' may be aaaa1 (web_shop), aaaa3 (docs_site-2)"),
        (Listen(""), "'' may be "),
        (SetForSession("nobody", "speech.rate", "1"), "there is no session 'nobody'"),
        (SetForSession("api", "speech.rate", "9"), "the rate 9.0 is out of range"),
        (SetForSession("api", "speech.rate", "x"), "speech.rate cannot be 'x'"),
        (SetForSession("api", "speech.rat", "1"), "unknown setting 'speech.rat'"),
        (SetForSession("api", "speech.notices", "loud"), "must be one of spoken"),
        (SetForSession("api", "speech.voice", "no/body"), "there is no voice 'no/body'"),
        (SetForSession("api", "log.level", "info"), "cannot be set for one session"),
    ],
)
def test_what_names_no_session_or_no_value_is_told_in_one_line(
    shared: House, request_: Request, says: str
) -> None:
    with shared.daemon.client() as client, pytest.raises(Refused) as caught:
        client.call(request_)
    assert says in caught.value.problem
    assert "\n" not in caught.value.problem
    assert [row["changes"] for row in shared.sessions().values()] == [{}, {}, {}]


def test_a_session_that_cannot_be_meant_is_refused_with_those_there_are(shared: House) -> None:
    done = shared.daemon.voice("listen", "nobody")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: there is no session 'nobody'",
        "There are aaaa1 (web_shop), bbbb (api-server), aaaa3 (docs_site-2).",
    ]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Sessions that no test changes."""
    with RunningDaemon() as daemon:
        house = House(daemon, tmp_path_factory.mktemp("projects"))
        house.start(SHOP, API, SITE)
        yield house


def test_without_a_daemon_there_are_no_sessions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with empty_home(monkeypatch):
        assert voice("sessions") == 1
        assert capsys.readouterr().out == "The daemon is not running.\n"
        assert voice("sessions", "--json") == 1
        assert json.loads(capsys.readouterr().out) == {"running": False, "sessions": []}
        assert voice("listen", "api") == 1
        assert "the daemon is not running, so nothing waits" in capsys.readouterr().err
