"""The harness itself: the real CLI plays the scripted replies, headless and in a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.claude_cli import Headless, User, ask, both_versions
from tests.e2e.hook_recorder import HookRecorder
from tests.e2e.messages_api import MessagesApi
from tests.e2e.scenario import Break, Failure, Gate, NewBlock, Text, ToolUse
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e


@pytest.fixture
def hooks(user: User) -> Iterator[HookRecorder]:
    with HookRecorder() as recorder:
        user.write_settings(recorder.settings())
        yield recorder


def test_a_headless_reply_is_streamed_and_shown_to_the_hook_block_by_block(
    api: MessagesApi, user: User, hooks: HookRecorder
) -> None:
    api.script([Text("The first block.\n"), NewBlock(), Gate("rest"), Text("The second block.")])
    with Headless(user, "Say two things.") as run:
        api.wait_reached("rest")
        hooks.wait_shown("The first block.")
        assert "second" not in hooks.shown()
        api.open("rest")
        done = run.finish()
    assert done.returncode == 0, done.stderr
    assert "The second block." in done.result["result"]
    assert any(done.of_type("stream_event"))


@both_versions
def test_each_version_of_the_cli_runs_beside_the_other(
    api: MessagesApi, user: User, cli_version: str
) -> None:
    api.script([Text("Here I am.")])
    done = ask(user, "Where are you?")
    assert done.result["result"] == "Here I am."
    (begin,) = (line for line in done.of_type("system") if line["subtype"] == "init")
    assert begin["claude_code_version"] == cli_version


def test_a_tool_is_run_and_its_result_comes_back_to_the_model(
    api: MessagesApi, user: User, hooks: HookRecorder
) -> None:
    api.script(
        [Text("I will look.\n"), ToolUse("Bash", {"command": "echo forty-two", "description": "Print"})],
        [Text("It says forty-two.")],
    )
    done = ask(user, "What does it say?")
    assert done.result["result"] == "It says forty-two."
    assert api.scripted[1].tool_results() == ["forty-two"]
    assert hooks.shown().split("\n") == ["I will look.", "It says forty-two."]


def test_a_tool_of_an_mcp_server_is_called(api: MessagesApi, user: User, tmp_path: Path) -> None:
    server = {
        "command": sys.executable,
        "args": [str(Path(__file__).with_name("echo_mcp.py"))],
        "alwaysLoad": True,
    }
    config = tmp_path / "mcp.json"
    config.write_text(json.dumps({"mcpServers": {"voice": server}}), encoding="utf-8")
    api.script([ToolUse("mcp__voice__speak", {"text": "Hello"})], [Text("Said.")])
    done = ask(user, "Say hello.", "mcp__voice__*", "--mcp-config", str(config))
    assert done.result["result"] == "Said."
    assert api.scripted[1].tool_results() == ["heard: Hello"]


def test_an_api_error_ends_the_turn_as_an_error(api: MessagesApi, user: User) -> None:
    api.script(*[[Failure(400, "invalid_request_error", "the script says no")]] * 12)
    done = ask(user, "Fail.")
    assert done.returncode == 1
    assert "the script says no" in done.result["result"]


def test_the_terminal_shows_lines_while_the_reply_is_still_streaming(
    api: MessagesApi, user: User, hooks: HookRecorder
) -> None:
    api.script([Text("The first paragraph.\n\n"), Gate("rest"), Text("The second paragraph.\n")])
    with Terminal(user) as terminal:
        terminal.ask("Say two things.")
        api.wait_reached("rest")
        hooks.wait_shown("The first paragraph.")
        terminal.wait_for("The first paragraph")
        assert "second" not in terminal.screen()
        api.open("rest")
        terminal.wait_for("The second paragraph")


def test_escape_cuts_the_stream_and_a_broken_stream_is_asked_for_again(
    api: MessagesApi, user: User, hooks: HookRecorder
) -> None:
    api.script(
        [Text("An endless reply.\n"), Gate("never"), Text("It goes on.\n" * 3)],
        [Text("Broken.\n"), Gate("break"), Break()],
        [Text("Whole again.\n")],
    )
    with Terminal(user) as terminal:
        terminal.ask("Talk.")
        hooks.wait_shown("An endless reply.")
        terminal.press("Escape")
        terminal.wait_for("Interrupted")
        api.open("never")
        terminal.ask("Go on.")
        hooks.wait_shown("Broken.")
        api.open("break")
        hooks.wait_shown("Whole again.")
