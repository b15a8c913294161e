"""Fixtures that every test may use."""

from __future__ import annotations

import signal

import pytest

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background job ignores SIGINT, and so would every process that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


LONGEST = ("tests/models/test_fault_table.py", "tests/e2e/")
"""Begun first, so that side by side nobody waits at the end for one long file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take longest at the front."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
