"""Questions, plans, notices and subagents, as they are heard under the settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_narrator.daemon.amount import AmountGate
from claude_narrator.daemon.announcements import Announcement, ids_of, steps_of, utterances_of
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.dialogs import PLAN, QUESTION, Dialog
from claude_narrator.daemon.hook_events import AgentEnded, Notified
from claude_narrator.daemon.settings import Speech
from claude_narrator.models.types import Priority, Seconds, Utterance

WHICH = {
    "question": "Which library should we use?",
    "header": "Library",
    "options": [
        {"label": "date-fns (Recommended)", "description": "Small."},
        {"label": "`luxon`", "description": "Big."},
    ],
    "multiSelect": False,
}
STEPS = """# Move the cache

It moves.
Then it stays.

1. Read `a.py`.
2. Write it.

```
3. no
```

3. Test it.
"""
ENDED = AgentEnded("s", "/", "a1", "general-purpose", "The file has **two** lines.\nNothing else.")


def heard(about: Dialog | Notified | AgentEnded, speech: Speech | None = None) -> list[Utterance]:
    announcement = Announcement("n1", "s", about, Seconds(1.0))
    return utterances_of(announcement, speech or Speech(), lambda agent: f"engine/voice of {agent}")


def dialog(tool: str, given: dict[str, Any], by_agent: bool = False) -> Dialog:
    return Dialog("d1", tool, given, by_agent, Seconds(1.0))


def sentences(utterances: list[Utterance]) -> list[str]:
    return [sentence for each in utterances for sentence in each.sentences]


def test_a_permission_prompt_is_important_and_in_the_language_that_is_heard() -> None:
    (utterance,) = heard(dialog("Bash", {"command": "git push"}), Speech(language="ja"))
    assert utterance.sentences == ("クロードが実行の許可を求めています、git push。",)
    assert (utterance.language, utterance.priority) == ("ja", Priority.IMPORTANT)
    assert utterance.id in ids_of("n1")


def test_a_language_without_phrases_of_its_own_gets_english_ones_to_translate() -> None:
    (utterance,) = heard(dialog("Bash", {"command": "git push"}), Speech(language="nl"))
    assert (utterance.sentences, utterance.language) == (("Claude wants to run: git push.",), "en")


def test_a_question_is_said_with_its_options_by_number() -> None:
    assert sentences(heard(dialog(QUESTION, {"questions": [WHICH]}))) == [
        "Claude asks you a question.",
        "Which library should we use?",
        "1: date-fns (Recommended).",
        "2: luxon.",
    ]


def test_several_questions_are_counted_and_several_answers_announced() -> None:
    more = {"question": "Which features?", "options": [{"label": "A"}, {"label": "B"}], "multiSelect": True}
    said = sentences(heard(dialog(QUESTION, {"questions": [WHICH, more]})))
    assert said[:2] == ["Claude asks you 2 questions.", "You may choose several answers."]
    assert said[-3:] == ["Which features?", "1: A.", "2: B."]


def test_what_claude_wrote_is_translated_and_the_words_around_it_are_not() -> None:
    ours, claudes = heard(dialog(QUESTION, {"questions": [WHICH]}), Speech(language="ja"))
    assert (ours.language, ours.sentences) == ("ja", ("クロードからの質問です。",))
    assert (claudes.language, claudes.sentences[0]) == ("en", "Which library should we use?")
    assert {ours.id, claudes.id} <= ids_of("n1")


@pytest.mark.parametrize(
    "given", [{}, {"questions": "x"}, {"questions": [7, {}]}, {"questions": [{"question": 3}]}]
)
def test_a_question_of_another_shape_is_still_told(given: dict[str, Any]) -> None:
    assert sentences(heard(dialog(QUESTION, given))) == ["Claude wants to use Ask User Question."]


def test_an_option_without_words_keeps_its_number() -> None:
    odd = {"question": "Which?", "options": [{"label": "🎉"}, {"label": None}, 7]}
    assert sentences(heard(dialog(QUESTION, {"questions": [odd]})))[1:] == ["Which?", "1: 1", "2: 2"]


@pytest.mark.parametrize(
    ("count", "rest"), [(0, []), (1, ["Move the cache."]), (2, ["Move the cache.", "It moves."])]
)
def test_a_plan_is_said_by_its_steps_and_its_first_sentences(count: int, rest: list[str]) -> None:
    said = sentences(heard(dialog(PLAN, {"plan": STEPS}), Speech(plan_sentences=count)))
    assert said == ["Claude has a plan of 3 steps and asks for your approval.", *rest]


@pytest.mark.parametrize("given", [{}, {"plan": None}, {"plan": "  "}])
def test_a_plan_that_the_hook_does_not_hold_is_told_without_it(given: dict[str, Any]) -> None:
    assert sentences(heard(dialog(PLAN, given))) == ["Claude has a plan and asks for your approval."]


@pytest.mark.parametrize(
    ("plan", "count"),
    [
        (STEPS, 3),
        ("## Step 1: a\n\n- x\n- y\n- z\n\n## Step 2: b\n", 2),
        ("## 1. a\n## 2. b\n## Notes\n", 2),
        ("- a\n  - b\n- c\n", 2),
        ("1. alone\n", 0),
        ("No steps at all.", 0),
        ("", 0),
    ],
)
def test_the_steps_of_a_plan_are_counted_as_it_numbers_them(plan: str, count: int) -> None:
    assert steps_of(plan) == count


def test_a_reminder_is_short_and_may_be_dropped() -> None:
    (idle,) = heard(Notified("s", "/", "Claude is waiting for your input, dear human", "idle_prompt"))
    assert idle.sentences == ("Claude is waiting for your input.",)
    assert idle.priority is Priority.NOTIFICATION


def test_a_notice_of_an_unknown_kind_is_said_as_it_was_written() -> None:
    (notice,) = heard(Notified("s", "/", "Signed in as `bob`", "auth_success"))
    assert (notice.sentences, notice.priority) == (("Signed in as bob.",), Priority.NOTIFICATION)
    assert heard(Notified("s", "/", "🎉", "auth_success")) == []


def test_a_subagent_is_silent_unless_it_shall_be_heard() -> None:
    assert heard(ENDED) == []


def test_a_subagent_may_chime() -> None:
    (utterance,) = heard(ENDED, Speech(subagents="chime", language="ja"))
    assert (utterance.sentences, utterance.language) == ((CHIME,), "ja")


def test_a_subagent_says_what_it_is_and_its_message_in_a_voice_of_its_own() -> None:
    (utterance,) = heard(ENDED, Speech(subagents="voice", rate=1.5))
    assert utterance.sentences == (
        "From the subagent general purpose.",
        "The file has two lines.",
        "Nothing else.",
    )
    assert utterance.choice
    assert (utterance.choice.voice, utterance.choice.rate) == ("engine/voice of a1", 1.5)
    assert utterance.priority is Priority.TEXT


@pytest.mark.parametrize("amount", ["final", "brief", "alerts"])
@pytest.mark.parametrize("about", [ENDED, dialog("Bash", {"command": "git push"})])
def test_what_is_announced_is_heard_whatever_is_heard_of_the_reply(
    amount: str, about: Dialog | AgentEnded
) -> None:
    gate = AmountGate(lambda session: amount)
    told = heard(about, Speech(subagents="voice"))
    assert [kept for each in told for kept in gate.admit(each, Seconds(1.0))] == told


def test_a_subagent_that_said_nothing_has_nothing_to_say() -> None:
    assert heard(AgentEnded("s", "/", "a1", "x", ""), Speech(subagents="voice")) == []


@given(
    st.sampled_from([QUESTION, PLAN, "Bash"]),
    st.dictionaries(
        st.sampled_from(["questions", "plan", "command"]), st.text() | st.lists(st.text()), max_size=3
    ),
    st.sampled_from(["en", "ja", "fr"]),
)
def test_every_dialog_is_told_in_one_way_or_another(tool: str, given: dict[str, Any], language: str) -> None:
    told = heard(dialog(tool, given), Speech(language=language))
    assert told
    assert all(each.sentences and all(each.sentences) for each in told)
    assert {each.id for each in told} <= ids_of("n1")
    assert len({each.id for each in told}) == len(told)
