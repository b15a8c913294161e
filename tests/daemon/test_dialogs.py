"""Every question to the human is told once, and dropped when it is answered."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.dialogs import MAX_OPEN, PLAN, QUESTION, SAME_S, Dialogs
from claude_narrator.daemon.hook_events import Asked, ToolEnded, ToolUse
from claude_narrator.models.types import Seconds

PUSH = {"command": "git push"}


def asked(tool: str = "Bash", given: dict[str, Any] = PUSH, agent: str = "") -> Asked:
    return Asked("s", "/", agent, tool, given)


def called(tool: str, given: dict[str, Any], agent: str = "") -> ToolUse:
    return ToolUse("s", "/", agent, tool, given, "toolu_1")


def ended(tool: str = "Bash", given: dict[str, Any] = PUSH, agent: str = "") -> ToolEnded:
    return ToolEnded("s", "/", agent, tool, given)


def test_a_dialog_that_is_delivered_twice_is_one() -> None:
    dialogs = Dialogs("s")
    assert dialogs.open(asked(), Seconds(0.0)) is not None
    assert dialogs.open(asked(), Seconds(0.001)) is None


def test_the_same_request_made_again_later_is_another_one() -> None:
    dialogs = Dialogs("s")
    first = dialogs.open(asked(), Seconds(0.0))
    second = dialogs.open(asked(), Seconds(SAME_S))
    assert first
    assert second
    assert first.id != second.id


def test_a_question_that_comes_through_two_doors_is_told_once_however_late_the_second() -> None:
    dialogs = Dialogs("s")
    question = {"questions": [{"question": "Which?"}]}
    assert dialogs.open(called(QUESTION, question), Seconds(0.0)) is not None
    assert dialogs.open(asked(QUESTION, question), Seconds(9.0)) is None
    assert dialogs.open(called(QUESTION, question), Seconds(20.0)) is not None


def test_doors_may_overtake_each_other() -> None:
    dialogs = Dialogs("s")
    assert dialogs.open(asked(PLAN, {"plan": "x"}), Seconds(0.0)) is not None
    assert dialogs.open(called(PLAN, {"plan": "x"}), Seconds(0.1)) is None


def test_a_tool_that_has_run_answers_its_own_request_alone() -> None:
    dialogs = Dialogs("s")
    push = dialogs.open(asked(), Seconds(0.0))
    dialogs.open(asked(given={"command": "ls"}), Seconds(0.0))
    assert dialogs.answered(ended(given={"command": "pwd"})) == []
    assert dialogs.answered(ended(agent="a1")) == []
    assert dialogs.answered(ended()) == [push]
    assert dialogs.any_open
    assert dialogs.answered(ended()) == []


def test_a_request_that_was_refused_and_made_again_is_answered_with_the_new_one() -> None:
    dialogs = Dialogs("s")
    refused, granted = dialogs.open(asked(), Seconds(0.0)), dialogs.open(asked(), Seconds(20.0))
    assert dialogs.answered(ended()) == [refused, granted]


def test_the_answers_in_the_input_of_a_question_do_not_hide_that_it_is_the_same() -> None:
    dialogs = Dialogs("s")
    dialog = dialogs.open(called(QUESTION, {"questions": []}), Seconds(0.0))
    assert dialogs.answered(ended(QUESTION, {"questions": [], "answers": {"Which?": "a"}})) == [dialog]


def test_the_end_of_a_turn_leaves_the_dialogs_of_agents_in_the_background() -> None:
    dialogs = Dialogs("s")
    mine, theirs = dialogs.open(asked(), Seconds(0.0)), dialogs.open(asked(agent="a1"), Seconds(0.0))
    assert dialogs.turn_ended() == [mine]
    assert dialogs.agent_ended("a2") == []
    assert dialogs.agent_ended("a1") == [theirs]
    assert not dialogs.any_open


def test_thousands_of_dialogs_are_not_remembered() -> None:
    dialogs = Dialogs("s")
    for number in range(2_000):
        dialogs.open(asked(given={"command": str(number)}), Seconds(float(number)))
    assert len(dialogs.close_all()) == MAX_OPEN


requests = st.tuples(st.sampled_from(["ls", "pwd", "git push"]), st.sampled_from(["", "a1"]))


@given(st.lists(st.tuples(requests, st.booleans(), st.floats(0, 3)), max_size=30))
def test_whatever_happens_a_dialog_is_opened_once_and_closed_once(
    steps: list[tuple[tuple[str, str], bool, float]],
) -> None:
    dialogs, now = Dialogs("s"), 0.0
    opened, closed = [], []
    for (command, agent), is_answer, later_s in steps:
        now += later_s
        given_ = {"command": command}
        if is_answer:
            closed += dialogs.answered(ended(given=given_, agent=agent))
        elif dialog := dialogs.open(asked(given=given_, agent=agent), Seconds(now)):
            opened.append(dialog)
    closed += dialogs.close_all()
    assert sorted(each.id for each in closed) == sorted(each.id for each in opened)
    assert len({each.id for each in opened}) == len(opened)
