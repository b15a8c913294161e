"""Fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.claude_cli import User
from tests.e2e.messages_api import MessagesApi
from tests.e2e.narrator import Narrator


@pytest.fixture
def api() -> Iterator[MessagesApi]:
    with MessagesApi() as running:
        yield running


@pytest.fixture
def user(api: MessagesApi, tmp_path: Path) -> User:
    return User(tmp_path, api.url)


@pytest.fixture
def narrator(user: User) -> Iterator[Narrator]:
    """The narrator of the user, wired into Claude Code, with its daemon up."""
    with Narrator(user) as installed:
        installed.install()
        yield installed
