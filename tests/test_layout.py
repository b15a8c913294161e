"""The installed form of the project is what the folders say it is."""

from __future__ import annotations

import ast
import importlib.metadata
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FOLDERS = ("daemon", "hooks", "install", "mcp_server", "models")
MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40


def package_of(folder: Path) -> str:
    """Return the dotted name under which a folder of the repository is imported."""
    return ".".join(("claude_narrator", *folder.relative_to(ROOT).parts))


def product_files() -> list[Path]:
    """Return every file of Python that is installed."""
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


def modules() -> set[str]:
    """Return every module of ours as its path inside the wheel."""
    return {f"claude_narrator/{path.relative_to(ROOT).as_posix()}" for path in product_files()}


def data_files() -> set[str]:
    """Return every declared data file as its path inside the wheel."""
    return {
        f"{package.replace('.', '/')}/{file.name}"
        for package, names in SETUPTOOLS["package-data"].items()
        for name in names
        for file in (ROOT / SETUPTOOLS["package-dir"][package]).glob(name)
    }


def test_every_folder_with_code_is_listed_as_a_package() -> None:
    found = {package_of(init.parent) for folder in FOLDERS for init in (ROOT / folder).rglob("__init__.py")}
    assert set(SETUPTOOLS["packages"]) == found
    assert set(SETUPTOOLS["package-dir"]) == found


def test_every_module_lies_in_a_package() -> None:
    homeless = [path for path in product_files() if not _has_init(path)]
    assert homeless == []


def test_no_file_of_the_product_is_too_long_to_be_read_at_once() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in product_files()}
    assert {str(path): lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_of_the_product_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in product_files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def test_the_bare_folder_names_are_not_installed() -> None:
    installed = importlib.metadata.packages_distributions()
    assert [name for name in FOLDERS if "claude-narrator" in installed.get(name, [])] == []


def test_every_console_script_and_engine_names_something_that_can_be_called() -> None:
    points = importlib.metadata.distribution("claude-narrator").entry_points
    declared = len(PROJECT["project"]["scripts"]) + sum(
        len(group) for group in PROJECT["project"]["entry-points"].values()
    )
    assert len(points) == declared
    assert [point.name for point in points if not callable(point.load())] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel built from the source distribution, as a release is."""
    work = tmp_path_factory.mktemp("release")
    backend = work / "backend"
    _python(
        work,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--target",
        str(backend),
        *PROJECT["build-system"]["requires"],
    )
    shutil.copytree(ROOT, work / "source", ignore=_left_out)
    _build(work / "source", backend, f"build_sdist({str(work)!r})")
    (sdist,) = work.glob("*.tar.gz")
    shutil.unpack_archive(sdist, work / "unpacked")
    (unpacked,) = (work / "unpacked").iterdir()
    _build(unpacked, backend, f"build_wheel({str(work)!r})")
    (built,) = work.glob("*.whl")
    return zipfile.ZipFile(built)


def test_a_wheel_built_from_the_source_distribution_holds_every_module(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == modules() | data_files()


def test_the_wheel_carries_the_licence_and_the_notice(wheel: zipfile.ZipFile) -> None:
    names = {name.split("/")[-1] for name in wheel.namelist() if ".dist-info/" in name}
    assert {"LICENSE", "NOTICE"} <= names


def _has_init(path: Path) -> bool:
    return (path.parent / "__init__.py").is_file()


def _left_out(folder: str, names: list[str]) -> set[str]:
    hidden = {name for name in names if name.startswith(".") or name.endswith(".egg-info")}
    return hidden | ({"build", "dist", "node_modules", "tests", "__pycache__"} & set(names))


def _build(source: Path, backend: Path, call: str) -> None:
    path = f"import sys; sys.path.insert(0, {str(backend)!r})"
    _python(source, "-c", f"{path}; from setuptools import build_meta; build_meta.{call}")


def _python(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
