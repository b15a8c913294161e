"""An engine with an environment of its own is installed, run in it, and removed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import anyio
import pytest

from claude_narrator.models import bootstrap, environments
from claude_narrator.models.declaration import Environment
from claude_narrator.models.engine_state import EngineSpec
from claude_narrator.models.errors import BadInput, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.registry import GROUP, EngineRecord, EngineStatus, find_engines
from claude_narrator.models.types import Language

ENGINE = """
ENGINE = {
    "kind": "synthesizer", "summary": "Speaks", "voices": {"en": ["one"]},
    "environment": {"packages": ["numpy"]},
}
class Engine: ...
"""
NUMPY = Environment(packages=("numpy>=1.26,<3",))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with NumPy in it, and nothing of ours."""
    folder = tmp_path_factory.mktemp("data") / environments.FOLDER / "mine"
    steps = list(environments.install(folder, NUMPY))
    assert steps[0] == "making the environment"
    assert any(step.startswith("Installing") for step in steps)
    return folder


def test_a_finished_environment_is_not_installed_again(installed: Path) -> None:
    assert environments.is_installed(installed, NUMPY)
    assert list(environments.install(installed, NUMPY)) == []


def test_one_made_of_something_else_is_not_the_one_that_is_asked_for(installed: Path) -> None:
    assert not environments.is_installed(installed, Environment(packages=("numpy==1.26",)))


@pytest.mark.anyio
async def test_an_engine_runs_with_the_interpreter_of_its_environment(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.py").write_text(
        "import sys\n"
        "import numpy\n"
        "from claude_narrator.models.base import Loaded\n"
        "class Engine:\n"
        "    def load(self, context):\n"
        "        return Loaded('cpu', 'fp32')\n"
        "    def translate(self, text, source, target, hints):\n"
        "        yield sys.prefix\n"
        "    def close(self):\n"
        "        pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            host = EngineHost(EngineSpec("mine", "mine:Engine", environment=installed), tasks)
            pieces = [piece async for piece in host.translate("hi", Language("en"), Language("ja"))]
            await host.close()
    assert "".join(pieces) == str(installed)


def test_only_the_engines_side_of_the_project_can_be_imported_there(installed: Path) -> None:
    code = (
        f"import runpy, pathlib; runpy.run_path({bootstrap.__file__!r})['make_importable']("
        f"pathlib.Path({bootstrap.__file__!r}).parent)\n"
        "import claude_narrator.models.worker\n"
        "try:\n    import claude_narrator.daemon\nexcept ImportError:\n    print('only models')\n"
    )
    python = environments.interpreter(installed)
    done = subprocess.run([python, "-P", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("only models\n", "")


def test_an_interrupted_installation_goes_on_with_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    steps = environments.install(folder, Environment())
    assert next(steps) == "making the environment"
    assert next(steps, None) is None
    (folder / "environment.json").unlink()
    kept = folder / "kept"
    kept.touch()
    assert list(environments.install(folder, Environment())) == []
    assert kept.exists()
    assert environments.is_installed(folder, Environment())


def test_what_pip_cannot_find_is_told_in_its_own_words(tmp_path: Path) -> None:
    impossible = Environment(packages=(str(tmp_path / "no-such-package.whl"),))
    with pytest.raises(EngineUnavailable, match=r"pip could not fill mine: .*no-such-package"):
        list(environments.install(tmp_path / "mine", impossible))
    assert not environments.is_installed(tmp_path / "mine", impossible)


def test_two_installations_at_once_are_told_apart(tmp_path: Path) -> None:
    steps = environments.install(tmp_path / "mine", Environment())
    next(steps)
    with pytest.raises(BadInput, match="mine is being installed already"):
        next(environments.install(tmp_path / "mine", Environment()))
    steps.close()


def test_files_that_do_harm_are_removed_after_the_installation(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    list(environments.install(folder, Environment()))
    package = next(folder.glob("lib/python*/site-packages")) / "harmful"
    package.mkdir()
    (package / "broken.so").touch()
    (package / "fine.py").touch()
    list(environments.install(folder, Environment(remove=("harmful/*.so",))))
    assert [path.name for path in package.iterdir()] == ["fine.py"]


def test_a_removed_environment_is_gone_and_says_what_it_freed(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    list(environments.install(folder, Environment()))
    assert environments.remove(folder) > 0
    assert not folder.exists()
    assert environments.remove(folder) == 0


def test_the_registry_asks_for_the_installation_and_then_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stranger.py").write_text(ENGINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = _record(tmp_path)
    assert before.status is EngineStatus.MISSING_PACKAGE
    assert before.reason == "its environment is not installed: voice engines install mine"
    folder = tmp_path / environments.FOLDER / "mine"
    made_of = {"packages": ["numpy"], "without_dependencies": [], "remove": []}
    (folder / "bin").mkdir(parents=True)
    environments.interpreter(folder).symlink_to(sys.executable)
    (folder / "environment.json").write_text(json.dumps(made_of))
    after = _record(tmp_path)
    assert (after.status, after.environment) == (EngineStatus.READY, folder)


def _record(data: Path) -> EngineRecord:
    (record,) = find_engines(lambda model: True, [EntryPoint("mine", "stranger:Engine", GROUP)], data=data)
    return record
