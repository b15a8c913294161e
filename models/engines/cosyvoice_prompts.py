"""What CosyVoice is given for a sentence: tokens of the text, and what tells it who speaks and how.

The modes are upstream's. A declared speaker is one vector. A voice from a recording is used with what the
recording says (zero-shot), without it when the sentence is in another language (cross-lingual), or with an
instruction in its place (instruct). The third generation wants its system line closed by `<|endofprompt|>`.
What is not to be said goes in as the prompt's text, which the bounds on the number of tokens leave out.
"""

from __future__ import annotations

import inspect
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claude_narrator.models.engines.cosyvoice_guards import read_reference
from claude_narrator.models.errors import EngineFailed
from claude_narrator.models.languages import same_language
from claude_narrator.models.readings.japanese import read_japanese

SPEAKERS = {
    "zh_female": "中文女",
    "zh_male": "中文男",
    "ja_male": "日语男",
    "yue_female": "粤语女",
    "en_female": "英文女",
    "en_male": "英文男",
    "ko_female": "韩语女",
}
_SYSTEM = "You are a helpful assistant."
_END = "<|endofprompt|>"
_END_1 = "<endofprompt>"
_CONTROL = re.compile(r"[<>\[\]|]+")
_REFERENCE_RATE = 16_000


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks. `embedding` [1, 192] is all there is of a declared one.

    Of a recorded one there are also its speech `tokens` [1, n], mel `features` [1, frames, 80], and, where
    that is known, what it says, `text`, in which `language`. `instruction` says how it shall speak, in place
    of the engine's own.
    """

    embedding: Any
    tokens: Any = None
    features: Any = None
    text: str = ""
    instruction: str = ""
    language: str = ""

    def speaks(self, language: str, text: str) -> bool:
        """Return whether the recording is in the language of `text`, by its script if nobody said."""
        if self.tokens is None or not self.text:
            return False
        return same_language(self.language, language) if self.language else script(self.text) == script(text)


def recorded_speaker(
    front_end: Any, sample_rate: int, folder: Path, katakana: Callable[[str], str]
) -> Speaker:
    """Return the voice that is stored in `folder`, its recording taken apart once.

    `katakana` reads Japanese, for a recording that is in it, after what every Japanese voice is given.

    :raises EngineFailed: a file is missing or unusable; the message says which and why.
    """
    try:
        description = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
        text, language = str(description.get("text", "")), str(description.get("language", ""))
        how = str(description.get("instruction") or description.get("style", ""))
        parts = _take_apart(front_end, sample_rate, folder / "reference.wav")
    except Exception as error:  # sound libraries raise what they like, upstream asserts
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise EngineFailed(
            f"the voice {folder.name} cannot be used: {reason}",
            f"Make it anew: voice clone {folder.name} --from RECORDING",
        ) from error
    is_japanese = same_language(language, "ja") if language else script(text) == "kana"
    said = katakana(read_japanese(plain_text(text))) if is_japanese else plain_text(text)
    tokens, features = parts["flow_prompt_speech_token"], parts["prompt_speech_feat"]
    return Speaker(parts["flow_embedding"], tokens, features, said, plain_text(how), language)


def plain_text(text: str) -> str:
    """Return `text` without the marks that could spell one of the model's control tokens."""
    return " ".join(_CONTROL.sub(" ", text).split())


def prompts(
    front_end: Any, generation: int, text: str, language: str, speaker: Speaker, instruction: str = ""
) -> dict[str, Any]:
    """Return the arguments of `CosyVoiceModel.tts` for `text` in `language`, spoken by `speaker`."""
    how = speaker.instruction or instruction
    given: dict[str, Any] = {"llm_embedding": speaker.embedding, "flow_embedding": speaker.embedding}
    said = ""
    if speaker.tokens is not None:
        given |= {"flow_prompt_speech_token": speaker.tokens, "prompt_speech_feat": speaker.features}
    if how:
        said = _instruction(generation, how)
        if generation == 1:  # the vector tells the language model how the speaker usually speaks
            del given["llm_embedding"]
    elif speaker.speaks(language, text):
        said = f"{_SYSTEM}{_END}{speaker.text}" if generation == 3 else speaker.text
        given["llm_prompt_speech_token"] = speaker.tokens
    elif generation == 3:
        said = f"{_SYSTEM}{_END}"
    elif generation == 1 and speaker.tokens is not None:
        said = f"<|{language}|>"
    if said:
        given["prompt_text"] = _tokens(front_end, said)
    return {**given, "text": _tokens(front_end, text)}


def script(text: str) -> str:
    """Return the script that tells the language of `text` best: kana, hangul, han or the name of another."""
    names = [unicodedata.name(c, "?").split(" ")[0].split("-")[0] for c in text if c.isalpha()]
    for mark, kind in (("HIRAGANA", "kana"), ("KATAKANA", "kana"), ("HANGUL", "hangul"), ("CJK", "han")):
        if mark in names:
            return kind
    return names[0].casefold() if names else ""


def _instruction(generation: int, how: str) -> str:
    return {1: f"{how}{_END_1}", 2: f"{how}{_END}"}.get(generation, f"{_SYSTEM} {how}{_END}")


def _tokens(front_end: Any, text: str) -> Any:
    return front_end._extract_text_token(text)[0]


def _take_apart(front_end: Any, sample_rate: int, recording: Path) -> Mapping[str, Any]:
    """Upstream now takes the file; the copy in `xinference` takes samples at 16 kHz."""
    if not recording.is_file():
        raise ValueError(f"{recording.name} is missing")
    checked = read_reference(recording, _REFERENCE_RATE)
    wants = inspect.signature(front_end.frontend_zero_shot).parameters
    given = str(recording) if "prompt_wav" in wants else checked
    taken: Mapping[str, Any] = front_end.frontend_zero_shot("", "", given, sample_rate, "")
    return taken
