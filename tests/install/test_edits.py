"""The installer over real files: the same bytes come back, and nobody's work is lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from claude_narrator.daemon.paths import Paths
from claude_narrator.install import edits, json_text
from claude_narrator.install.claude_cli import ClaudeFiles
from claude_narrator.install.edits import apply_install, apply_uninstall, plan_install
from claude_narrator.install.originals import recall
from claude_narrator.install.settings_file import account_lock
from claude_narrator.models.errors import NarratorError
from tests.install.wirings import files, wiring


@contextlib.contextmanager
def a_user() -> Iterator[tuple[Paths, ClaudeFiles]]:
    """Yield the places of a new user; Hypothesis needs one for each example."""
    folder = Path(tempfile.mkdtemp(prefix="cn-"))
    try:
        claude = ClaudeFiles(folder / ".claude" / "settings.json", folder / ".claude.json")
        claude.settings.parent.mkdir()
        yield Paths(folder / "narrator", folder / "narrator", folder / "narrator"), claude
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def user() -> Iterator[tuple[Paths, ClaudeFiles]]:
    with a_user() as places:
        yield places


def leftovers(claude: ClaudeFiles) -> set[str]:
    folders = {claude.settings.parent, claude.account.parent, claude.settings.resolve().parent}
    known = {"settings.json", ".claude.json", ".claude", "narrator", "dotfiles", "real.json"}
    return {path.name for folder in folders for path in folder.iterdir()} - known


@given(files(), files())
@settings(max_examples=25)
def test_installing_and_uninstalling_gives_back_the_same_bytes(data: bytes, account: bytes) -> None:
    with a_user() as (paths, claude):
        claude.settings.write_bytes(data)
        claude.account.write_bytes(account)
        apply_install(paths, claude, wiring())
        written = claude.settings.read_bytes()
        assert apply_install(paths, claude, wiring()) == []
        assert claude.settings.read_bytes() == written
        apply_uninstall(paths, claude)
        assert claude.settings.read_bytes() == data
        assert claude.account.read_bytes() == account
        assert not leftovers(claude)


@given(files())
@settings(max_examples=15)
def test_an_upgrade_in_between_still_gives_back_the_same_bytes(data: bytes) -> None:
    with a_user() as (paths, claude):
        claude.settings.write_bytes(data)
        apply_install(paths, claude, wiring("1"))
        apply_install(paths, claude, wiring("2"))
        apply_uninstall(paths, claude)
        assert claude.settings.read_bytes() == data


@given(files())
@settings(max_examples=15)
def test_what_others_wrote_in_the_meantime_stays_whether_or_not_an_upgrade_follows(data: bytes) -> None:
    for upgrade in (False, True):
        with a_user() as (paths, claude):
            claude.settings.write_bytes(data)
            apply_install(paths, claude, wiring("1"))
            edited = json_text.add(claude.settings.read_bytes().decode(), ("added later",), {"by": "others"})
            claude.settings.write_bytes(edited.encode())
            if upgrade:
                apply_install(paths, claude, wiring("2"))
            apply_uninstall(paths, claude)
            left = json.loads(claude.settings.read_bytes().decode().removeprefix("\ufeff"))
            before = json.loads(data.decode().removeprefix("\ufeff"))
            assert left == {**before, "added later": {"by": "others"}}


def test_files_that_did_not_exist_are_made_and_taken_away(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.parent.rmdir()
    apply_install(paths, claude, wiring())
    assert claude.account.stat().st_mode & 0o777 == 0o600
    assert json.loads(claude.settings.read_bytes())["hooks"]
    apply_uninstall(paths, claude)
    assert not claude.settings.exists()
    assert not claude.account.exists()
    assert recall(paths, claude.settings) is None


def test_a_new_file_that_others_have_used_since_stays(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    apply_install(paths, claude, wiring())
    edited = json_text.add(claude.settings.read_text(), ("model",), "sonnet")
    claude.settings.write_text(edited)
    apply_uninstall(paths, claude)
    assert json.loads(claude.settings.read_bytes()) == {"model": "sonnet"}


def test_empty_objects_of_the_users_stay_and_ours_go(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.write_text('{"hooks": {"Stop": []}}')
    apply_install(paths, claude, wiring())
    claude.settings.write_text(claude.settings.read_text() + "\n")
    apply_uninstall(paths, claude)
    assert json.loads(claude.settings.read_bytes()) == {"hooks": {"Stop": []}}


def test_a_link_stays_a_link_and_mode_and_owner_stay(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    real = paths.state.parent / "dotfiles" / "real.json"
    real.parent.mkdir()
    real.write_text('{"model": "sonnet"}')
    real.chmod(0o640)
    if os.getuid() == 0:
        os.chown(real, 12345, 54321)
    owner = real.stat().st_uid, real.stat().st_gid
    claude.settings.symlink_to("../dotfiles/real.json")
    for apply in (lambda: apply_install(paths, claude, wiring()), lambda: apply_uninstall(paths, claude)):
        apply()
        assert os.readlink(claude.settings) == "../dotfiles/real.json"
        assert (real.stat().st_uid, real.stat().st_gid) == owner
        assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text() == '{"model": "sonnet"}'
    assert not leftovers(claude)


@pytest.mark.parametrize("broken", ["settings", "account"])
def test_when_either_file_is_broken_both_are_untouched(user: tuple[Paths, ClaudeFiles], broken: str) -> None:
    paths, claude = user
    claude.settings.write_text("{}")
    claude.account.write_text("{}")
    getattr(claude, broken).write_text('{"a": 1,}')
    before = claude.settings.read_bytes(), claude.account.read_bytes()
    for apply in (lambda: apply_install(paths, claude, wiring()), lambda: apply_uninstall(paths, claude)):
        with pytest.raises(NarratorError, match="line 1, column"):
            apply()
    assert (claude.settings.read_bytes(), claude.account.read_bytes()) == before
    assert not paths.state.exists()


def test_a_read_only_file_is_left_alone_and_named(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.write_text("{}")
    claude.settings.chmod(0o444)
    with pytest.raises(NarratorError, match=r"settings\.json is read-only"):
        apply_install(paths, claude, wiring())
    assert claude.settings.read_text() == "{}"
    assert not claude.account.exists()


def test_a_folder_in_the_place_of_a_file_is_refused(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.mkdir()
    with pytest.raises(NarratorError, match="is not a file"):
        apply_install(paths, claude, wiring())


@pytest.mark.parametrize("changed", ["settings", "account"])
def test_a_change_at_the_very_moment_is_kept_and_ends_the_run(
    user: tuple[Paths, ClaudeFiles], monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    paths, claude = user
    claude.settings.write_text("{}")
    claude.account.write_text("{}")
    keep = edits.keep

    def keep_while_another_program_writes(places: Paths, file: Path, text: str | None, new: bytes) -> None:
        keep(places, file, text, new)
        if file == getattr(claude, changed):
            file.write_text('{"somebody": "else"}')

    monkeypatch.setattr(edits, "keep", keep_while_another_program_writes)
    with pytest.raises(NarratorError, match="changed by another program"):
        apply_install(paths, claude, wiring())
    assert getattr(claude, changed).read_text() == '{"somebody": "else"}'
    other = claude.account if changed == "settings" else claude.settings
    assert other.read_text() == "{}"
    assert not leftovers(claude)


def test_it_waits_for_a_session_that_writes_its_account_file(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.account.write_text("{}")
    done = threading.Event()

    def install() -> None:
        apply_install(paths, claude, wiring())
        done.set()

    with account_lock(claude.account):
        thread = threading.Thread(target=install)
        thread.start()
        assert not done.wait(0.2)
        claude.account.write_text('{"numStartups": 2}')
    thread.join(10)
    assert json.loads(claude.account.read_bytes())["numStartups"] == 2
    assert "voice" in json.loads(claude.account.read_bytes())["mcpServers"]


def test_a_lock_that_a_dead_session_left_is_taken_over(user: tuple[Paths, ClaudeFiles]) -> None:
    _, claude = user
    lock = claude.account.with_name(".claude.json.lock")
    lock.mkdir()
    os.utime(lock, (0, 0))
    with account_lock(claude.account):
        assert lock.is_dir()
    assert not lock.exists()


def test_the_diff_shows_the_change_and_not_the_token(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.write_text('{\n  "model": "sonnet"\n}')
    diff = plan_install(paths, claude, wiring())[0].diff()
    assert '+  "hooks": {' in diff
    assert wiring().address.token not in diff
    assert "narrator_***" in diff


def test_what_is_kept_of_the_originals_is_for_the_user_alone(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.account.write_text('{"secret": 1}')
    apply_install(paths, claude, wiring())
    folder = paths.state / "originals"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_without_what_was_kept_our_entries_are_still_taken_out(user: tuple[Paths, ClaudeFiles]) -> None:
    paths, claude = user
    claude.settings.write_text('{"model": "sonnet"}\n')
    apply_install(paths, claude, wiring())
    shutil.rmtree(paths.state)
    apply_uninstall(paths, claude)
    assert claude.settings.read_text() == '{"model": "sonnet"}\n'
