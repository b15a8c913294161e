"""`make demo`: a recorded Claude Code turn, through the real hook entry points, in English, then in Japanese.

Nothing of the user's is touched but his models folder, where the Japanese translator and voice stay.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from claude_narrator.daemon import cli, settings
from claude_narrator.daemon.client import Client, connect
from claude_narrator.daemon.errors import exit_code_of
from claude_narrator.daemon.gateway_address import gateway_address
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths
from claude_narrator.daemon.protocol import Shutdown, Status, Translate, Wait
from claude_narrator.hooks import event as hook

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "demo-output"
RECORDED = ROOT / "tests" / "data" / "demo-turn.jsonl"
"""Made by `tests/e2e/record_turn.py`: two tools, and deliveries that overtake each other."""
JAPANESE_MODELS = ("qwen2.5-coder-1.5b", "kokoro-82m-int8")
ENGINES_READY_TIMEOUT_S = 120.0
_STAGES = ("taken", "translated", "synthesized", "audible")

_console = Console()


def main() -> int:
    """Play the turn in both languages; 0 when both were heard or written."""
    user_models = find_paths().models
    with _own_home() as paths:
        paths.models.symlink_to(_made(user_models), target_is_directory=True)
        return exit_code_of(lambda: _both(paths), paths.state / "crash.log")


def _both(paths: Paths) -> int:
    _console.rule("English, with the voice that comes with the install")
    _hear(paths, "en", engines=("hibari",))
    _console.rule("Japanese, after one download (1.2 GB)")
    if code := cli.main(["models", "pull", *JAPANESE_MODELS]):
        return code
    _hear(paths, "ja", engines=("qwen", "kokoro"))
    return 0


def _hear(paths: Paths, language: str, engines: tuple[str, ...]) -> None:
    wav = OUTPUT / f"{language}.wav"
    _write_settings(paths, language, wav)
    with connect(paths.socket, paths.log) as daemon:
        _wait_for(daemon, engines)
        if language != "en":
            daemon.call(Translate("Ready.", to=language))  # returns when the translator is warm
        _play_turn(paths)
        daemon.call(Wait(timeout_s=300))
        status = daemon.call(Status())
        daemon.call(Shutdown())
    _print_timeline(status["recent"])
    if not all(sentence["outcome"] == "spoken" for sentence in status["recent"]):
        raise RuntimeError(f"not every sentence was spoken: {status['problems']}")
    if status["player"]["sink"].startswith("file"):
        _console.print(f"No sound device here: listen to [bold]{wav}[/bold]")
    _wait_until_gone(paths)


def _write_settings(paths: Paths, language: str, wav: Path) -> None:
    settings.set_value(paths.settings_file, "speech.language", language)
    settings.set_value(paths.settings_file, "log.spoken_text", True)
    if not _has_device():
        wav.parent.mkdir(exist_ok=True)
        wav.unlink(missing_ok=True)
        settings.set_value(paths.settings_file, "audio.sink", f"file:{wav}")


def _has_device() -> bool:
    try:
        import sounddevice
    except OSError:  # PortAudio is not there
        return False
    return any(device["max_output_channels"] for device in sounddevice.query_devices())


def _wait_for(daemon: Client, engines: tuple[str, ...]) -> None:
    deadline = time.monotonic() + ENGINES_READY_TIMEOUT_S
    with _console.status(f"loading {', '.join(engines)}"):
        while time.monotonic() < deadline:
            engines_now = daemon.call(Status())["engines"]
            running = {e["name"]: (e["running"] or {}).get("status") for e in engines_now}
            if all(running[name] == "ready" for name in engines):
                return
            time.sleep(0.1)
    raise RuntimeError(f"not loaded within {ENGINES_READY_TIMEOUT_S:.0f} s: {running}")


def _play_turn(paths: Paths) -> None:
    began = time.monotonic()
    for at_s, payload in _recorded_turn():
        time.sleep(max(0.0, began + at_s - time.monotonic()))
        if payload["hook_event_name"] == "MessageDisplay":
            _post(paths, payload)
            _console.print(payload["delta"], end="", style="dim", highlight=False, markup=False)
        else:
            _run_hook(paths, payload)
    _console.print()


def _recorded_turn() -> Iterator[tuple[float, dict[str, Any]]]:
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        yield record["t"], record["hook"]


def _run_hook(paths: Paths, payload: dict[str, Any]) -> None:
    command = [sys.executable, "-I", "-S", hook.__file__, str(paths.socket), "--home", str(paths.config)]
    subprocess.run(command, input=json.dumps(payload).encode(), check=True, timeout=10)


def _post(paths: Paths, payload: dict[str, Any]) -> None:
    address = gateway_address(paths)
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=10)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {address.token}"}
    connection.request("POST", "/hook", json.dumps(payload).encode(), headers)
    status = connection.getresponse().status
    connection.close()
    if status != 204:
        raise RuntimeError(f"the gateway answered {status}")


def _print_timeline(recent: list[dict[str, Any]]) -> None:
    table = Table("milliseconds after its text arrived", *_STAGES, box=None)
    for sentence in recent:
        times = [f"{sentence['after_ms'][stage]:.0f}" for stage in _STAGES if stage in sentence["after_ms"]]
        table.add_row(sentence["spoken"], *times)
    _console.print(table)


def _wait_until_gone(paths: Paths) -> None:
    deadline = time.monotonic() + 10
    while paths.socket.exists() and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def _own_home() -> Iterator[Paths]:
    """A folder of its own for settings, socket and log; short, for a socket's path is."""
    with tempfile.TemporaryDirectory(prefix="cn-") as folder:
        os.environ[HOME_VARIABLE] = folder
        yield find_paths()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
