"""Fixtures of the tests of models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from claude_narrator.models import fetch_address
from claude_narrator.models.sources import HUB_VARIABLE
from tests.models.hub_server import Hub, running
from tests.models.small_model import CONTENT, PATH


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub that a pull asks; it has the small model, and no patience is needed with it."""
    monkeypatch.setattr(fetch_address, "PAUSE_S", 0.0)
    with running(Hub(files={PATH: CONTENT})) as hub:
        monkeypatch.setenv(HUB_VARIABLE, hub.address)
        yield hub
