"""`claude -p` with the narrator wired in: what the listener hears, and what the model's calls do."""

from __future__ import annotations

import pytest

from tests.e2e.claude_cli import Headless, User, ask
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import AUDIBLE, Narrator
from tests.e2e.scenario import Gate, NewBlock, Text, ToolUse

pytestmark = pytest.mark.e2e

LOOK = {"command": "echo seven", "description": "Look"}


def call(tool: str, **arguments: object) -> ToolUse:
    """Return the step in which the model calls a tool of the narrator."""
    return ToolUse(f"mcp__voice__{tool}", arguments)


def test_a_reply_of_several_paragraphs_sounds_before_it_has_ended(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [
            Text("The first paragraph is short.\n\n", delay_s=0.05),
            NewBlock(),
            Text("The second paragraph follows.\n\n", delay_s=0.05),
            NewBlock(),
            Gate("rest"),
            Text("The third paragraph ends it."),
        ]
    )
    with Headless(user, "Explain it.") as run:
        api.wait_reached("rest")
        first = narrator.wait_heard("first paragraph")
        assert narrator.loudness() > AUDIBLE
        assert not api.scripted[0].ended_s
        api.open("rest")
        assert run.finish().returncode == 0
    stages = ("arrived", "taken", "synthesized", "audible")
    assert sorted(stages, key=lambda stage: first.at_s[stage]) == list(stages)
    narrator.wait_ended("third paragraph")
    assert narrator.texts() == [
        "The first paragraph is short.",
        "The second paragraph follows.",
        "The third paragraph ends it.",
    ]


def test_prose_tool_prose_and_final_are_heard_once_and_in_order(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [Text("I will look first.\n"), ToolUse("Bash", LOOK)],
        [Text("There are seven. I count again."), ToolUse("Bash", LOOK)],
        [Text("It stays at seven.\n\nNothing else is needed.")],
    )
    done = ask(user, "How many?")
    assert done.returncode == 0, done.stderr
    narrator.wait_ended("Nothing else")
    assert narrator.texts() == [
        "I will look first.",
        "There are seven.",
        "I count again.",
        "It stays at seven.",
        "Nothing else is needed.",
    ]
    assert {heard.outcome for heard in narrator.heard()} == {"spoken"}


def test_speak_is_heard_and_tells_the_model_little(api: MessagesApi, user: User, narrator: Narrator) -> None:
    api.script([call("speak", text="Lunch is ready.")], [Text("Done.")])
    done = ask(user, "Tell me when lunch is ready.")
    narrator.wait_ended("Lunch is ready.")
    (result,) = api.scripted[1].tool_results()
    assert len(result) < 20
    spoken = narrator.wait_ended("Done.")
    assert spoken.session == narrator.wait_heard("Lunch").session == done.result["session_id"]


def test_set_voice_changes_how_the_session_sounds_from_the_next_sentence_on(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script(
        [Text("One sentence to compare the pace of speech.\n"), call("set_voice", rate=2.5)],
        [Text("One sentence to compare the pace of speech again.")],
    )
    ask(user, "Speak faster.")
    fast = narrator.wait_ended("again")
    slow = narrator.wait_heard("One sentence")
    assert fast.length_s < slow.length_s * 0.7
    assert narrator.status()["speech"]["rate"] == 1.0


def test_set_voice_everywhere_is_kept_in_the_settings(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([call("set_voice", rate=1.5, scope="everywhere")], [Text("Done.")])
    ask(user, "Always speak faster.")
    assert narrator.run("voice", "settings", "get", "speech.rate").stdout.strip() == "1.5"
    assert narrator.status()["speech"]["rate"] == 1.5


def test_set_voice_refuses_a_voice_that_does_not_exist_and_changes_nothing(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([call("set_voice", voice="hibari/nobody")], [Text("No such voice.")])
    ask(user, "Use the voice of nobody.")
    (result,) = api.scripted[1].tool_results()
    assert "nobody" in result
    assert "Traceback" not in result
    assert narrator.wait_ended("No such voice").outcome == "spoken"


def test_translate_without_a_model_says_what_is_missing(
    api: MessagesApi, user: User, narrator: Narrator
) -> None:
    api.script([call("translate", text="Good morning.", to="ja")], [Text("It cannot be done.")])
    ask(user, "What is good morning in Japanese?")
    (result,) = api.scripted[1].tool_results()
    assert "voice models pull" in result
    assert "Traceback" not in result


def test_the_schemas_of_the_tools_are_small(api: MessagesApi, user: User, narrator: Narrator) -> None:
    api.script([Text("Hello.")])
    ask(user, "Hello.")
    ours = [tool for tool in api.scripted[0].body["tools"] if tool["name"].startswith("mcp__voice__")]
    assert {tool["name"] for tool in ours} >= {
        f"mcp__voice__{n}" for n in ("speak", "translate", "set_voice")
    }
    assert len(str(ours).encode()) < 2048
