from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from claude_narrator.models.catalog import Model, is_present, model_folder
from claude_narrator.models.download import (
    PARTIAL,
    WORKING_BYTES,
    DiskFull,
    ModelBusy,
    ModelUnverified,
    Progress,
    pull,
    remove,
    verify,
)
from claude_narrator.models.errors import BadInput, ModelMissing, NarratorError
from tests.models.hub_server import Hub, running
from tests.models.samples import file_of, model_of, random_bytes
from tests.models.small_model import CONTENT, MODEL, PATH, arrived, fetched, weights


def test_a_file_comes_from_the_hub_and_is_marked_as_verified(hub: Hub, tmp_path: Path) -> None:
    steps = fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT
    assert is_present(MODEL, tmp_path)
    assert not (model_folder(MODEL.id, tmp_path) / PARTIAL).exists()
    assert steps[-1] == Progress(len(CONTENT), len(CONTENT), "ready")


def test_progress_never_goes_back_and_names_the_file_and_the_source(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = [1 << 20]
    hub.knows_ranges = False
    steps = fetched(MODEL, tmp_path)
    done = [step.done_bytes for step in steps]
    assert done == sorted(done)
    assert len(set(done)) > 5
    assert all(step.total_bytes == len(CONTENT) for step in steps)
    assert steps[0].what == f"weights.bin from {hub.address}{PATH}"


def test_a_model_that_is_present_is_not_asked_for(hub: Hub, tmp_path: Path) -> None:
    fetched(MODEL, tmp_path)
    hub.seen.clear()
    assert fetched(MODEL, tmp_path) == [Progress(len(CONTENT), len(CONTENT), "ready")]
    assert hub.seen == []


def test_files_that_were_put_in_place_by_hand_are_hashed_and_not_fetched(hub: Hub, tmp_path: Path) -> None:
    weights(tmp_path).parent.mkdir()
    weights(tmp_path).write_bytes(CONTENT)
    fetched(MODEL, tmp_path)
    assert hub.seen == []
    assert is_present(MODEL, tmp_path)


def test_the_users_own_hub_is_asked_first(hub: Hub, tmp_path: Path) -> None:
    with running(Hub(files={PATH: CONTENT})) as own:
        fetched(MODEL, tmp_path, own.address)
        assert own.seen == [(PATH, "")]
    assert hub.seen == []


def test_a_plain_mirror_has_the_files_by_model_and_name(hub: Hub, tmp_path: Path) -> None:
    with running(Hub(files={"/mirror/small/weights.bin": CONTENT})) as own:
        fetched(MODEL, tmp_path, f"{own.address}/mirror/")
    assert hub.seen == []
    assert is_present(MODEL, tmp_path)


@pytest.mark.parametrize("place", ["weights.bin", "small/weights.bin"])
def test_the_users_own_folder_is_asked_first(hub: Hub, tmp_path: Path, place: str) -> None:
    copy = tmp_path / "usb" / place
    copy.parent.mkdir(parents=True)
    copy.write_bytes(CONTENT)
    fetched(MODEL, tmp_path / "models", str(tmp_path / "usb"))
    assert hub.seen == []
    assert weights(tmp_path / "models").read_bytes() == CONTENT


def test_a_folder_with_a_wrong_file_is_passed_over(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "weights.bin").write_bytes(random_bytes(len(CONTENT), seed=3))
    fetched(MODEL, tmp_path / "models", str(tmp_path / "usb"), str(tmp_path / "nothing"))
    assert hub.seen == [(PATH, "")]
    assert weights(tmp_path / "models").read_bytes() == CONTENT


def test_a_source_that_is_neither_a_folder_nor_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"models\.sources names 'somewhere'"):
        fetched(MODEL, tmp_path, "somewhere")


def test_when_no_source_has_the_file_each_one_is_named_with_its_reason(hub: Hub, tmp_path: Path) -> None:
    del hub.files[PATH]
    with pytest.raises(ModelMissing) as caught:
        fetched(MODEL, tmp_path / "models", str(tmp_path / "usb"), "http://127.0.0.1:9")
    problem = caught.value.problem
    assert problem.startswith("no source has weights.bin of small: ")
    assert f"{tmp_path}/usb/small/weights.bin: no such file" in problem
    assert f"http://127.0.0.1:9{PATH}: Connection refused" in problem
    assert f"{hub.address}{PATH}: HTTP 404 Not Found" in problem
    assert "\n" not in problem


def test_a_host_that_cannot_be_reached_is_asked_for_one_file_only(hub: Hub, tmp_path: Path) -> None:
    second = file_of(CONTENT[:10], "hub:owner/repo/second.bin", name="second.bin")
    hub.files["/owner/repo/resolve/main/second.bin"] = CONTENT[:10]
    steps = fetched(model_of(*MODEL.files, second), tmp_path, "http://127.0.0.1:9")
    asked = {step.what for step in steps if "127.0.0.1:9/" in step.what}
    assert asked == {f"weights.bin from http://127.0.0.1:9{PATH}"}


