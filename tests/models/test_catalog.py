from __future__ import annotations

import re
from pathlib import Path

import pytest

from claude_narrator.models.catalog import (
    CATALOG_FILE,
    find_model,
    is_present,
    load_catalog,
    model_folder,
)
from claude_narrator.models.errors import BadInput
from claude_narrator.models.registry import find_engines
from claude_narrator.models.sources import (
    AddressSource,
    HubSource,
    PackageSource,
    expand,
    hub_address,
    parse_source,
)

ENTRY = """
[[model]]
id = "small"
summary = "a small model"
kind = "voice"
licence = "MIT"

[[model.file]]
name = "weights.bin"
bytes = 3
sha256 = "{sha256}"
sources = ["hub:owner/repo/weights.bin"]
"""
SHA256 = "0" * 64


def catalog_file(folder: Path, text: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_catalog_has_every_model_that_an_engine_names() -> None:
    declared = [record.declaration for record in find_engines(lambda _: True)]
    named = {model for each in declared for group in (*each.models, tuple(each.adds)) for model in group}
    assert "qwen2.5-coder-1.5b" in named
    assert named <= set(load_catalog())


def test_a_model_names_its_files_or_says_why_it_cannot() -> None:
    for model in load_catalog().values():
        assert bool(model.files) != bool(model.unverified), model.id


def test_a_licence_that_forbids_commercial_use_asks_to_be_accepted() -> None:
    for model in load_catalog().values():
        assert model.confirm == bool(re.search("-NC-|non-commercial", model.licence)), model.id


def test_the_file_names_of_a_model_differ() -> None:
    for model in load_catalog().values():
        names = [file.name for file in model.files]
        assert len(names) == len(set(names)), model.id


def test_the_catalog_names_no_package_registry_by_host() -> None:
    hosts = set(re.findall(r"https?://([^/\"]+)", CATALOG_FILE.read_text(encoding="utf-8")))
    assert hosts <= {"github.com", "storage.googleapis.com"}


def test_what_this_project_needs_can_be_had_from_packages_alone() -> None:
    for model_id in ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "kokoro-82m-int8", "whisper-base"):
        for file in load_catalog()[model_id].files:
            assert any(isinstance(source, PackageSource) for source in file.sources), file.name


def test_an_unknown_model_is_answered_with_the_nearest() -> None:
    with pytest.raises(BadInput, match="Did you mean 'kokoro-82m-int8'"):
        find_model("kokoro-82m")


def test_a_hub_reference_becomes_an_address_on_any_hub() -> None:
    source = parse_source("hub:owner/repo/folder/weights.bin@abc123")
    assert source == HubSource("owner/repo", "folder/weights.bin", "abc123")
    assert source.address("http://mirror.example/") == (
        "http://mirror.example/owner/repo/resolve/abc123/folder/weights.bin"
    )


def test_a_hub_reference_without_a_revision_means_main() -> None:
    assert parse_source("hub:owner/repo/weights.bin") == HubSource("owner/repo", "weights.bin", "main")


def test_the_hub_can_be_replaced_by_the_variable_that_its_own_tools_read() -> None:
    assert hub_address({"HF_ENDPOINT": "http://mirror.example"}) == "http://mirror.example"
    assert hub_address({}).startswith("https://")


def test_a_range_in_a_reference_counts_through_the_pieces_in_step() -> None:
    source = parse_source("pypi:parts-{1..3}==0.2:parts_{1..3}/data/part{08..10}.bin")
    assert isinstance(source, PackageSource)
    assert [part.package for part in source.parts] == ["parts-1==0.2", "parts-2==0.2", "parts-3==0.2"]
    assert [part.member for part in source.parts] == [
        "parts_1/data/part08.bin",
        "parts_2/data/part09.bin",
        "parts_3/data/part10.bin",
    ]


def test_ranges_that_do_not_count_in_step_are_refused() -> None:
    with pytest.raises(BadInput, match="in step"):
        expand("pypi:parts-{1..3}==1:part{1..2}.bin")


def test_pieces_may_be_listed_one_by_one() -> None:
    source = parse_source(["pypi:head==1:a.bin", "npm:@scope/tail@2.0:voices/b.bin"])
    assert isinstance(source, PackageSource)
    assert [part.package for part in source.parts] == ["head==1", "@scope/tail@2.0"]


def test_an_address_is_a_source() -> None:
    assert parse_source("https://files.example/a.bin") == AddressSource("https://files.example/a.bin")


@pytest.mark.parametrize("written", ["ftp://x/y", "pypi:name:member", "hub:repo", "/a/b", ""])
def test_what_is_no_source_is_refused_by_name(written: str) -> None:
    with pytest.raises(BadInput, match=re.escape(repr(written))):
        parse_source(written)


def test_a_catalog_that_is_not_toml_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a valid catalog") as caught:
        load_catalog(catalog_file(tmp_path, "[[model]"))
    assert "\n" not in str(caught.value)


def test_an_entry_without_its_fields_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a valid catalog: 'summary'"):
        load_catalog(catalog_file(tmp_path, '[[model]]\nid = "x"\n'))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("weights.bin", "../weights.bin", "no file name inside"),
        ("weights.bin", "/etc/passwd", "no file name inside"),
        ("bytes = 3", "bytes = 0", "needs bytes"),
        (SHA256, SHA256.replace("0", "A"), "sha256 in lower case"),
        ('["hub:owner/repo/weights.bin"]', "[]", "at least one source"),
        ('id = "small"', 'id = "../small"', "no model id"),
    ],
)
def test_an_entry_that_could_do_harm_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = ENTRY.format(sha256=SHA256).replace(old, new)
    with pytest.raises(BadInput, match=complaint):
        load_catalog(catalog_file(tmp_path, text))


def test_a_model_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="twice"):
        load_catalog(catalog_file(tmp_path, ENTRY.format(sha256=SHA256) * 2))


def test_a_model_is_present_only_after_it_was_verified(tmp_path: Path) -> None:
    model = load_catalog(catalog_file(tmp_path, ENTRY.format(sha256=SHA256)))["small"]
    folder = model_folder("small", tmp_path)
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"abc")
    assert not is_present(model, tmp_path)
    (folder / ".verified.json").write_text(f'{{"weights.bin": "{SHA256}"}}')
    assert is_present(model, tmp_path)
    (folder / "weights.bin").write_bytes(b"abcd")
    assert not is_present(model, tmp_path)


def test_a_model_without_known_files_is_never_present(tmp_path: Path) -> None:
    assert not is_present(load_catalog()["cosyvoice-300m-sft"], tmp_path)
