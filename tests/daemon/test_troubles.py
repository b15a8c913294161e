"""Who stands in for an engine that failed is told once and shown until the engine works again."""

from __future__ import annotations

from claude_narrator.daemon.line_translation import Interpreter
from claude_narrator.daemon.sentence import Attempts, Sentence
from claude_narrator.daemon.timelines import Stage
from claude_narrator.daemon.translation.checked import Rejected
from claude_narrator.daemon.troubles import Troubles
from claude_narrator.models.engine_state import EngineGaveUp, EngineHung, SentenceSkipped
from claude_narrator.models.errors import EngineUnavailable, ModelMissing
from claude_narrator.models.types import Language, VoiceChoice

GAVE_UP = EngineGaveUp("kokoro died, 3 times in a row", "See: voice engines")


class Room:
    """Troubles whose notices the test hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.troubles = Troubles(lambda about, text, language: self.heard.append((language, text)))

    @property
    def shown(self) -> list[str]:
        return list(self.troubles.problems.values())


def _sentence(heard_in: str = "en") -> Sentence:
    choice = VoiceChoice(Language(heard_in))
    return Sentence("s1", "a", "It works.", Language("en"), choice, "auto", arrived_s=0.0)


def test_a_stand_in_is_shown_with_the_reason_until_the_engine_works_again_and_told_once() -> None:
    room = Room()
    for _ in range(3):
        room.troubles.worked(_sentence(), "hibari", Stage.SYNTHESIZED)
        room.troubles.replaced(_sentence(), "kokoro", GAVE_UP, "hibari", Stage.SYNTHESIZED)
    assert room.shown == ["kokoro died, 3 times in a row; hibari speaks instead. See: voice engines"]
    assert room.heard == [("en", "The voice failed. Another one speaks for now.")]
    room.troubles.worked(_sentence(), "kokoro", Stage.SYNTHESIZED)
    assert room.shown == []
    assert len(room.heard) == 1


def test_a_translators_stand_in_is_told_in_the_language_that_is_heard() -> None:
    room = Room()
    room.troubles.replaced(_sentence("ja"), "qwen", EngineHung("qwen hung"), "nllb", Stage.TRANSLATED)
    assert room.shown == ["qwen hung; nllb translates instead"]
    assert [language for language, _ in room.heard] == ["ja"]


def test_a_missing_translator_is_shown_until_one_translates_into_that_language() -> None:
    room = Room()
    missing = ModelMissing("qwen cannot run", "Run: voice models pull q")
    room.troubles.failed(_sentence("ja"), missing, Stage.TRANSLATED)
    room.troubles.failed(_sentence("ja"), missing, Stage.TRANSLATED)
    room.troubles.worked(_sentence("en"), "hibari", Stage.SYNTHESIZED)
    room.troubles.worked(_sentence("fr"), "qwen", Stage.TRANSLATED)
    assert room.shown == ["qwen cannot run. Run: voice models pull q"]
    assert room.heard == [("en", "The translator is not available. You hear the original.")]
    room.troubles.worked(_sentence("ja"), "qwen", Stage.TRANSLATED)
    assert room.shown == []


def test_a_language_that_nobody_could_speak_is_shown_until_somebody_does() -> None:
    room = Room()
    room.troubles.failed(_sentence("ja"), EngineUnavailable("no voice"), Stage.SYNTHESIZED)
    room.troubles.worked(_sentence("en"), "hibari", Stage.SYNTHESIZED)
    assert room.shown == ["no voice"]
    room.troubles.worked(_sentence("ja"), "open_jtalk", Stage.SYNTHESIZED)
    assert room.shown == []


def test_the_reason_of_a_sentence_that_was_left_out_stays() -> None:
    room = Room()
    room.troubles.failed(_sentence(), SentenceSkipped("hibari died twice"), Stage.SYNTHESIZED)
    room.troubles.broke_off(_sentence(), "hibari", EngineHung("hibari hung"))
    room.troubles.worked(_sentence(), "hibari", Stage.SYNTHESIZED)
    assert room.shown == ["hibari died twice", "hibari broke off in a sentence: hibari hung"]
    assert room.heard == [("en", "A sentence could not be spoken. The status says why.")]


def test_sentences_that_could_not_be_translated_well_are_told_once_in_the_language_that_is_heard() -> None:
    room = Room()
    for _ in range(3):
        room.troubles.failed(_sentence("ja"), Rejected("no translation passed the checks"), Stage.TRANSLATED)
    assert room.heard == [("ja", "うまく翻訳できない文があったため、原文のまま読み上げます。")]
    assert room.shown == ["no translation passed the checks"]
    room.troubles.worked(_sentence("ja"), "qwen", Stage.TRANSLATED)
    assert room.shown == []


def test_a_translator_that_answers_again_is_well_though_nothing_of_it_is_heard() -> None:
    room = Room()
    missing = ModelMissing("qwen cannot run", "Run: voice models pull q")
    room.troubles.failed(_sentence("ja"), missing, Stage.TRANSLATED)
    room.troubles.replaced(_sentence("ja"), "nllb", EngineHung("nllb hung"), "qwen", Stage.TRANSLATED)
    Attempts(room.troubles, _sentence("ja"), Stage.TRANSLATED).rejected("nllb", {"a loop"})
    assert room.shown == ["qwen cannot run. Run: voice models pull q"]


def test_who_failed_is_shown_with_the_others_that_did_and_each_until_it_works_again() -> None:
    room = Room()
    attempts = Attempts(room.troubles, _sentence("ja"), Stage.TRANSLATED)
    last = EngineUnavailable("nllb is gone")
    attempts.failed("qwen", EngineHung("qwen hung"))
    attempts.failed("nllb", last)
    attempts.nobody_did(last)
    room.troubles.failed(_sentence("ja"), last, Stage.TRANSLATED)
    assert room.shown == ["qwen hung", "nllb is gone"]
    room.troubles.worked(_sentence("ja"), "nllb", Stage.TRANSLATED)
    assert room.shown == ["qwen hung"]
    room.troubles.worked(_sentence("ja"), "qwen", Stage.TRANSLATED)
    assert room.shown == []


def test_a_translator_of_texts_is_well_again_once_it_has_translated_one() -> None:
    room = Room()
    interpreter = Interpreter([], Language("ja"), {}, room.troubles)
    interpreter.failed("qwen", EngineHung("qwen hung"))
    assert room.shown == ["qwen hung"]
    interpreter.worked("qwen")
    assert room.shown == []
