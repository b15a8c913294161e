"""Fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.claude_cli import NEW, User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as running:
        yield running


@pytest.fixture
def cli_version() -> str:
    """The version of the user's CLI; a test marked `both_versions` runs with the old one too."""
    return NEW


@pytest.fixture
def user(api: MessagesApi, tmp_path: Path, cli_version: str) -> User:
    return User(tmp_path, api.url, cli_version)


@pytest.fixture
def narrator(user: User) -> Iterator[Narrator]:
    """The narrator of the user, wired into Claude Code, with its daemon up."""
    with Narrator(user) as installed:
        installed.install()
        yield installed
