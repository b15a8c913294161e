"""The child that a hook leaves behind does not bring back what the user has removed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from claude_narrator.hooks.late import deliver


@pytest.fixture(autouse=True)
def _no_alarm_is_left() -> Iterator[None]:
    yield
    signal.alarm(0)


def test_an_event_for_a_home_that_has_gone_makes_no_folder(tmp_path: Path) -> None:
    home = tmp_path / "removed"
    with pytest.raises(FileNotFoundError):
        deliver(b"frame", str(home))
    assert not home.exists()
