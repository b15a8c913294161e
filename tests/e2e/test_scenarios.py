"""A day with the terminal UI of both versions: what was played, found in the recording, and when."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

from claude_narrator.daemon.chime import CHIME
from tests.e2e.claude_cli import User, both_versions
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import AUDIBLE, Narrator, read_growing_wav
from tests.e2e.played import Played, Voice
from tests.e2e.scenario import Break, Gate, Text, ToolUse
from tests.e2e.terminal import Terminal, wait_until

pytestmark = [pytest.mark.e2e, both_versions]

SILENT_AFTER_S = 0.5
LISTENS_S = 1.5
STORY = [f"The old story has a sentence with the number {n}." for n in "abcdefghijkl"]
LONG = "".join(f"{sentence}\n" for sentence in STORY)
FOLLOW = {"command": "tail -f notes.txt", "description": "Follow the notes"}
LOOK = {"command": "echo seven", "description": "Look"}
ALLOW_BASH = ("--allowedTools", "Bash")
HELPER = {
    "description": "Count lines",
    "prompt": "Count the lines of the notes.",
    "subagent_type": "general-purpose",
    "run_in_background": True,
}
BLOCK_ONCE = """test -f blocked || { touch blocked; echo '{"decision":"block","reason":"Go on."}'; }"""


@pytest.fixture
def played(narrator: Narrator) -> Played:
    return Played(narrator)


def press_escape(terminal: Terminal, narrator: Narrator) -> None:
    """Press Esc, and hear that nothing sounds from half a second on after Claude Code has written it down."""
    terminal.press("Escape")
    wait_until(lambda: interrupted(narrator.user), "Claude Code did not write that it was interrupted")
    time.sleep(SILENT_AFTER_S)
    before = read_growing_wav(narrator.wav).size
    time.sleep(LISTENS_S)
    after = read_growing_wav(narrator.wav)[before:]
    assert after.size == 0 or np.max(np.abs(after)) < AUDIBLE, narrator.heard()


def interrupted(user: User) -> bool:
    """Whether a transcript holds the trace that Esc leaves, and nothing else does."""
    transcripts = (user.home / ".claude" / "projects").rglob("*.jsonl")
    return any("[Request interrupted by user" in each.read_text(encoding="utf-8") for each in transcripts)


def test_escape_in_a_text_silences_it_and_the_next_prompt_is_heard(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    api.script([Text(LONG), Gate("rest"), Text("The rest.\n")], [Text("A new reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Tell me a story.")
        narrator.wait_heard("number b")
        press_escape(terminal, narrator)
        api.open("rest")
        terminal.ask("Something else.")
        assert narrator.wait_ended("A new reply").outcome == "spoken"
    order = played.order(STORY[0], STORY[7], "The rest.", "A new reply.")
    assert order[0] == STORY[0]
    assert order[-1] == "A new reply."
    assert not {STORY[7], "The rest."} & set(order)


def test_escape_in_a_tool_silences_what_was_said_before_it(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    (user.project / "notes.txt").write_text("Nothing more comes.\n", encoding="utf-8")
    api.script([Text(LONG), ToolUse("Bash", FOLLOW)], [Text("A new reply.")])
    with Terminal(user, *ALLOW_BASH) as terminal:
        terminal.ask("Run something slow.")
        narrator.wait_heard("number b")
        terminal.wait_for(r"tail -f|Follow the notes|Running")
        press_escape(terminal, narrator)
        terminal.ask("Something else.")
        assert narrator.wait_ended("A new reply").outcome == "spoken"
    order = played.order(STORY[0], STORY[7], "A new reply.")
    assert order[-1] == "A new reply."
    assert STORY[7] not in order


def test_a_queued_prompt_is_answered_aloud_after_the_reply_that_it_waited_for(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    api.script([Text("The first line.\n"), Gate("rest"), Text("The last line.\n")], [Text("A queued reply.")])
    with Terminal(user) as terminal:
        terminal.ask("Write a few lines.")
        narrator.wait_ended("first line")
        terminal.ask("And this one waits.")
        assert len(api.scripted) == 1
        api.open("rest")
        assert narrator.wait_ended("A queued reply").outcome == "spoken"
    order = played.order("The first line.", "The last line.", "A queued reply.")
    assert [each for each in order if each != "The last line."] == ["The first line.", "A queued reply."]
    assert order[-1] == "A queued reply."


def test_a_permission_prompt_is_heard_with_its_command_while_it_waits(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    make = {"command": "touch third.txt", "description": "Make a file"}
    story = STORY[:3]
    api.script(
        [Text("\n".join(story) + "\n"), Gate("ask"), ToolUse("Bash", make)], [Text("The file is there.")]
    )
    with Terminal(user) as terminal:
        terminal.ask("Make a file.")
        narrator.wait_heard("number a")
        api.open("ask")
        asked = narrator.wait_ended("third")
        assert "touch" in asked.text
        assert len(api.scripted) == 1
        terminal.press("Enter")
        assert narrator.wait_ended("The file is there").outcome == "spoken"
    assert len([text for text in narrator.texts() if "third" in text]) == 1
    order = played.order(*story, asked.text, "The file is there.")
    assert order.count(asked.text) == 1
    assert set(story) < set(order)
    assert order.index(asked.text) < order.index(story[2]), order
    assert order[-1] == "The file is there."


def test_a_subagent_in_the_background_says_nothing_and_what_follows_it_is_heard_once(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    api.script(
        [Text("I ask somebody else.\n"), ToolUse("Agent", HELPER)],
        [Text("The other one is at it.")],
        [Text("It counted two lines.")],
    )
    api.script_for("Count the lines of the notes.", [Gate("helper"), Text("There are two of them.")])
    with Terminal(user, *ALLOW_BASH) as terminal:
        terminal.ask("Count for me.")
        narrator.wait_ended("at it")
        api.open("helper")
        assert narrator.wait_ended("two lines").outcome == "spoken"
    texts = ("I ask somebody else.", "The other one is at it.", "It counted two lines.")
    assert played.order(*texts, "There are two of them.") == list(texts)


def test_a_stop_that_a_hook_blocks_goes_on_and_repeats_nothing(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    hook = {"type": "command", "command": BLOCK_ONCE}
    settings = user.project / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [hook]}]}}), encoding="utf-8")
    api.script([Text("A plain answer.")], [Text("One more sentence.")])
    with Terminal(user) as terminal:
        terminal.ask("Answer plainly.")
        assert narrator.wait_ended("One more sentence").outcome == "spoken"
        assert len(api.scripted) == 2
    texts = ["A plain answer.", "One more sentence."]
    assert narrator.texts() == texts
    assert played.order(*texts) == texts


def test_a_broken_stream_is_told_or_tried_again_and_no_line_is_heard_twice(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    api.script(
        [Text("I will look first.\n"), ToolUse("Bash", LOOK)],
        [Text("There are seven.\nNothing el"), Gate("break"), Break()],
        [Text("There are seven.\nNothing else is needed.")],
    )
    with Terminal(user, *ALLOW_BASH) as terminal:
        terminal.ask("How many?")
        narrator.wait_heard("There are seven")
        api.open("break")
        wait_until(lambda: any("fail" in t or "Nothing else" in t for t in narrator.texts()), "nothing told")
        wait_until(lambda: narrator.run("voice", "wait", "--timeout", "10").returncode == 0, "it goes on")
    order = played.order("I will look first.", "There are seven.", "Nothing else is needed.")
    assert order[:2] == ["I will look first.", "There are seven."]
    assert order.count("There are seven.") == 1
    given_up = any("fail" in text for text in narrator.texts())
    assert given_up != ("Nothing else is needed." in order), narrator.texts()
    assert not any("API Error" in text for text in narrator.texts())


def test_after_clear_a_new_session_is_heard(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    api.script([Text("Before the clearing.\n" + LONG)])
    api.script([ToolUse("mcp__voice__speak", {"text": "Said by a tool."})], [Text("After the clearing.")])
    with Terminal(user) as terminal:
        terminal.ask("Hello.")
        old = narrator.wait_ended("Before the clearing")
        terminal.ask("/clear")
        wait_until(lambda: old.text not in terminal.screen(), "the screen was not cleared")
        terminal.ask("Say something.")
        new = narrator.wait_ended("After the clearing")
        assert new.session != old.session
        assert narrator.wait_heard("Said by a tool").session == new.session
    order = played.order("Before the clearing.", STORY[11], "Said by a tool.", "After the clearing.")
    assert order == ["Before the clearing.", "Said by a tool.", "After the clearing."]


def test_two_sessions_in_two_projects_speak_each_in_its_own_voice_and_language(
    api: MessagesApi, user: User, narrator: Narrator, played: Played
) -> None:
    other = user.add_project("kaigi")
    (other / ".claude").mkdir()
    (other / ".claude" / "voice.toml").write_text(
        '[speech]\nlanguage = "ja"\nvoice = "open_jtalk/mei"\n', encoding="utf-8"
    )
    api.script_for("Tell me a story.", [Text("The story begins.\n"), Gate("story"), Text(STORY[0])])
    api.script_for("Japanese, please.", [Text("テストはすべて成功しました。")])
    mei = Voice("ja", "open_jtalk/mei")
    with Terminal(user) as one, Terminal(user, folder=other) as two:
        one.ask("Tell me a story.")
        narrator.wait_ended("The story begins")
        two.ask("Japanese, please.")
        japanese = narrator.wait_ended("成功")
        api.open("story")
        api.wait_ended(2)
        one.press("Enter")
        wait_until(lambda: "story has a sentence" in one.screen(), "the story did not go on")
        held = narrator.run("voice", "sessions").stdout
        assert "project" in held
        assert "kaigi" in held
        assert STORY[0] not in narrator.texts()
        narrator.run("voice", "listen", "project")
        assert narrator.wait_ended("number a").outcome == "spoken"
        assert narrator.wait_ended("number a").session != japanese.session
        named = ["kaigiからです。", "テストはすべて成功しました。", CHIME, "In project:", STORY[0]]
        assert narrator.texts() == ["The story begins.", *named]
    (first,) = played.times_s("The story begins.")
    (second,) = played.times_s("テストはすべて成功しました。", mei)
    (third,) = played.times_s(STORY[0])
    assert first < second < third
