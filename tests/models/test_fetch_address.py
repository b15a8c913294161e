from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from claude_narrator.models import fetch_address
from claude_narrator.models.catalog import is_present
from claude_narrator.models.download import pull
from claude_narrator.models.errors import ModelMissing
from claude_narrator.models.sources import HUB_VARIABLE
from tests.models.hub_server import Hub, running
from tests.models.samples import random_bytes
from tests.models.small_model import CONTENT, MODEL, PATH, arrived, fetched, weights


def test_a_connection_that_breaks_goes_on_at_the_byte_where_it_broke(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = [1 << 20, 1000]
    fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in hub.seen] == ["", "bytes=1048576-", "bytes=1049576-"]


def test_a_server_that_ignores_ranges_is_read_from_the_start(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = [2 << 20]
    hub.knows_ranges = False
    fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT


def test_a_server_that_gives_no_length_is_believed_by_its_hash(hub: Hub, tmp_path: Path) -> None:
    hub.tells_length = False
    hub.break_after = [1 << 20]
    fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.statuses = [503, 429]
    fetched(MODEL, tmp_path)
    assert len(hub.seen) == 3


def test_a_server_that_breaks_again_and_again_is_given_up_and_the_bytes_are_kept(
    hub: Hub, tmp_path: Path
) -> None:
    hub.break_after = [100] * fetch_address.MAX_BREAKS
    with pytest.raises(ModelMissing, match="ended early, 400 of 3145728 bytes arrived"):
        fetched(MODEL, tmp_path)
    assert [path.stat().st_size for path in arrived(tmp_path)] == [400]
    fetched(MODEL, tmp_path)
    assert hub.seen[-1] == (PATH, "bytes=400-")
    assert weights(tmp_path).read_bytes() == CONTENT


def test_a_hub_that_vanishes_in_the_middle_is_given_up_and_the_bytes_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fetch_address, "PAUSE_S", 0.0)
    with running(Hub(files={PATH: CONTENT}, stall_after=1 << 20)) as vanishing:
        monkeypatch.setenv(HUB_VARIABLE, vanishing.address)
        pulling = pull(MODEL, tmp_path)
        while next(pulling).done_bytes < 1 << 20:
            pass
    with pytest.raises(ModelMissing, match="Connection refused, 1048576 of 3145728 bytes arrived"):
        list(pulling)
    assert [path.stat().st_size for path in arrived(tmp_path)] == [1 << 20]


def test_wrong_bytes_never_appear_under_the_name_of_the_file(hub: Hub, tmp_path: Path) -> None:
    hub.files[PATH] = random_bytes(len(CONTENT), seed=2)
    found = hashlib.sha256(hub.files[PATH]).hexdigest()
    with pytest.raises(ModelMissing, match=f"SHA-256 {found}, not {MODEL.files[0].sha256}"):
        fetched(MODEL, tmp_path)
    assert not weights(tmp_path).exists()
    assert not is_present(MODEL, tmp_path)
    assert [path.stat().st_size for path in arrived(tmp_path)] == [0]


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_a_file_of_another_size_is_refused_before_it_is_read(hub: Hub, tmp_path: Path, size: int) -> None:
    hub.files[PATH] = (CONTENT + b"x")[:size]
    with pytest.raises(ModelMissing, match=f"has {size} bytes, not {len(CONTENT)}"):
        fetched(MODEL, tmp_path)
    assert [path.stat().st_size for path in arrived(tmp_path)] == [0]


def test_a_file_without_end_is_cut_off_at_the_size_of_the_catalog(hub: Hub, tmp_path: Path) -> None:
    hub.files[PATH] = CONTENT * 2
    hub.tells_length = False
    with pytest.raises(ModelMissing, match=f"more than the {len(CONTENT)} bytes"):
        fetched(MODEL, tmp_path)


def test_what_an_earlier_pull_left_wrong_is_fetched_once_more_from_the_start(
    hub: Hub, tmp_path: Path
) -> None:
    hub.break_after = [1 << 20] + [0] * fetch_address.MAX_BREAKS
    with pytest.raises(ModelMissing):
        fetched(MODEL, tmp_path)
    (left,) = arrived(tmp_path)
    left.write_bytes(bytes(1 << 20))
    fetched(MODEL, tmp_path)
    assert weights(tmp_path).read_bytes() == CONTENT
    assert [asked for _, asked in hub.seen[-2:]] == ["bytes=1048576-", ""]


def test_an_offset_that_the_server_does_not_have_starts_over(hub: Hub, tmp_path: Path) -> None:
    hub.break_after = [1 << 20] + [0] * fetch_address.MAX_BREAKS
    with pytest.raises(ModelMissing):
        fetched(MODEL, tmp_path)
    hub.statuses = [416]
    fetched(MODEL, tmp_path)
    assert [asked for _, asked in hub.seen[-2:]] == ["bytes=1048576-", ""]
