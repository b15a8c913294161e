"""Real files that grow: what is read of them, and what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claude_narrator.daemon.transcript import MAX_BEHIND, MAX_LINE, Tail, open_transcript, projects_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "claude" / "projects"
    (folder / "project").mkdir(parents=True)
    return folder


@pytest.fixture
def path(root: Path) -> Path:
    return root / "project" / "session.jsonl"


def append(path: Path, text: bytes) -> None:
    with path.open("ab") as file:
        file.write(text)


def test_only_what_is_appended_later_is_read(root: Path, path: Path) -> None:
    append(path, b"old\n")
    tail = Tail(path, root)
    assert tail.read() == []
    append(path, b"new\nnewer\n")
    assert tail.read() == [b"new", b"newer"]
    assert tail.read() == []


def test_a_file_that_comes_later_is_read_from_its_beginning(root: Path, path: Path) -> None:
    tail = Tail(path, root)
    assert tail.read() == []
    append(path, b"first\n")
    assert tail.read() == [b"first"]


def test_a_partial_line_is_kept_until_it_is_complete(root: Path, path: Path) -> None:
    tail = Tail(path, root)
    for part, lines in ((b"on", []), (b"e\ntw", [b"one"]), (b"o", []), (b"\n", [b"two"])):
        append(path, part)
        assert tail.read() == lines


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(root: Path, path: Path) -> None:
    tail = Tail(path, root)
    append(path, b"x" * MAX_LINE)
    assert tail.read() == []
    append(path, b"x" * MAX_LINE)
    append(path, b"x\nnext\n" + b"y" * 60_000 + b"\n")
    assert tail.read() == [b"next", b"y" * 60_000]


def test_of_a_huge_file_nothing_is_read_but_what_is_new(root: Path, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)
    tail = Tail(path, root)
    assert tail.read() == []
    append(path, b"new\n")
    assert tail.read() == [b"new"]


def test_what_has_piled_up_is_read_from_near_its_end(root: Path, path: Path) -> None:
    tail = Tail(path, root)
    append(path, b"a line of no interest\n" * (2 * MAX_BEHIND // 22) + b"the last\n")
    lines = tail.read()
    assert lines[-1] == b"the last"
    assert set(lines[:-1]) == {b"a line of no interest"}
    assert sum(len(line) + 1 for line in lines) <= MAX_BEHIND


@pytest.mark.parametrize("replaced", [True, False])
def test_a_file_that_is_cut_or_replaced_is_followed_from_its_end(
    root: Path, path: Path, replaced: bool
) -> None:
    append(path, b"a long old line\n")
    tail = Tail(path, root)
    if replaced:
        append(path.with_name("other"), b"short\n" * 10)
        path.with_name("other").rename(path)
    else:
        path.write_bytes(b"short\n")
    assert tail.read() == []
    append(path, b"new\n")
    assert tail.read() == [b"new"]


def test_a_file_that_goes_away_is_nothing(root: Path, path: Path) -> None:
    append(path, b"old\n")
    tail = Tail(path, root)
    path.unlink()
    assert tail.read() == []


def test_a_fifo_is_not_read_and_does_not_block(root: Path, path: Path) -> None:
    os.mkfifo(path)
    assert Tail(path, root).read() == []
    with pytest.raises(ValueError, match="regular"):
        open_transcript(path, root)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(root: Path, path: Path) -> None:
    outside = root.parent / "outside.jsonl"
    append(outside, b"")
    path.symlink_to(outside)
    tail = Tail(path, root)
    append(outside, b"secret\n")
    assert tail.read() == []


def test_a_path_with_dots_does_not_lead_out_either(root: Path) -> None:
    outside = root.parent / "outside.jsonl"
    append(outside, b"")
    tail = Tail(root / "project" / ".." / ".." / "outside.jsonl", root)
    append(outside, b"secret\n")
    assert tail.read() == []


def test_a_link_within_the_folder_and_a_linked_folder_are_fine(root: Path, path: Path) -> None:
    append(path, b"")
    link = root.parent / "linked"
    link.symlink_to(root, target_is_directory=True)
    tail = Tail(path, link)
    append(path, b"new\n")
    assert tail.read() == [b"new"]


def test_a_folder_is_not_read(root: Path) -> None:
    assert Tail(root / "project", root).read() == []


def test_another_users_file_is_not_read(root: Path, path: Path) -> None:
    append(path, b"new\n")
    if os.getuid() == 0:
        os.chown(path, 65534, 65534)
    else:
        path = Path("/etc/passwd")
    with pytest.raises(ValueError, match="of ours"):
        open_transcript(path, Path("/"))


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_what_cannot_be_a_path_is_nothing(root: Path, name: str) -> None:
    assert Tail(root / name, root).read() == []


def test_the_projects_folder_is_below_claudes_own() -> None:
    assert projects_folder({"HOME": "/home/user"}) == Path("/home/user/.claude/projects")
    moved = {"HOME": "/home/user", "CLAUDE_CONFIG_DIR": "/elsewhere"}
    assert projects_folder(moved) == Path("/elsewhere/projects")
