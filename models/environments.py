"""Environments of their own, for engines whose packages are too heavy or too particular for the daemon's.

`<data>/environments/ENGINE` is a virtual environment that the user's own pip fills, so that their index,
proxy and certificates hold. An interrupted installation goes on where it stopped: what is installed stays,
and pip keeps what it has downloaded. Only a finished one is used; `environment.json` in it says what it was
made of.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from claude_narrator.models.declaration import Environment
from claude_narrator.models.errors import BadInput, EngineUnavailable

FOLDER = "environments"
_MADE_OF = "environment.json"
_NEWS = re.compile(r"(Collecting|Downloading|Using cached|Building|Installing)\b")


def interpreter(folder: Path) -> Path:
    """Return the path of the Python of the environment in `folder`, whether it is there or not."""
    return folder / "bin" / "python"


def is_installed(folder: Path, environment: Environment) -> bool:
    """Return whether `folder` holds a finished environment made of what `environment` asks for."""
    try:
        made_of = json.loads((folder / _MADE_OF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(made_of == _recipe(environment)) and interpreter(folder).exists()


def install(folder: Path, environment: Environment) -> Iterator[str]:
    """Make the environment, or finish one that was begun; yield a line for every step.

    :raises EngineUnavailable: pip failed; the message is its own.
    :raises BadInput: another process installs it now.
    """
    if is_installed(folder, environment):
        return
    with _alone(folder):
        if not interpreter(folder).exists():
            yield "making the environment"
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, symlinks=True)
        (folder / _MADE_OF).unlink(missing_ok=True)
        yield from _pip(folder, environment.packages)
        yield from _pip(folder, environment.without_dependencies, "--no-deps")
        for pattern in environment.remove:
            for path in folder.glob(f"lib/python*/site-packages/{pattern}"):
                path.unlink()
        (folder / _MADE_OF).write_text(json.dumps(_recipe(environment)), encoding="utf-8")


def remove(folder: Path) -> int:
    """Delete the environment and return how many bytes that freed.

    :raises BadInput: another process installs it now.
    """
    if not folder.is_dir():
        return 0
    with _alone(folder):
        freed = sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
        (folder / _MADE_OF).unlink(missing_ok=True)
        shutil.rmtree(folder)
    return freed


def _recipe(environment: Environment) -> dict[str, list[str]]:
    return {
        "packages": list(environment.packages),
        "without_dependencies": list(environment.without_dependencies),
        "remove": list(environment.remove),
    }


def _pip(folder: Path, packages: tuple[str, ...], *options: str) -> Iterator[str]:
    """Run our own pip on the interpreter in `folder`; yield what it is busy with."""
    if not packages:
        return
    own = [sys.executable, "-P", "-m", "pip", "--python", str(interpreter(folder))]
    quiet = ["--disable-pip-version-check", "--progress-bar=off", "--no-input", "--no-warn-script-location"]
    process = subprocess.Popen(
        [*own, "install", *quiet, *options, *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in map(str.strip, process.stdout):
            lines = [*lines[-50:], line]
            if _NEWS.match(line):
                yield line
    except BaseException:  # the caller has left, or was interrupted
        process.terminate()
        raise
    finally:
        process.stdout.close()
        process.wait()
    if process.returncode != 0:
        raise EngineUnavailable(f"pip could not fill {folder.name}: {_reason(lines)}", "Try again later.")


def _reason(lines: list[str]) -> str:
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    return (errors or [line for line in lines if line] or ["it said nothing"])[-1]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"{folder.name} is being installed already", "Wait until that is done.") from None
        yield
