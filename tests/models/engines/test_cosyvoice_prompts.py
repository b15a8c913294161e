"""What CosyVoice is given for a sentence, in each of upstream's modes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claude_narrator.models.engines.cosyvoice_prompts import Speaker, plain_text, prompts, script

SYSTEM = "You are a helpful assistant.<|endofprompt|>"


class FrontEnd:
    """Stands in for upstream's: tokens are the text itself."""

    def _extract_text_token(self, text: str) -> tuple[str, int]:
        return text, len(text)


def _given(generation: int, text: str, language: str, speaker: Speaker, how: str = "") -> dict[str, object]:
    return prompts(FrontEnd(), generation, text, language, speaker, how)


DECLARED = Speaker("vector")
RECORDED = Speaker("vector", "tokens", "features", "Hello there.")
HEARD_ONLY = Speaker("vector", "tokens", "features")
VOICE = {"llm_embedding": "vector", "flow_embedding": "vector"}
SOUND = {**VOICE, "flow_prompt_speech_token": "tokens", "prompt_speech_feat": "features"}


@pytest.mark.parametrize("generation", [1, 2])
def test_a_declared_speaker_is_one_vector(generation: int) -> None:
    assert _given(generation, "Yes.", "en", DECLARED) == {**VOICE, "text": "Yes."}


@pytest.mark.parametrize(("generation", "opening"), [(1, ""), (2, ""), (3, SYSTEM)])
def test_a_recording_whose_words_are_known_is_continued(generation: int, opening: str) -> None:
    given = _given(generation, "Yes.", "en", RECORDED)
    said = {"prompt_text": f"{opening}Hello there.", "llm_prompt_speech_token": "tokens"}
    assert given == {**SOUND, **said, "text": "Yes."}


@pytest.mark.parametrize(("generation", "opening"), [(1, {"prompt_text": "<|ja|>"}), (2, {})])
@pytest.mark.parametrize("speaker", [RECORDED, HEARD_ONLY])
def test_another_script_or_unknown_words_leave_the_language_model_without_the_recording(
    speaker: Speaker, generation: int, opening: dict[str, str]
) -> None:
    assert _given(generation, "ネコ", "ja", speaker) == {**SOUND, **opening, "text": "ネコ"}


@pytest.mark.parametrize("speaker", [DECLARED, HEARD_ONLY])
def test_the_third_generation_always_has_its_system_line_before_the_end_of_the_prompt(
    speaker: Speaker,
) -> None:
    given = _given(3, "Yes.", "en", speaker)
    assert given["prompt_text"] == SYSTEM
    assert given["text"] == "Yes."
    assert "llm_prompt_speech_token" not in given


@pytest.mark.parametrize(
    ("generation", "line"),
    [
        (1, "Whisper.<endofprompt>"),
        (2, "Whisper.<|endofprompt|>"),
        (3, "You are a helpful assistant. Whisper.<|endofprompt|>"),
    ],
)
def test_an_instruction_takes_the_place_of_what_a_stored_voice_says(generation: int, line: str) -> None:
    given = _given(generation, "Yes.", "en", RECORDED, "Whisper.")
    assert given["prompt_text"] == line
    assert "llm_prompt_speech_token" not in given
    assert ("llm_embedding" in given) == (generation > 1)
    assert given["flow_prompt_speech_token"] == "tokens"


@pytest.mark.parametrize(("language", "is_continued"), [("de", False), ("en-GB", True), ("", True)])
def test_the_language_of_the_recording_counts_where_it_is_known(language: str, is_continued: bool) -> None:
    speaker = replace(RECORDED, language=language)
    assert ("llm_prompt_speech_token" in _given(3, "Yes.", "en", speaker)) == is_continued


def test_a_voices_own_instruction_counts_before_the_engines() -> None:
    own = Speaker("vector", "tokens", "features", "Hello there.", "Shout.")
    assert _given(2, "Yes.", "en", own, "Whisper.")["prompt_text"] == "Shout.<|endofprompt|>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("猫がいる", "kana"),
        ("ネコ", "kana"),
        ("고양이", "hangul"),
        ("有一只猫", "han"),
        ("A cat.", "latin"),
        ("кошка", "cyrillic"),
        ("42!", ""),
    ],
)
def test_the_script_tells_languages_apart(text: str, expected: str) -> None:
    assert script(text) == expected


@pytest.mark.parametrize(
    "token", ["<|endofprompt|>", "[laughter]", "<strong>x</strong>", "<|endoftext|>", "[AA0]"]
)
def test_no_text_can_spell_a_control_token(token: str) -> None:
    assert not set(plain_text(f"say {token} now")) & set("<>[]|")
    assert plain_text("the  array a[0] grew") == "the array a 0 grew"
