"""MCP with the SDK's own client, through the real bridge, in a real daemon."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.protocol import Hook, Sessions, Status, Wait
from claude_narrator.mcp_server import bridge
from tests.running_daemon import RunningDaemon

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningDaemon]:
    """One daemon for the tests that leave it as it was."""
    with RunningDaemon() as daemon:
        yield daemon


@asynccontextmanager
async def session(daemon: RunningDaemon, project: Path | None = None) -> AsyncIterator[ClientSession]:
    environment = {
        **daemon.environment,
        "CLAUDE_CODE_SESSION_ID": "the-session",
        "CLAUDE_PROJECT_DIR": str(project or ""),
    }
    command = ["-I", "-S", str(bridge.__file__), str(daemon.paths.socket), "--home", str(daemon.home)]
    parameters = StdioServerParameters(command=sys.executable, args=command, env=environment)
    with anyio.fail_after(60):
        async with stdio_client(parameters) as streams, ClientSession(*streams) as client:
            await client.initialize()
            yield client


async def call(client: ClientSession, tool: str, **arguments: Any) -> tuple[bool, str]:
    """Call a tool and return whether it failed, and its text."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    return bool(result.is_error), content.text  # type: ignore[union-attr]


def status(daemon: RunningDaemon) -> dict[str, Any]:
    with daemon.client() as client:
        return client.call(Status())


async def test_four_tools_are_offered_in_less_than_two_kilobytes() -> None:
    with RunningDaemon() as daemon:
        async with session(daemon) as client:
            tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == ["speak", "translate", "set_voice", "control"]
    size = sum(len(tool.model_dump_json(by_alias=True, exclude_none=True)) for tool in tools)
    assert size < 2048
    assert all(tool.output_schema is None for tool in tools)


async def test_speak_is_heard_and_answers_with_a_word() -> None:
    with RunningDaemon(log__spoken_text=True) as daemon:
        async with session(daemon) as client:
            assert await call(client, "speak", text="The tests are **green**.") == (False, "ok")
            with daemon.client() as cli:
                assert cli.call(Wait(timeout_s=30))["idle"] is True
        (sentence,) = status(daemon)["recent"]
    assert (sentence["session"], sentence["text"], sentence["outcome"]) == (
        "the-session",
        "The tests are green.",
        "spoken",
    )


async def test_set_voice_changes_the_session_alone_unless_told_otherwise(tmp_path: Path) -> None:
    with RunningDaemon(log__spoken_text=True) as daemon:
        async with session(daemon, tmp_path) as client:
            assert await call(client, "set_voice", rate=2) == (False, "rate 2.0 (session)")
            assert status(daemon)["speech"]["rate"] == 1.0
            assert (await call(client, "set_voice", rate=1.5, scope="project"))[0] is False
            project = tomllib.loads((tmp_path / ".claude" / "voice.toml").read_text(encoding="utf-8"))
            assert project == {"speech": {"rate": 1.5}}
            assert await call(client, "set_voice", amount="brief") == (False, "amount brief (session)")
            assert (await call(client, "set_voice", rate=1.25, scope="everywhere"))[0] is False
            assert status(daemon)["speech"]["rate"] == 1.25
            saved = tomllib.loads(daemon.paths.settings_file.read_text(encoding="utf-8"))
            assert saved["speech"] == {"rate": 1.25}


async def test_speak_tells_when_nothing_is_heard_of_it() -> None:
    with RunningDaemon() as daemon:
        async with session(daemon) as client:
            await call(client, "control", action="mute", value="10m")
            failed, told = await call(client, "speak", text="Hello.")
            assert not failed
            assert told.startswith("not said: the voice is muted until ")
            await call(client, "control", action="unmute")
            await call(client, "set_voice", amount="off")
            assert "not said: " in (await call(client, "speak", text="Hello."))[1]
            await call(client, "set_voice", amount="all")
            assert (await call(client, "speak", text="Hello."))[1] == "ok"
            with daemon.client() as cli:
                assert cli.call(Wait(timeout_s=30))["idle"] is True
        assert [sentence["outcome"] for sentence in status(daemon)["recent"]] == ["spoken"]


