"""Wirings and generated settings files for the tests of the installer."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from claude_narrator.daemon.gateway_address import TOKEN_PREFIX, GatewayAddress
from claude_narrator.install.wiring import Wiring

FOREIGN = {"type": "command", "command": "say 'naïve ☕' \\ done", "timeout": 60, "unknown": None}
FOREIGN_HTTP = {
    "type": "http",
    "url": "http://127.0.0.1:8765/hook",
    "headers": {"Authorization": "Bearer $T"},
}


def wiring(version: str = "1", port: int = 40001) -> Wiring:
    """Return the wiring of an installation; another `version` has other paths and another token."""
    return Wiring(
        python=f"/opt/narrator {version}/bin/python",
        hook=f"/opt/narrator {version}/hooks/event.py",
        slash=f"/opt/narrator {version}/hooks/slash.py",
        bridge=f"/opt/narrator {version}/mcp_server/bridge.py",
        socket=f"/home/me/{version}/run/daemon.sock",
        home="" if version == "1" else f"/home/me/{version}",
        commands=("stop", "mute"),
        address=GatewayAddress(port, f"{TOKEN_PREFIX}{version * 43}"),
    )


handlers = st.sampled_from([FOREIGN, FOREIGN_HTTP, {}, "not even an object"])
groups = st.one_of(
    st.fixed_dictionaries(
        {"hooks": st.lists(handlers, max_size=2)}, optional={"matcher": st.sampled_from(["", "Bash", "*"])}
    ),
    st.sampled_from([{}, {"hooks": 7}, None]),
)
hooks = st.dictionaries(
    st.sampled_from(["Stop", "MessageDisplay", "PreToolUse", "SessionStart", "Someday"]),
    st.lists(groups, max_size=2),
    max_size=3,
)
permissions = st.fixed_dictionaries(
    {},
    optional={
        "allow": st.lists(st.sampled_from(["Bash(ls:*)", "mcp__voice__*", "mcp__other"]), unique=True),
        "deny": st.just(["Read(./.env)"]),
    },
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "model": st.text(),
        "hooks": hooks,
        "permissions": permissions,
        "env": st.dictionaries(st.text(), st.text(), max_size=2),
        "someday": st.recursive(
            st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
            max_leaves=4,
        ).filter(lambda value: "Infinity" not in json.dumps(value)),
    },
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """The bytes of a `settings.json` as some program or person may have left it."""
    document: dict[str, Any] = draw(documents)
    indent = draw(st.sampled_from([None, 0, 1, 2, 3, 4, "\t"]))
    separators = draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])) if indent is None else None
    text = json.dumps(document, indent=indent, ensure_ascii=draw(st.booleans()), separators=separators)
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\n\n", " \n"])))
    blanks = st.sampled_from(["", "\n", " \r\n\t"])
    text = draw(blanks) + text + draw(blanks)
    return (draw(st.sampled_from(["", "\ufeff"])) + text).encode("utf-8", "surrogatepass")
