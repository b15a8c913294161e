"""What Claude Code starts: the hook process and the MCP bridge."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from claude_narrator.hooks import event
from claude_narrator.mcp_server import bridge
from tests.bench.measure import Row, alternate, time_ms
from tests.running_daemon import RunningDaemon

SDK_SERVER = """
from mcp.server import MCPServer
server = MCPServer("voice")
@server.tool()
def speak(text: str) -> str:
    "Say a text aloud."
    return "ok"
server.run()
"""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    },
}


def hook_process(runs: int) -> list[Row]:
    """The command hook with a 2 KB event and a daemon that listens, against an empty interpreter."""
    payload = json.dumps(
        {
            "hook_event_name": "SessionStart",
            "session_id": "bench",
            "cwd": "/",
            "source": "startup",
            "pad": "x" * 2000,
        }
    ).encode()
    with RunningDaemon() as daemon:
        ours = [sys.executable, "-I", "-S", str(event.__file__), str(daemon.paths.socket)]
        empty = [sys.executable, "-I", "-S", "-c", "pass"]
        medians = alternate(runs, lambda: _run_ms(ours, payload), lambda: _run_ms(empty, payload))
    return [Row("hook process", *medians, "ms", "python -I -S -c pass")]


def mcp_bridge(runs: int) -> list[Row]:
    """The bridge until it has answered `initialize`, and its memory, against an SDK server over stdio."""
    with RunningDaemon() as daemon:
        ours = [sys.executable, "-I", "-S", str(bridge.__file__), str(daemon.paths.socket)]
        sdk = [sys.executable, "-c", SDK_SERVER]
        rss: dict[str, list[float]] = {"ours": [], "sdk": []}
        medians = alternate(
            runs, lambda: _initialize_ms(ours, rss["ours"]), lambda: _initialize_ms(sdk, rss["sdk"])
        )
    memory = [sorted(rss[name])[len(rss[name]) // 2] for name in ("ours", "sdk")]
    return [
        Row("MCP server of a session, start to initialized", *medians, "ms", "the SDK over stdio"),
        Row("MCP server of a session, memory", *memory, "MB", "the SDK over stdio"),
    ]


def _run_ms(command: list[str], payload: bytes) -> float:
    return time_ms(lambda: subprocess.run(command, input=payload, check=True, capture_output=True))


def _initialize_ms(command: list[str], rss_mb: list[float]) -> float:
    process: subprocess.Popen[bytes] | None = None

    def start() -> None:
        nonlocal process
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1

    taken = time_ms(start)
    assert process is not None
    rss_mb.append(_rss_mb(process.pid))
    killer = threading.Timer(10, process.kill)
    killer.start()
    process.communicate()
    killer.cancel()
    return taken


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")
