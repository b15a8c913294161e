"""Builds `claude_narrator/` out of links, for tools that know no package-dir mapping."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(target: Path) -> None:
    """Link every mapped top-level folder under `target`/claude_narrator."""
    mapping = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-dir"
    ]
    package = target / "claude_narrator"
    package.mkdir(parents=True, exist_ok=True)
    for folder in {path.split("/")[0] for path in mapping.values()}:
        link = package / folder
        if not link.is_symlink():
            link.symlink_to(ROOT / folder, target_is_directory=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
