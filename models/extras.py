"""How the user installs an extra, in words that can be pasted: as the package itself was installed."""

from __future__ import annotations

import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from shlex import quote
from urllib.parse import urlsplit
from urllib.request import url2pathname

OWN = "claude-narrator"


def install_command(extra: str, package: str = OWN) -> str:
    """Return the command that adds `extra` of `package` to this Python; without an extra, the package."""
    wanted = f"{_source(package)}[{extra}]" if extra else _source(package)
    if (Path(sys.prefix) / "pipx_metadata.json").is_file():
        return f"pipx {'install --force' if package == OWN else f'inject {OWN}'} {quote(wanted)}"
    return f"{quote(sys.executable)} -m pip install {quote(wanted)}"


def _source(package: str) -> str:
    """The folder that the package was installed from, else its name; see PEP 610 for `direct_url.json`."""
    try:
        origin = json.loads(distribution(package).read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return package
    url = urlsplit(origin.get("url", ""))
    return url2pathname(url.path) if url.scheme == "file" and "dir_info" in origin else package
