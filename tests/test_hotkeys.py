"""The recipes for keys do what they say, as far as a machine without those programs can tell."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lupa.lua54 import LuaRuntime

from claude_narrator.daemon.cli import main
from claude_narrator.daemon.controls import CONTROLS, _plain_options
from tests.test_docs import fenced

RECIPES = ("zsh", "lua", "skhd", "sh", "sway", "tmux")
STAND_IN_VOICE = '#!/bin/sh\necho "$*" >> {log}\n'
STAND_IN_GSETTINGS = """#!/bin/sh
if [ "$1" = set ]; then printf '%s|%s|%s\\n' "$2" "$3" "$4" >> {log}; exit; fi
found='@as []'
while IFS='|' read -r schema key value; do [ "$schema $key" = "$2 $3" ] && found=$value; done < {log}
echo "$found"
"""


def recipe(language: str) -> str:
    return fenced("docs/hotkeys.md", language)


def lines_of(language: str) -> list[str]:
    return [line for line in recipe(language).splitlines() if line]


def commands_in(text: str) -> list[list[str]]:
    """Return the words behind every `voice` in a recipe."""
    return [shlex.split(found) for found in re.findall(r"voice((?: [a-z0-9-]+)+)", text)]


@pytest.mark.parametrize("language", RECIPES)
def test_every_command_of_a_recipe_is_a_control(language: str) -> None:
    commands = [words for words in commands_in(recipe(language)) if words[0] != "$"]
    assert commands or language in ("lua", "sh")
    for words in commands:
        assert _plain_options(words) is not None, words


def test_every_control_of_the_table_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = re.findall(r"^    ([a-z]+)", capsys.readouterr().out, re.MULTILINE)
    page = (Path(__file__).parents[1] / "docs" / "controls.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    documented = {name for row in rows for name in re.findall(r"`([a-z]+)", row)}
    assert documented == set(CONTROLS)
    assert documented <= set(offered)


def test_the_hammerspoon_file_binds_every_control_to_a_key() -> None:
    bound: dict[str, Callable[[], object]] = {}
    started: list[list[str]] = []
    lua = LuaRuntime()

    def bind(modifiers: Any, key: str, pressed: Callable[[], object]) -> None:
        assert list(modifiers.values()) == ["ctrl", "alt"]
        bound[key] = pressed

    def task(path: str, finished: object, arguments: Any) -> Any:
        assert path == os.environ["HOME"] + "/.local/bin/voice"
        words = list(arguments.values())
        return lua.table_from({"start": lambda _: started.append(words)})

    hotkey, tasks = lua.table_from({"bind": bind}), lua.table_from({"new": task})
    lua.globals().hs = lua.table_from({"hotkey": hotkey, "task": tasks})
    lua.execute(recipe("lua"))
    for pressed in bound.values():
        pressed()
    assert sorted(words[0] for words in started) == sorted(CONTROLS)
    assert all(_plain_options(words) is not None for words in started)


def test_the_lines_for_skhd_have_its_form() -> None:
    for line in lines_of("skhd"):
        assert re.fullmatch(r"(ctrl|alt|shift|cmd)( \+ (ctrl|alt|shift|cmd))* - [a-z0-9] : \S+( \S+)+", line)


def test_the_lines_for_sway_and_i3_have_their_form() -> None:
    lines = lines_of("sway")
    keys = [line.split()[1] for line in lines]
    assert len(set(keys)) == len(keys)
    for line in lines:
        assert re.fullmatch(r"bindsym ((Ctrl|Mod1|Mod4|Shift)\+)*(\w|XF86\w+) exec \S+( \S+)+", line)


@pytest.mark.parametrize("before", ["@as []", "[]", "['/org/gnome/settings-daemon/mine/']"])
def test_the_gnome_script_adds_its_keys_and_keeps_those_of_the_user(tmp_path: Path, before: str) -> None:
    schema = "org.gnome.settings-daemon.plugins.media-keys"
    log = tmp_path / "log"
    log.write_text("")
    (tmp_path / "gsettings").write_text(STAND_IN_GSETTINGS.format(log=shlex.quote(str(log))))
    (tmp_path / "voice").write_text("#!/bin/sh\n")
    for program in ("gsettings", "voice"):
        (tmp_path / program).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    first = f'gsettings set {schema} custom-keybindings "{before}"\n'
    # a second time changes nothing
    subprocess.run(["sh", "-eu", "-c", first + recipe("sh") * 2], env=environment, check=True)
    rows = [line.split("|") for line in log.read_text().splitlines()]
    known = {f"{owner} {key}": value for owner, key, value in rows}
    paths = ast.literal_eval(known[f"{schema} custom-keybindings"])
    own = [path for path in paths if "/voice-" in path]
    assert len(paths) == len(own) + ("mine" in before)
    bindings = [known[f"{schema}.custom-keybinding:{path} binding"] for path in own]
    assert len(own) == len(set(own)) == len(set(bindings)) == 5
    for path in own:
        command = known[f"{schema}.custom-keybinding:{path} command"]
        program, *words = command.split()
        assert program == str(tmp_path / "voice")
        assert _plain_options(words) is not None


class NestedTmux:
    """A tmux with the recipe in a pane of another one: keys sent to that pane are keys that were pressed."""

    def __init__(self, folder: Path) -> None:
        self._name = uuid.uuid4().hex[:12]
        self._log = folder / "log"
        voice = folder / "voice"
        voice.write_text(STAND_IN_VOICE.format(log=shlex.quote(str(self._log))))
        voice.chmod(0o755)
        (folder / "tmux.conf").write_text(recipe("tmux"))
        self._environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TERM": "xterm-256color"}
        self._environment.pop("TMUX", None)
        self._run("inner", "-f", str(folder / "tmux.conf"), "new-session", "-d", "cat")
        attach = f"env -u TMUX tmux -L inner-{self._name} attach"
        self._run("outer", "-f", "/dev/null", "new-session", "-d", attach)
        _until(lambda: self._run("inner", "list-clients").strip())

    def press(self, key: str) -> None:
        self._run("outer", "send-keys", key)

    def heard(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def close(self) -> None:
        for server in ("outer", "inner"):
            self._run(server, "kill-server")

    def _run(self, server: str, *arguments: str) -> str:
        command = ["tmux", "-L", f"{server}-{self._name}", *arguments]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=10, check=True
        )
        return done.stdout


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[NestedTmux]:
    assert shutil.which("tmux"), "this test presses keys in tmux: apt install tmux"
    nested = NestedTmux(tmp_path)
    yield nested
    nested.close()


def test_the_tmux_keys_start_their_controls_when_they_are_pressed(tmux: NestedTmux) -> None:
    keys = {line.split()[2]: " ".join(commands_in(line)[0]) for line in lines_of("tmux")}
    for number, (key, command) in enumerate(keys.items()):
        tmux.press(key)
        _until(lambda number=number: len(tmux.heard()) > number)  # type: ignore[misc]
        assert tmux.heard()[-1] == command
    assert {command.split()[0] for command in keys.values()} <= set(CONTROLS)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