def test_an_optional_file_that_nobody_has_is_left_out_aloud_and_asked_for_again(
    hub: Hub, tmp_path: Path
) -> None:
    extra = file_of(b"style", "hub:owner/repo/extra.bin", name="extra.bin", optional=True)
    model = model_of(*MODEL.files, extra)
    said = [step.what for step in fetched(model, tmp_path)]
    assert said[-2].startswith("extra.bin is left out: no source has extra.bin of small: ")
    assert is_present(model, tmp_path)
    assert verify(model, tmp_path) == []
    hub.files["/owner/repo/resolve/main/extra.bin"] = b"style"
    fetched(model, tmp_path)
    assert (model_folder(model.id, tmp_path) / "extra.bin").read_bytes() == b"style"
    (model_folder(model.id, tmp_path) / "extra.bin").write_bytes(b"sty1e")
    assert verify(model, tmp_path) == ["extra.bin has another SHA-256 than the catalog says"]


def test_a_model_without_hashes_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    model = Model("vague", "", "voice", "MIT", (), unverified="nobody measured it")
    with pytest.raises(ModelUnverified, match="the catalog has no hash for it yet, nobody measured it"):
        fetched(model, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_too_little_room_is_said_with_the_figures_before_anything_is_fetched(
    hub: Hub, tmp_path: Path
) -> None:
    needed = (len(CONTENT) + WORKING_BYTES) / 1e6
    with pytest.raises(DiskFull, match=rf"small needs {needed:.0f} MB in .*, 50 MB are free"):
        list(pull(MODEL, tmp_path, free=lambda folder: 50_000_000))
    assert hub.seen == []
    assert not model_folder(MODEL.id, tmp_path).exists()


def test_a_models_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(NarratorError, match=r"cannot write in .*models: ") as caught:
        fetched(MODEL, tmp_path / "models")
    assert "\n" not in str(caught.value)


LIMITED = textwrap.dedent(
    """
    import resource, sys
    from pathlib import Path
    from claude_narrator.models.download import pull
    from claude_narrator.models.errors import NarratorError
    from tests.models.small_model import MODEL

    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    try:
        list(pull(MODEL, Path(sys.argv[1]), [sys.argv[2]]))
    except NarratorError as error:
        print(error.code, error)
    """
)


def test_a_disk_that_fills_up_ends_the_pull_in_one_line_and_keeps_what_arrived(tmp_path: Path) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "weights.bin").write_bytes(CONTENT)
    root = tmp_path / "models"
    command = [sys.executable, "-c", LIMITED, str(root), str(tmp_path / "usb")]
    repository = Path(__file__).resolve().parents[2]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=repository)
    assert said.stdout.startswith("disk_full ")
    assert "cannot grow beyond 1048576 bytes: File too large" in said.stdout
    assert said.stdout.count("\n") == 1
    assert [path.stat().st_size for path in arrived(root)] == [1 << 20]
    steps = fetched(MODEL, root, str(tmp_path / "usb"))
    assert steps[0].done_bytes == 1 << 20
    assert weights(root).read_bytes() == CONTENT


def test_a_pull_that_is_closed_in_the_middle_goes_on_there(hub: Hub, tmp_path: Path) -> None:
    interrupted = pull(MODEL, tmp_path)
    while next(interrupted).done_bytes < 1 << 20:
        pass
    interrupted.close()
    assert [path.stat().st_size for path in arrived(tmp_path)] == [1 << 20]
    fetched(MODEL, tmp_path)
    assert hub.seen[-1] == (PATH, f"bytes={1 << 20}-")
    assert weights(tmp_path).read_bytes() == CONTENT


def test_a_second_pull_says_that_it_waits_and_finds_the_work_done(hub: Hub, tmp_path: Path) -> None:
    first = pull(MODEL, tmp_path)
    next(first)
    second = pull(MODEL, tmp_path)
    assert next(second).what == "waiting for another pull"
    steps: list[Progress] = []
    waiting = threading.Thread(target=lambda: steps.extend(second))
    waiting.start()
    list(first)
    waiting.join(10)
    assert [step.what for step in steps] == ["ready"]
    assert len(hub.seen) == 1


def test_a_model_that_is_being_pulled_cannot_be_removed(hub: Hub, tmp_path: Path) -> None:
    pulling = pull(MODEL, tmp_path)
    next(pulling)
    with pytest.raises(ModelBusy):
        remove(MODEL, tmp_path)
    list(pulling)
    assert is_present(MODEL, tmp_path)


def test_a_damaged_file_is_found_and_the_next_pull_mends_it(hub: Hub, tmp_path: Path) -> None:
    fetched(MODEL, tmp_path)
    assert verify(MODEL, tmp_path) == []
    weights(tmp_path).write_bytes(bytes(len(CONTENT)))
    assert verify(MODEL, tmp_path) == ["weights.bin has another SHA-256 than the catalog says"]
    assert not is_present(MODEL, tmp_path)
    fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT


def test_missing_and_short_files_are_named(hub: Hub, tmp_path: Path) -> None:
    assert verify(MODEL, tmp_path) == ["weights.bin is missing"]
    weights(tmp_path).parent.mkdir()
    weights(tmp_path).write_bytes(CONTENT[:5])
    assert verify(MODEL, tmp_path) == [f"weights.bin has 5 bytes, not {len(CONTENT)}"]


def test_removing_a_model_frees_its_bytes_and_forgets_it(hub: Hub, tmp_path: Path) -> None:
    fetched(MODEL, tmp_path)
    assert remove(MODEL, tmp_path) >= len(CONTENT)
    assert not model_folder(MODEL.id, tmp_path).exists()
    assert remove(MODEL, tmp_path) == 0
