"""What the recorded sessions and others like them ask of the listener: told once, dropped when answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from claude_narrator.daemon.announcements import utterances_of
from claude_narrator.daemon.notices import notices_for
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.turns import Action, Announce, Prompted, Silence, Withdraw
from claude_narrator.models.types import Language, Priority, Seconds
from tests.daemon.timed_payloads import ENGLISH, VERSIONS, Claude, Played, tour

both_versions = pytest.mark.parametrize("version", VERSIONS)
claude = Claude()
PUSH = {"command": "git push"}
QUESTION = {"questions": [{"question": "Which?", "options": [{"label": "A"}, {"label": "B"}]}]}
KINDS = (
    "authentication_failed",
    "oauth_org_not_allowed",
    "account_on_hold",
    "verification_required",
    "billing_error",
    "rate_limit",
    "overloaded",
    "invalid_request",
    "model_not_found",
    "server_error",
    "max_output_tokens",
    "cloud_credential_error",
)
"""Of CLI 2.1.328, but `unknown`."""


@pytest.fixture
def played() -> Played:
    return Played()


def recorded(version: str, name: str) -> dict[str, Any]:
    path = VERSIONS[version] / "hook-payloads" / f"{name}.json"
    payload: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return payload


def asks(tool: str = "Bash", given: dict[str, Any] = PUSH, **fields: Any) -> dict[str, Any]:
    return claude.event("PermissionRequest", prompt_id="p", tool_name=tool, tool_input=given, **fields)


def calls(tool: str, given: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return claude.event(
        "PreToolUse", prompt_id="p", tool_use_id="t1", tool_name=tool, tool_input=given, **fields
    )


def ends(tool: str = "Bash", given: dict[str, Any] = PUSH, **fields: Any) -> dict[str, Any]:
    return claude.event(
        "PostToolUse", prompt_id="p", tool_use_id="t1", tool_name=tool, tool_input=given, **fields
    )


def announced(actions: list[Action]) -> list[str]:
    return [each.announcement.id for each in actions if isinstance(each, Announce)]


def withdrawn(actions: list[Action]) -> list[str]:
    return [number for each in actions if isinstance(each, Withdraw) for number in each.ids]


# Permission prompts


@both_versions
def test_the_recorded_prompt_is_told_at_once_and_not_again_six_seconds_later(version: str) -> None:
    played = Played().play(tour(version))
    at = next(at for at, payload in tour(version) if payload["hook_event_name"] == "PermissionRequest")
    told = [when for when, sentence in played.said_at() if "wants to" in sentence or "permission" in sentence]
    assert told == [at]


@both_versions
def test_the_recorded_answer_drops_what_still_waits_of_the_prompt(version: str) -> None:
    played = Played().play(tour(version))
    answered = next(
        at
        for at, payload in tour(version)
        if payload["hook_event_name"] == "PostToolUse" and "third" in str(payload["tool_input"])
    )
    assert [at for at, action in played.actions if isinstance(action, Withdraw)] == [answered]


@both_versions
def test_the_notification_is_told_when_no_request_came(version: str, played: Played) -> None:
    played.feed(recorded(version, "Notification.permission_prompt"))
    assert played.said(Priority.IMPORTANT) == ["Claude needs your permission."]


def test_a_notification_after_the_answer_is_of_another_dialog(played: Played) -> None:
    (number,) = announced(played.feed(asks(), at=0))
    assert withdrawn(played.feed(ends(), at=2)) == [number]
    played.feed(claude.event("Notification", message="x", notification_type="permission_prompt"), at=9)
    assert played.said(Priority.IMPORTANT)[-1] == "Claude needs your permission."


def test_text_that_arrives_late_is_no_answer(played: Played) -> None:
    played.feed(claude.prompt("p"))
    played.feed(asks(), at=1)
    late = played.feed(claude.shows("p", "m", 0, "I push now.", final=True), at=1.1)
    assert withdrawn(late) == []


@pytest.mark.parametrize("event", ["Stop", "StopFailure"])
def test_the_end_of_the_turn_is_an_answer(played: Played, event: str) -> None:
    (number,) = announced(played.feed(asks(), at=0))
    payload = claude.event(event, prompt_id="p", last_assistant_message="", error="unknown")
    assert withdrawn(played.feed(payload, at=3)) == [number]


def test_a_prompt_of_a_subagent_is_told_and_outlives_the_turn_that_started_it(played: Played) -> None:
    agent = {"agent_id": "a1", "agent_type": "general-purpose"}
    (number,) = announced(played.feed(asks(**agent), at=0))
    assert played.said(Priority.IMPORTANT) == ["A subagent wants to run: git push."]
    assert withdrawn(played.feed(claude.stops("p", "Done."), at=1)) == []
    end = claude.event("SubagentStop", last_assistant_message="", **agent)
    assert withdrawn(played.feed(end, at=2)) == [number]


def test_a_new_prompt_and_escape_forget_every_dialog(played: Played) -> None:
    notification = claude.event("Notification", message="x", notification_type="permission_prompt")
    played.feed(asks(), at=0)
    assert played.feed(claude.prompt("q"), at=1) == [Silence("s1"), Prompted("s1")]
    assert announced(played.feed(notification, at=2))
    played.feed(asks(), at=10)
    assert played.turns.interrupt("s1", "q", Seconds(11.0)) == [Silence("s1")]
    assert announced(played.feed(notification, at=12))


# Questions and plans


def test_a_question_is_told_once_through_two_hooks_and_dropped_when_it_is_answered(played: Played) -> None:
    (number,) = announced(played.feed(calls("AskUserQuestion", QUESTION), at=0))
    assert played.feed(asks("AskUserQuestion", QUESTION), at=0.1) == []
    assert played.said(Priority.IMPORTANT) == ["Claude asks you a question.", "Which?", "1: A.", "2: B."]
    answers = {**QUESTION, "answers": {"Which?": "A"}}
    assert withdrawn(played.feed(ends("AskUserQuestion", answers), at=5)) == [number]


def test_the_recorded_question_is_told_once_and_dropped_when_it_is_answered(played: Played) -> None:
    called, asked, ended = (
        recorded("2.1.328", f"{name}.question") for name in ("PreToolUse", "PermissionRequest", "PostToolUse")
    )
    (number,) = announced(played.feed(called, at=0))
    assert played.feed(asked, at=0.1) == []
    assert played.said(Priority.IMPORTANT)[1:] == ["Which colour do you want?", "1: Red.", "2: Blue."]
    assert withdrawn(played.feed(ended, at=4)) == [number]


def test_the_recorded_plan_is_told_once_and_dropped_when_it_is_approved(played: Played) -> None:
    names = ("PreToolUse", "PermissionRequest", "Notification", "PostToolUse")
    called, asked, notified, ended = (recorded("2.1.328", f"{name}.plan") for name in names)
    (number,) = announced(played.feed(called, at=0))
    assert played.feed(asked, at=0.1) == []
    assert played.feed(notified, at=6) == []
    assert played.said(Priority.IMPORTANT) == [
        "Claude has a plan of 2 steps and asks for your approval.",
        "Move the cache.",
        "1: Read it.",
    ]
    assert withdrawn(played.feed(ended, at=8)) == [number]


def test_a_plan_is_told_once(played: Played) -> None:
    plan = {"plan": "# Cache\n\n1. Read it.\n2. Move it.", "planFilePath": "/x/plan.md"}
    played.feed(calls("ExitPlanMode", plan), at=0)
    played.feed(asks("ExitPlanMode", plan), at=0.1)
    said = played.said(Priority.IMPORTANT)
    assert said[:2] == ["Claude has a plan of 2 steps and asks for your approval.", "Cache."]
    assert len(said) == 3


def test_other_tools_that_are_called_ask_nothing(played: Played) -> None:
    played.feed(claude.prompt("p"))
    assert played.feed(calls("Bash", PUSH)) == []


# Failures


@both_versions
def test_the_recorded_failures_are_told_with_their_reason_and_never_as_a_reply(version: str) -> None:
    for name, words in (
        ("StopFailure.server_error", "the server failed"),
        ("StopFailure", "because of an error"),
    ):
        played = Played()
        played.feed(recorded(version, name))
        played.wait_until(5)
        (sentence,) = played.said(Priority.IMPORTANT)
        assert words in sentence
        assert played.said() == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_kind_of_failure_has_a_reason_in_words(kind: str, language: str) -> None:
    notices = notices_for(Language(language))
    assert notices.failure(kind) != notices.failed
    assert "_" not in notices.failure(kind)


@pytest.mark.parametrize("kind", ["unknown", "", "brand_new"])
def test_a_failure_of_an_unknown_kind_is_told_without_a_reason(played: Played, kind: str) -> None:
    played.feed(claude.fails("p", kind))
    played.wait_until(5)
    assert played.said(Priority.IMPORTANT) == [notices_for(ENGLISH).failed]


# Subagents


@both_versions
@pytest.mark.parametrize(("subagents", "heard"), [("off", 0), ("chime", 1), ("voice", 1)])
def test_the_recorded_subagent_is_heard_as_the_setting_says(version: str, subagents: str, heard: int) -> None:
    played = Played(Speech(subagents=subagents)).play(tour(version))
    notices = [each for each in played.utterances(*Priority) if each.id.startswith("notice")]
    agents = [each for each in notices if each.priority is not Priority.NOTIFICATION]
    assert len(agents) == heard
    if subagents == "voice":
        assert agents[0].sentences[0] == "From the subagent general purpose."
        assert agents[0].sentences[1:] == ("The file has two lines.", "Nothing else to report.")


@both_versions
def test_the_helper_of_compact_says_nothing_whatever_the_setting(version: str) -> None:
    played = Played(Speech(subagents="voice"))
    played.feed(recorded(version, "SubagentStop.internal"))
    assert played.said(*Priority) == []


def test_a_subagent_that_stops_twice_with_the_same_words_is_told_once(played: Played) -> None:
    end = claude.event("SubagentStop", agent_id="a1", agent_type="x", last_assistant_message="Done.")
    assert len(announced(played.feed(end, at=0))) == 1
    assert announced(played.feed(end, at=1)) == []
    assert len(announced(played.feed({**end, "last_assistant_message": "More."}, at=2))) == 1
    assert len(announced(played.feed({**end, "agent_id": "a2"}, at=3))) == 1


# Turns


@both_versions
def test_the_recorded_compact_clear_and_idle_say_one_reminder_and_nothing_else(version: str) -> None:
    events = tour(version)
    begin = next(at for at, payload in events if payload["hook_event_name"] == "PreCompact")
    played = Played(Speech(subagents="voice")).play(events)
    later = [sentence for at, sentence in played.said_at() if at >= begin]
    assert later == ["Hello.", "What shall we do?", "Claude is waiting for your input."]


@both_versions
def test_a_resumed_session_says_nothing_before_its_next_reply(version: str, played: Played) -> None:
    played.feed(recorded(version, "SessionStart.resume"))
    played.wait_until(60)
    assert played.said(*Priority) == []


def test_the_recorded_task_notification_silences_nothing(played: Played) -> None:
    payload = recorded("2.1.328", "UserPromptSubmit.task-notification")
    assert not [each for each in played.feed(payload) if isinstance(each, Silence)]


def test_words_are_found_for_every_announcement_of_the_recorded_sessions() -> None:
    for version in VERSIONS:
        for _, action in Played().play(tour(version)).actions:
            if isinstance(action, Announce):
                for language in ("en", "ja"):
                    speech = Speech(language=language, subagents="voice")
                    assert utterances_of(action.announcement, speech, lambda agent: "auto")
