"""What the command line does for a control without the modules that take longer than the control."""

from __future__ import annotations

import subprocess
import sys

import pytest

from claude_narrator.daemon import controls
from claude_narrator.daemon.controls import quick_control
from claude_narrator.daemon.paths import HOME_VARIABLE, find_paths

LIGHT = {"_socket", "__future__", "claude_narrator"} | {
    f"claude_narrator.daemon{name}" for name in ("", ".cli", ".controls")
}


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["sing"],
        ["stop", "now"],
        ["mute", "--for"],
        ["mute", "--for", 'a"b'],
        ["stop", "--session", "s"],
        ["mute", "-h"],
    ],
)
def test_what_is_no_plain_control_is_left_to_the_whole_parser(given: list[str]) -> None:
    assert quick_control(given) is None


@pytest.mark.parametrize(
    "environment",
    [
        {HOME_VARIABLE: "/tmp/somewhere"},
        {HOME_VARIABLE: "~/somewhere"},
        {"HOME": "/home/user"},
        {"HOME": "/home/user", "XDG_STATE_HOME": "/tmp/state"},
        {"HOME": "/home/user", "XDG_STATE_HOME": ""},
    ],
)
def test_a_control_knows_where_the_socket_is(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in (HOME_VARIABLE, "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert controls._usual_socket() == str(find_paths().socket)


def test_a_control_imports_next_to_nothing() -> None:
    report = [sys.executable, "-X", "importtime", "-c"]

    def imports(program: str) -> set[str]:
        lines = subprocess.run(
            [*report, program], capture_output=True, text=True, check=True
        ).stderr.splitlines()
        return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}

    assert imports("import claude_narrator.daemon.cli") - imports("pass") <= LIGHT
