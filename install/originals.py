"""What the user's files were before the installer changed them, so that it can give back the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from claude_narrator.daemon.paths import Paths
from claude_narrator.install.settings_file import read, replace


@dataclass(frozen=True, slots=True)
class Original:
    """A file before us: its `text` (nothing: it did not exist), and the SHA-256 of what we wrote instead."""

    path: str
    text: str | None
    written_sha256: str

    def is_what_we_wrote(self, data: bytes | None) -> bool:
        """Whether nobody has changed the file since."""
        return data is not None and hashlib.sha256(data).hexdigest() == self.written_sha256

    def document(self) -> Any:
        """Return what the text says."""
        return json.loads(self.text.removeprefix("\ufeff")) if self.text else {}


def recall(paths: Paths, file: Path) -> Original | None:
    """Return what is kept of `file`, or nothing."""
    kept = read(_place(paths, file)).data
    try:
        return Original(**json.loads(kept)) if kept else None
    except (ValueError, TypeError):
        return None  # torn or foreign: the installer can do without it


def keep(paths: Paths, file: Path, text: str | None, written: bytes) -> None:
    """Keep the `text` that `file` had before `written`; mode 0600, for `.claude.json` holds secrets."""
    original = Original(str(file), text, hashlib.sha256(written).hexdigest())
    place = _place(paths, file)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.parent.chmod(0o700)
    replace(read(place), json.dumps(asdict(original)).encode())


def forget(paths: Paths, file: Path) -> None:
    """Keep nothing of `file` any more."""
    _place(paths, file).unlink(missing_ok=True)


def _place(paths: Paths, file: Path) -> Path:
    name = hashlib.sha256(os.fsencode(file)).hexdigest()[:16]
    return paths.state / "originals" / f"{file.name.lstrip('.')}-{name}.json"
