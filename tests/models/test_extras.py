"""The command that installs an extra is the one that fits how the package was installed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from claude_narrator.models.extras import install_command


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The record of an installed package `loud-voices`, on the module path."""
    record = tmp_path / "loud_voices-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: loud-voices\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return record


def _installed_from(record: Path, **origin: object) -> None:
    (record / "direct_url.json").write_text(json.dumps(origin))


def test_a_package_of_an_index_is_named(package: Path) -> None:
    assert install_command("big", "loud-voices") == f"{sys.executable} -m pip install 'loud-voices[big]'"
    assert install_command("", "loud-voices") == f"{sys.executable} -m pip install loud-voices"


def test_a_package_of_a_folder_is_installed_from_there_again(package: Path) -> None:
    _installed_from(package, url="file:///home/me/my%20clones/loud", dir_info={})
    command = install_command("big", "loud-voices")
    assert command == f"{sys.executable} -m pip install '/home/me/my clones/loud[big]'"


def test_a_package_of_a_wheel_or_a_repository_is_named(package: Path) -> None:
    for origin in (
        {"url": "file:///home/me/loud-1.0.whl", "archive_info": {}},
        {"url": "https://example.com/loud.git", "vcs_info": {"vcs": "git"}},
    ):
        _installed_from(package, **origin)
        assert "'loud-voices[big]'" in install_command("big", "loud-voices")


def test_a_package_that_is_not_there_is_named() -> None:
    assert install_command("big", "no-such-package").endswith("pip install 'no-such-package[big]'")


def test_in_an_environment_of_pipx_it_is_pipx(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pipx_metadata.json").write_text("{}")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert install_command("big", "loud-voices") == "pipx inject claude-narrator 'loud-voices[big]'"
    own = install_command("qwen")
    assert own.startswith("pipx install --force ")
    assert own.endswith("[qwen]'")
