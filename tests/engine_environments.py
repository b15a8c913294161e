"""The engines' own environments in tests: each is installed once, and kept for the next run."""

from __future__ import annotations

import fcntl
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from claude_narrator.models import bootstrap, environments
from claude_narrator.models.registry import EngineRecord, find_engines

VARIABLE = "CLAUDE_NARRATOR_TEST_ENVIRONMENTS"
_ROOT = Path(__file__).resolve().parents[1]


def data_root() -> Path:
    """Return the folder that stands for the user's data folder as far as environments go."""
    named = os.environ.get(VARIABLE, "")
    return Path(named) if named else _ROOT / ".cache"


@functools.cache
def ensure(engine: str) -> Path:
    """Return the folder of an engine's own environment, installed if need be."""
    (record,) = (record for record in find_engines(lambda _: True) if record.name == engine)
    assert record.declaration.environment is not None
    folder = data_root() / environments.FOLDER / engine
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{engine}.awaited").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side, and the second waits for the first
        for step in environments.install(folder, record.declaration.environment):
            print(f"{engine}: {step}", file=sys.stderr)
    return folder


def installed(record: EngineRecord) -> EngineRecord:
    """Return the record of an engine whose environment, if it has one of its own, is installed."""
    if record.declaration.environment is None:
        return record
    ensure(record.name)
    options = {record.name: dict(record.options)}
    found = find_engines(lambda _: True, options=options, data=data_root())
    return next(other for other in found if other.name == record.name)


def probe(engine: str, script: Path, *arguments: str) -> Any:
    """Run a script in an engine's own environment and return the JSON of the last line it prints.

    It can import `claude_narrator.models` and `tests`, and of other packages what the environment holds.
    """
    start = (
        "import runpy, sys\n"
        f"runpy.run_path({bootstrap.__file__!r})['make_importable']("
        f"__import__('pathlib').Path({str(Path(bootstrap.__file__).parent)!r}))\n"
        f"sys.path.append({str(_ROOT)!r})\n"
        f"sys.argv = {[str(script), *arguments]!r}\n"
        f"runpy.run_path({str(script)!r}, run_name='__main__')\n"
    )
    python = environments.interpreter(ensure(engine))
    done = subprocess.run([python, "-P", "-c", start], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
