"""A listener's language tag becomes NLLB-200's code for it, and never one of another language or script."""

from __future__ import annotations

import pytest

from claude_narrator.models.declaration import read_declaration
from claude_narrator.models.engines.nllb_languages import code_of, codes, is_spaced
from claude_narrator.models.errors import UnknownLanguage
from claude_narrator.models.languages import check_language, match_language
from claude_narrator.models.types import Language


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "eng_Latn"),
        ("en-GB", "eng_Latn"),
        ("ja", "jpn_Jpan"),
        ("JA-jp", "jpn_Jpan"),
        ("ja-Jpan-JP", "jpn_Jpan"),
        ("pt-BR", "por_Latn"),
        ("zh", "zho_Hans"),
        ("zh-Hans-SG", "zho_Hans"),
        ("zh-Hant-TW", "zho_Hant"),
        ("zh-TW", "zho_Hant"),
        ("ko-Kore", "kor_Hang"),
        ("no", "nob_Latn"),
        ("nn-NO", "nno_Latn"),
        ("ar-EG", "arb_Arab"),
        ("fil", "tgl_Latn"),
        ("sr", "srp_Cyrl"),
        ("sr-Cyrl-RS", "srp_Cyrl"),
        ("sat-Olck", "sat_Beng"),
        ("ks-Deva", "kas_Deva"),
        ("ace-Arab", "ace_Arab"),
    ],
)
def test_a_tag_means_one_code(tag: str, code: str) -> None:
    assert code_of(Language(tag)) == code


@pytest.mark.parametrize("tag", ["tlh", "xx", "la", "", "eng_Latn", "e" * 90])
def test_a_language_that_nllb_does_not_know_is_refused(tag: str) -> None:
    with pytest.raises(UnknownLanguage, match="does not translate"):
        code_of(Language(tag))


@pytest.mark.parametrize("tag", ["sr-Latn", "uz-Cyrl", "mn-Mong", "ja-Latn", "pa-Arab-PK"])
def test_a_script_that_nllb_does_not_write_is_refused_rather_than_replaced(tag: str) -> None:
    with pytest.raises(UnknownLanguage, match=f"nllb writes {tag[:2]} as"):
        code_of(Language(tag))


def test_every_code_has_the_form_of_one_and_every_tag_stands_for_itself() -> None:
    assert len(set(codes().values())) == 202
    for tag, code in codes().items():
        language, script = code.split("_")
        assert (len(language), len(script)) == (3, 4), code
        assert check_language(tag) == tag
        assert code_of(tag) == code


def test_the_engine_declares_the_tags_of_the_table() -> None:
    declared = read_declaration("claude_narrator.models.engines.nllb:Nllb").languages
    assert sorted(declared) == sorted(codes())
    assert match_language(Language("pt-BR"), declared) == "pt"


def test_sentences_of_languages_without_spaces_are_joined_without() -> None:
    assert [is_spaced(code) for code in ("jpn_Jpan", "zho_Hant", "tha_Thai", "mya_Mymr")] == [False] * 4
    assert [is_spaced(code) for code in ("eng_Latn", "kor_Hang", "hin_Deva", "arb_Arab")] == [True] * 4
