"""Fixtures that every test may use."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


LONGEST = ("tests/models/test_fault_table.py", "tests/e2e/")
"""Begun first, so that side by side nobody waits at the end for one long file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take longest at the front."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
