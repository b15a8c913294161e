"""Weights are hashed before an engine opens them, once, and again when they were touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from claude_narrator.models.catalog import is_present, model_folder
from claude_narrator.models.download import pull
from claude_narrator.models.errors import ModelCorrupt, ModelMissing
from claude_narrator.models.integrity import check_folder, check_folders
from claude_narrator.models.marker import MARKER
from tests.models.hub_server import Hub
from tests.models.samples import file_of, model_of
from tests.models.small_model import CONTENT, MODEL, weights

SAME_SIZE = bytes(reversed(CONTENT))


@pytest.fixture
def root(hub: Hub, tmp_path: Path) -> Path:
    """A models folder with the small model in it, pulled."""
    list(pull(MODEL, tmp_path))
    return tmp_path


def _check(root: Path) -> None:
    check_folders({MODEL.id: model_folder(MODEL.id, root)}, {MODEL.id: MODEL})


def _overwrite(path: Path, content: bytes) -> None:
    """Change a file and leave its modification time as it was."""
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _remembered(root: Path, sha256: str) -> None:
    """Write into the marker that the file had another hash when it was hashed."""
    marker = model_folder(MODEL.id, root) / MARKER
    written = json.loads(marker.read_text(encoding="utf-8"))
    written[".seen"]["weights.bin"][-1] = sha256
    marker.write_text(json.dumps(written), encoding="utf-8")


def test_what_was_pulled_is_right(root: Path) -> None:
    _check(root)
    assert is_present(MODEL, root)


def test_a_file_that_was_not_touched_since_it_was_hashed_is_not_read_again(root: Path) -> None:
    _remembered(root, "0" * 64)
    with pytest.raises(ModelCorrupt):
        _check(root)


def test_a_file_that_was_touched_is_hashed_again_and_then_remembered(root: Path) -> None:
    _remembered(root, "0" * 64)
    weights(root).touch()
    _check(root)
    _check(root)
    assert is_present(MODEL, root)


def test_other_bytes_of_the_same_size_and_time_are_refused_and_no_longer_count_as_here(root: Path) -> None:
    _overwrite(weights(root), SAME_SIZE)
    for _ in range(2):
        with pytest.raises(ModelCorrupt, match=r"weights\.bin of small has another SHA-256") as refused:
            _check(root)
        assert refused.value.hint == "Run: voice models pull small"
        assert not is_present(MODEL, root)


def test_an_older_file_that_is_copied_over_it_is_noticed(root: Path) -> None:
    other = root / "older.bin"
    other.write_bytes(SAME_SIZE)
    os.utime(other, (1, 1))
    shutil.copy2(other, weights(root))
    with pytest.raises(ModelCorrupt):
        _check(root)


def test_the_next_pull_mends_what_was_refused(root: Path) -> None:
    _overwrite(weights(root), SAME_SIZE)
    with pytest.raises(ModelCorrupt):
        _check(root)
    list(pull(MODEL, root))
    _check(root)
    assert weights(root).read_bytes() == CONTENT


def test_a_pull_mends_what_no_engine_has_refused_yet(root: Path) -> None:
    _overwrite(weights(root), SAME_SIZE)
    list(pull(MODEL, root))
    assert weights(root).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [0, 1000, len(CONTENT) + 1])
def test_another_size_is_told_without_reading_the_file(root: Path, size: int) -> None:
    os.truncate(weights(root), size)
    with pytest.raises(ModelCorrupt, match=rf"weights\.bin of small has {size} bytes, not {len(CONTENT)}"):
        _check(root)


def test_a_missing_file_is_named_with_the_command_that_brings_it(root: Path) -> None:
    weights(root).unlink()
    with pytest.raises(ModelMissing, match=r"weights\.bin of small is not here\. Run: voice models pull"):
        _check(root)


def test_files_that_nobody_has_verified_are_hashed_before_the_first_load(tmp_path: Path) -> None:
    weights(tmp_path).parent.mkdir()
    weights(tmp_path).write_bytes(CONTENT)
    assert not is_present(MODEL, tmp_path)
    _check(tmp_path)
    assert is_present(MODEL, tmp_path)


def test_a_file_that_is_optional_may_be_missing_but_not_wrong(tmp_path: Path) -> None:
    model = model_of(
        file_of(b"a", "hub:o/r/a", name="a"), file_of(b"b", "hub:o/r/b", name="b", optional=True)
    )
    (tmp_path / "a").write_bytes(b"a")
    check_folder(model, tmp_path)
    (tmp_path / "b").write_bytes(b"c")
    with pytest.raises(ModelCorrupt, match="b of small has another SHA-256"):
        check_folder(model, tmp_path)


@pytest.mark.parametrize("written", ["", "[]", "{", '{".seen": 1}', '{".seen": {"weights.bin": [1]}}'])
def test_a_marker_that_makes_no_sense_is_as_good_as_none(root: Path, written: str) -> None:
    (model_folder(MODEL.id, root) / MARKER).write_text(written, encoding="utf-8")
    _check(root)
    assert is_present(MODEL, root)


def test_a_model_that_the_catalog_does_not_know_is_the_engines_own_affair(tmp_path: Path) -> None:
    check_folders({"mine": tmp_path})
