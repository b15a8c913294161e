"""What the thin clients import: every hook and every MCP bridge pays for it, so nothing but what it uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

REPORT = """
import sys
before = set(sys.modules)
import {module}
new = {{name.split(".")[0] for name in set(sys.modules) - before}}
print(" ".join(sorted(new - set(sys.stdlib_module_names) - {{"claude_narrator"}})))
"""


def foreign_imports(module: str) -> list[str]:
    """Return the third-party packages that importing `module` in a fresh interpreter brings in."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT.format(module=module)], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    "module",
    [
        "claude_narrator.daemon.client",
        "claude_narrator.daemon.wire",
        "claude_narrator.hooks.event",
        "claude_narrator.mcp_server.bridge",
    ],
)
def test_a_thin_client_imports_the_standard_library_alone(module: str) -> None:
    assert foreign_imports(module) == []


def test_the_values_and_errors_of_the_models_bring_in_numpy_at_most() -> None:
    assert set(foreign_imports("claude_narrator.models.types")) <= {"numpy"}
    assert foreign_imports("claude_narrator.models.errors") == []