async def test_a_faster_session_is_heard_in_less_time() -> None:
    text = "This sentence is long enough to be measured, and it is said twice, at two rates."
    with RunningDaemon() as daemon:
        async with session(daemon) as client:
            for rate in (1, 2):
                await call(client, "set_voice", rate=rate)
                await call(client, "speak", text=text)
                with daemon.client() as cli:
                    assert cli.call(Wait(timeout_s=60))["idle"] is True
        slow, fast = (s["at_s"]["finished"] - s["at_s"]["audible"] for s in status(daemon)["recent"])
    assert 0.4 < fast / slow < 0.7


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("speak", {}, "text is missing"),
        ("speak", {"text": ""}, "the text is empty"),
        ("speak", {"text": "🎉"}, "no words"),
        ("speak", {"text": 3}, "text has the wrong type"),
        ("speak", {"text": "Hello.", "loud": True}, "unknown argument 'loud'"),
        ("speak", {"text": "Hello.", "voice": "nobody"}, "there is no voice 'nobody'"),
        ("speak", {"text": "Hello.", "language": "../x"}, "is no language tag"),
        ("translate", {"text": "Hello.", "to": "ja"}, "voice models pull qwen2.5-coder-1.5b"),
        ("translate", {"text": "", "to": "ja"}, "the text is empty"),
        ("set_voice", {}, "nothing to change"),
        ("set_voice", {"voice": "nobody"}, "there is no voice 'nobody'"),
        ("set_voice", {"language": "tlh"}, "tlh"),
        ("set_voice", {"rate": 99}, "out of range"),
        ("set_voice", {"amount": "loud"}, "unknown amount 'loud'"),
        ("set_voice", {"rate": 2, "scope": "galaxy"}, "unknown scope 'galaxy'"),
        ("control", {}, "action is missing"),
        ("control", {"action": "sing"}, "there is no action 'sing'"),
        ("control", {"action": "mute", "value": "soon"}, "is no span of time"),
        ("control", {"action": "stop", "value": "now"}, "stop does not know 'now'"),
        ("control", {"action": "back"}, "nothing to say again"),
        ("nonsense", {}, "there is no tool 'nonsense'"),
    ],
)
async def test_what_makes_no_sense_is_one_line_for_the_model_and_changes_nothing(
    shared: RunningDaemon, tool: str, arguments: dict[str, Any], words: str
) -> None:
    before = status(shared)
    async with session(shared) as client:
        failed, text = await call(client, tool, **arguments)
    assert failed is True
    assert words in text
    assert "\n" not in text
    assert "Traceback" not in text
    after = status(shared)
    assert (after["speech"], after["recent"]) == (before["speech"], [])


async def test_many_sessions_share_one_server() -> None:
    with RunningDaemon() as daemon:
        async with session(daemon) as one, session(daemon) as two, session(daemon) as three:
            for client in (one, two, three):
                assert len((await client.list_tools()).tools) == 4
        assert status(daemon)["idle"] is True


async def test_a_line_that_is_no_json_rpc_does_not_end_the_session() -> None:
    with RunningDaemon() as daemon:
        command = [sys.executable, "-I", "-S", str(bridge.__file__), str(daemon.paths.socket)]
        async with await anyio.open_process(command, env={**os.environ, **daemon.environment}) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            await process.stdin.send(b'{"nonsense": 1}\nnot json\n')
            await process.stdin.send(b'{"jsonrpc": "2.0", "id": 7, "method": "ping"}\n')
            received = b""
            with anyio.fail_after(20):
                while b'"id":7' not in received.replace(b" ", b""):
                    received += await process.stdout.receive()
            assert all(json.loads(line)["jsonrpc"] == "2.0" for line in received.splitlines())
            await process.stdin.aclose()
            with anyio.fail_after(10):
                assert await process.wait() == 0


def hooked(daemon: RunningDaemon, name: str, session: str, **fields: str) -> None:
    """Report an event of a session as its hook does."""
    with daemon.client() as client:
        client.send(Hook({"hook_event_name": name, "session_id": session, "cwd": "/tmp", **fields}))
        client.call(Status())


async def test_what_the_model_sets_for_its_session_is_explained_so() -> None:
    with RunningDaemon() as daemon:
        hooked(daemon, "SessionStart", "the-session")
        async with session(daemon) as client:
            assert await call(client, "set_voice", rate=1.4) == (False, "rate 1.4 (session)")
        told = daemon.voice("settings", "--explain", "speech.rate", "--session", "the-session").stdout
    assert told == "speech.rate = 1.4  session, by MCP\n"


async def test_what_a_session_without_the_floor_shall_say_is_held_and_chimes() -> None:
    with RunningDaemon(log__spoken_text=True) as daemon:
        hooked(daemon, "SessionStart", "the-session")
        hooked(daemon, "UserPromptSubmit", "other", prompt="Go.")
        async with session(daemon) as client:
            assert await call(client, "speak", text="The tests are green.") == (False, "ok")
        with daemon.client() as cli:
            assert cli.call(Wait(timeout_s=30))["idle"] is True
            held = {row["id"]: row["held"] for row in cli.call(Sessions())["sessions"]}
        (sentence,) = status(daemon)["recent"]
    assert held == {"the-session": 1, "other": 0}
    assert (sentence["session"], sentence["text"]) == ("the-session", CHIME)
