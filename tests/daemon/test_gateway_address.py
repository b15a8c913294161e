"""The gateway's address: made once, kept, and for this user alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from claude_narrator.daemon.gateway_address import TOKEN_PREFIX, gateway_address, read_gateway_address
from claude_narrator.daemon.paths import HOME_VARIABLE, Paths, find_paths
from claude_narrator.models.errors import BadInput

ASK = """
from claude_narrator.daemon import gateway_address, paths
print(gateway_address.gateway_address(paths.find_paths()))
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return find_paths({HOME_VARIABLE: str(tmp_path)})


def test_reading_makes_nothing(paths: Paths) -> None:
    assert read_gateway_address(paths) is None
    assert not paths.gateway.exists()


def test_the_address_is_made_once_and_kept(paths: Paths) -> None:
    address = gateway_address(paths)
    assert gateway_address(paths) == read_gateway_address(paths) == address
    assert 1024 <= address.port <= 65535
    assert address.url == f"http://127.0.0.1:{address.port}/hook"
    assert address.token.startswith(TOKEN_PREFIX)
    assert len(address.token) == len(TOKEN_PREFIX) + 43  # 256 bits in base64url
    assert paths.gateway.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in paths.state.iterdir()] == ["gateway.json"]


def test_programs_that_ask_at_once_all_get_the_same(paths: Paths) -> None:
    command = [sys.executable, "-c", ASK]
    environment = {HOME_VARIABLE: str(paths.state)}
    asked = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate(timeout=20)[0] for process in asked}) == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        json.dumps({"port": "80", "token": "narrator_" + "x" * 43}),
        json.dumps({"port": True, "token": "narrator_" + "x" * 43}),
        json.dumps({"port": 80, "token": "narrator_" + "x" * 43}),
        json.dumps({"port": 8765, "token": "short"}),
        json.dumps({"port": 8765, "token": None}),
    ],
)
def test_a_file_with_something_else_is_refused_and_kept(paths: Paths, content: str) -> None:
    paths.gateway.write_text(content)
    paths.gateway.chmod(0o600)
    with pytest.raises(BadInput, match="is not what the installer wrote"):
        gateway_address(paths)
    assert paths.gateway.read_text() == content


def test_a_token_that_others_may_read_is_refused(paths: Paths) -> None:
    gateway_address(paths)
    paths.gateway.chmod(0o644)
    with pytest.raises(BadInput, match="other users may read"):
        gateway_address(paths)
