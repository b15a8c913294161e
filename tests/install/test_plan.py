"""What is planned into Claude Code's files, and out of them again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from claude_narrator.install import json_text
from claude_narrator.install.plan import unwire_account, unwire_settings, wire_account, wire_settings
from claude_narrator.install.wiring import RULE, is_our_server, is_ours
from claude_narrator.models.errors import BadInput
from tests.install.wirings import FOREIGN, FOREIGN_HTTP, files, wiring

WHERE = "settings.json"
EVENTS = (
    "MessageDisplay",
    "SessionStart",
    "UserPromptSubmit",
    "Stop",
    "StopFailure",
    "Notification",
    "SessionEnd",
    "SubagentStop",
    "PermissionRequest",
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "UserPromptExpansion",
)


def read(data: bytes | str) -> Any:
    text = data if isinstance(data, str) else data.decode()
    return json.loads(text.removeprefix("\ufeff"))


def wired(data: bytes, version: str = "1") -> bytes:
    return wire_settings(data, WHERE, wiring(version)).text.encode()


def ours(document: Any) -> dict[str, int]:
    """Return how many handlers of ours each event has."""
    return {
        event: count
        for event, groups in document["hooks"].items()
        if (count := sum(is_ours(h) for g in groups if isinstance(g, dict) for h in handlers_of(g)))
    }


def handlers_of(group: dict[str, Any]) -> list[Any]:
    hooks = group.get("hooks")
    return hooks if isinstance(hooks, list) else []


@given(files())
def test_wiring_adds_one_hook_an_event_and_the_rule(data: bytes) -> None:
    document = read(wired(data))
    assert ours(document) == dict.fromkeys(EVENTS, 1)
    assert document["permissions"]["allow"].count(RULE) == 1


@given(files())
def test_wiring_twice_changes_nothing_the_second_time(data: bytes) -> None:
    again = wire_settings(wired(data), WHERE, wiring())
    assert again.changes == ()
    assert again.text.encode() == wired(data)


@given(files())
def test_unwiring_leaves_what_was_there_before(data: bytes) -> None:
    assert read(unwire_settings(wired(data), WHERE, read(data)).text) == read(data)


@given(files())
def test_a_file_that_was_never_wired_has_nothing_to_unwire(data: bytes) -> None:
    plan = unwire_settings(data, WHERE, read(data))
    assert plan.changes == ()
    assert plan.text.encode() == data


@given(files())
def test_an_upgrade_replaces_each_hook_and_leaves_the_rest(data: bytes) -> None:
    upgraded = wired(wired(data, "1"), "2")
    assert ours(read(upgraded)) == dict.fromkeys(EVENTS, 1)
    assert b"/opt/narrator 1/" not in upgraded
    assert read(unwire_settings(upgraded, WHERE, read(data)).text) == read(data)


def test_each_event_reaches_the_right_door() -> None:
    hooks = read(wired(b""))["hooks"]
    assert hooks["MessageDisplay"] == [
        {
            "hooks": [
                {
                    "type": "http",
                    "url": "http://127.0.0.1:40001/hook",
                    "timeout": 2,
                    "headers": {"Authorization": f"Bearer {wiring().address.token}"},
                }
            ]
        }
    ]
    stop = {
        "type": "command",
        "command": "/opt/narrator 1/bin/python",
        "args": ["-I", "-S", "/opt/narrator 1/hooks/event.py", "/home/me/1/run/daemon.sock"],
        "timeout": 5,
    }
    assert hooks["Stop"] == [{"hooks": [stop]}]
    assert hooks["PermissionRequest"] == [{"hooks": [stop]}]
    (expansion,) = hooks["UserPromptExpansion"]
    assert expansion["hooks"] == [{**stop, "args": [*stop["args"][:2], wiring().slash, stop["args"][3]]}]
    (called,) = hooks["PreToolUse"]
    assert called["hooks"] == [stop]
    meant = ("mcp__voice__speak", "AskUserQuestion", "ExitPlanMode")
    assert all(re.fullmatch(called["matcher"], tool) for tool in meant)
    assert not any(re.fullmatch(called["matcher"], tool) for tool in ("Bash", "Read", "mcp__other__tool"))


@pytest.mark.parametrize("event", ["PostToolUse", "PostToolUseFailure"])
def test_claude_code_does_not_wait_for_the_end_of_a_tool_to_be_told(event: str) -> None:
    (ended,) = read(wired(b""))["hooks"][event]
    assert ended["hooks"][0]["async"] is True
    assert all(re.fullmatch(ended["matcher"], tool) for tool in ("Bash", "Edit", "mcp__other__tool"))
    assert not re.fullmatch(ended["matcher"], "Read")


@pytest.mark.parametrize(
    ("tool", "is_ours"),
    [
        ("mcp__voice__speak", True),
        ("mcp__plugin_voice_voice__speak", True),
        ("mcp__voicemail__speak", False),
        ("mcp__plugin_other_voice__speak", False),
    ],
)
def test_the_hook_before_tools_sees_ours_whichever_way_they_came(tool: str, is_ours: bool) -> None:
    (group,) = read(wired(b""))["hooks"]["PreToolUse"]
    assert bool(re.fullmatch(group["matcher"], tool)) is is_ours


def test_the_hook_of_the_slash_commands_sees_those_that_are_ours() -> None:
    own = replace(wiring(), commands=("stop", "mute"))
    matcher = own.hooks()["UserPromptExpansion"]["matcher"]
    typed = ("voice:stop", "voice:mute", "voice:stopwatch", "voice:back", "invoice:stop", "stop")
    assert [name for name in typed if re.search(matcher, name)] == ["voice:stop", "voice:mute"]


def test_a_home_of_its_own_is_passed_on() -> None:
    handler = read(wired(b"", "2"))["hooks"]["Stop"][0]["hooks"][0]
    assert handler["args"][-2:] == ["--home", "/home/me/2"]


def test_a_hook_of_ours_that_was_moved_among_others_is_taken_out_alone() -> None:
    mine = read(wired(b""))["hooks"]["Stop"][0]["hooks"][0]
    document = {"hooks": {"Stop": [{"hooks": [FOREIGN, mine, FOREIGN_HTTP]}]}}
    plan = unwire_settings(json.dumps(document).encode(), WHERE, {})
    assert read(plan.text) == {"hooks": {"Stop": [{"hooks": [FOREIGN, FOREIGN_HTTP]}]}}


def test_a_hook_of_an_event_that_is_no_longer_used_goes() -> None:
    mine = read(wired(b""))["hooks"]["Stop"]
    document = {"hooks": {"Setup": mine}}
    plan = wire_settings(json.dumps(document).encode(), WHERE, wiring())
    assert "remove the hook Setup" in plan.changes
    assert "Setup" not in read(plan.text)["hooks"]


def test_a_rule_that_was_there_before_us_stays() -> None:
    data = json.dumps({"permissions": {"allow": [RULE]}}).encode()
    assert read(unwire_settings(wired(data), WHERE, read(data)).text) == read(data)


@pytest.mark.parametrize(
    "foreign",
    [
        FOREIGN,
        FOREIGN_HTTP,
        {"type": "command", "command": "python", "args": ["-I", "-S", "/x/hooks/event.py"]},
        {"type": "command", "command": "python /x/hooks/event.py /x/run/daemon.sock"},
        {
            "type": "http",
            "url": "https://example.org/hook",
            "headers": {"Authorization": "Bearer narrator_x"},
        },
        None,
        7,
    ],
)
def test_what_only_looks_a_little_like_ours_is_not(foreign: Any) -> None:
    assert not is_ours(foreign)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[]", "holds no JSON object"),
        (b'"text"', "holds no JSON object"),
        (b'{"hooks": []}', "hooks is not an object"),
        (b'{"hooks": null}', "hooks is not an object"),
        (b'{"hooks": {"Stop": {}}}', "hooks.Stop is not a list"),
        (b'{"permissions": "all"}', "permissions is not an object"),
        (b'{"permissions": {"allow": "all"}}', "permissions.allow is not a list"),
        (b'{"hooks": {},}', "not valid JSON: line 1"),
    ],
)
def test_settings_of_another_shape_are_refused(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        wire_settings(data, WHERE, wiring())


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"{}",
        b'{\n  "numStartups": 3,\n  "projects": {"/a": {"history": ["\xc3\xa9"]}}\n}',
        b'{"mcpServers": {"other": {"command": "x"}}}',
    ],
)
def test_the_server_comes_and_goes_and_comes_only_once(before: bytes) -> None:
    there = wire_account(before, WHERE, wiring())
    server = read(there.text)["mcpServers"]["voice"]
    assert server["alwaysLoad"] is True
    assert is_our_server(server)
    assert wire_account(there.text.encode(), WHERE, wiring()).changes == ()
    original = read(before) if before else {}
    assert read(unwire_account(there.text.encode(), WHERE, original).text) == original


def test_an_upgrade_replaces_the_server() -> None:
    old = wire_account(b"{}", WHERE, wiring("1")).text.encode()
    plan = wire_account(old, WHERE, wiring("2"))
    assert read(plan.text)["mcpServers"]["voice"] == wiring("2").server()


@pytest.mark.parametrize("server", [{"command": "npx", "args": ["voice-mode"]}, None, "x"])
def test_somebody_elses_server_of_the_name_is_not_replaced(server: Any) -> None:
    data = json.dumps({"mcpServers": {"voice": server}}).encode()
    with pytest.raises(BadInput, match="another MCP server called voice"):
        wire_account(data, WHERE, wiring())
    assert unwire_account(data, WHERE, {}).changes == ()


def test_members_that_occur_twice_stay_and_the_last_one_counts() -> None:
    data = b'{"hooks": {"Stop": []}, "hooks": {"Stop": [], "Stop": []}, "a": 1, "a": 2}'
    text = wired(data).decode()
    assert text.count('"a"') == 2
    assert ours(read(text)) == dict.fromkeys(EVENTS, 1)
    assert unwire_settings(text.encode(), WHERE, read(data)).text.startswith(data.decode()[:60])
    assert json_text.find(text, ("hooks", "MessageDisplay"))
