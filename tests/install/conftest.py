"""Fixtures of the installer's tests; files on a busy disk have no deadline."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from claude_narrator.daemon.paths import HOME_VARIABLE
from tests.install.answering_daemon import AnsweringDaemon
from tests.install.home import Home

settings.register_profile("files", deadline=None, max_examples=50)
settings.load_profile("files")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="cn-", dir="/tmp"))
    home = Home(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", f"{home.commands}:/usr/bin:/bin")
    monkeypatch.setenv(HOME_VARIABLE, str(home.paths.state))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)
    yield home
    shutil.rmtree(folder)


@pytest.fixture
def daemon(home: Home) -> Iterator[AnsweringDaemon]:
    answering = AnsweringDaemon(home.paths)
    yield answering
    answering.close()
