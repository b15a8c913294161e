"""What asks for the listener's attention, as utterances in the language that is heard: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from claude_narrator.daemon.attention_phrases import AttentionPhrases, attention_phrases_for
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.dialogs import PLAN, QUESTION, Dialog
from claude_narrator.daemon.hook_events import AgentEnded, Notified
from claude_narrator.daemon.permission_words import permission_sentence
from claude_narrator.daemon.settings import Speech
from claude_narrator.daemon.text.names import say_identifier
from claude_narrator.daemon.text.phrases import phrases_for
from claude_narrator.daemon.text.speakable import iterate_sentences, speakable_sentences
from claude_narrator.models.types import Language, Priority, Seconds, Utterance, VoiceChoice

MOST_PARTS = 2
"""Utterances of one announcement: the narrator's words, then Claude's, each in a language of its own."""
MOST_QUESTIONS, MOST_OPTIONS = 8, 12
MOST_SENTENCES, MOST_PLAN_CHARS = 200, 100_000
_URGENT = frozenset({"permission_prompt", "agent_needs_input"})
_FENCE = re.compile(r"^ {0,3}(?:```|~~~).*?(?:^ {0,3}(?:```|~~~)\s*$|\Z)", re.DOTALL | re.MULTILINE)
_STEPS = (
    re.compile(r"^\d{1,3}[.)]\s+\S", re.MULTILINE),
    re.compile(r"^#{1,6}\s+(?:\w+\s+)?\d{1,3}\b", re.MULTILINE),
    re.compile(r"^[-*+]\s+\S", re.MULTILINE),
)
"""How a plan numbers its steps: as a list, as headings, or not at all."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something of a session to tell the listener, which `about` describes."""

    id: str
    session: str
    about: Dialog | Notified | AgentEnded
    arrived_s: Seconds


@dataclass(frozen=True, slots=True)
class _Part:
    """Sentences in one language."""

    language: Language
    sentences: tuple[str, ...]


def ids_of(announcement_id: str) -> frozenset[str]:
    """Return the ids that the utterances of an announcement may have."""
    return frozenset(f"{announcement_id}.{part}" for part in range(MOST_PARTS))


def utterances_of(
    announcement: Announcement, speech: Speech, voice_of_agent: Callable[[str], str]
) -> list[Utterance]:
    """Return what is said of an announcement under the settings `speech`; nothing when they say so.

    `voice_of_agent` names the voice in which a subagent speaks.
    """
    phrases = attention_phrases_for(Language(speech.language))
    match announcement.about:
        case Dialog() as dialog:
            return _utterances(announcement, _of_dialog(dialog, phrases, speech), Priority.IMPORTANT)
        case Notified() as notified:
            priority = Priority.IMPORTANT if notified.kind in _URGENT else Priority.NOTIFICATION
            return _utterances(announcement, _of_notice(notified, phrases, speech), priority)
        case AgentEnded() as ended:
            return _of_agent(announcement, ended, phrases, speech, voice_of_agent)


def steps_of(plan: str) -> int:
    """Return how many steps a plan in Markdown counts; 0 when it does not."""
    prose = _FENCE.sub("", plan)
    return next((count for steps in _STEPS if (count := len(steps.findall(prose))) > 1), 0)


def _of_dialog(dialog: Dialog, phrases: AttentionPhrases, speech: Speech) -> list[_Part]:
    who = phrases.subagent if dialog.by_agent else phrases.claude
    source = Language(speech.source_language)
    if dialog.tool_name == QUESTION and (questions := _questions(dialog.tool_input)):
        return _of_questions(questions, who, phrases, source)
    if dialog.tool_name == PLAN:
        return _of_plan(dialog.tool_input, who, phrases, speech)
    sentence = permission_sentence(dialog.tool_name, dialog.tool_input, dialog.by_agent, phrases)
    return [_Part(phrases.language, (sentence,))]


def _of_questions(
    questions: list[Mapping[str, Any]], who: str, phrases: AttentionPhrases, source: Language
) -> list[_Part]:
    template = phrases.question if len(questions) == 1 else phrases.questions
    opening = [template.format(who=who, count=len(questions))]
    if any(each.get("multiSelect") is True for each in questions):
        opening.append(phrases.several)
    asked = [sentence for each in questions for sentence in _question(each, source)]
    return [_Part(phrases.language, tuple(opening)), _Part(source, tuple(asked))]


def _question(question: Mapping[str, Any], source: Language) -> list[str]:
    said = list(speakable_sentences(_string(question, "question"), source))
    labels = [_string(each, "label") for each in _objects(question, "options")]
    template = phrases_for(source).item
    for number, label in enumerate(labels[:MOST_OPTIONS], 1):
        spoken = " ".join(speakable_sentences(label, source)) or f"{number}"
        said.append(template.format(number=number, text=spoken))
    return said


def _of_plan(given: Mapping[str, Any], who: str, phrases: AttentionPhrases, speech: Speech) -> list[_Part]:
    plan, source = _string(given, "plan", MOST_PLAN_CHARS), Language(speech.source_language)
    count = steps_of(plan)
    template = phrases.plan_of_steps if count else phrases.plan
    opening = _Part(phrases.language, (template.format(who=who, count=count),))
    return [opening, _Part(source, tuple(islice(iterate_sentences(plan, source), speech.plan_sentences)))]


def _of_notice(notified: Notified, phrases: AttentionPhrases, speech: Speech) -> list[_Part]:
    known = {"permission_prompt": phrases.permission, "idle_prompt": phrases.idle}
    if sentence := known.get(notified.kind):
        return [_Part(phrases.language, (sentence,))]
    source = Language(speech.source_language)
    return [_Part(source, speakable_sentences(notified.message[:4_000], source))]


def _of_agent(
    announcement: Announcement,
    ended: AgentEnded,
    phrases: AttentionPhrases,
    speech: Speech,
    voice_of_agent: Callable[[str], str],
) -> list[Utterance]:
    source = Language(speech.source_language)
    text = tuple(islice(iterate_sentences(ended.text, source), MOST_SENTENCES))
    if speech.subagents == "chime":
        return _utterances(announcement, [_Part(Language(speech.language), (CHIME,))], Priority.MESSAGE)
    if speech.subagents != "voice" or not text:
        return []
    name = say_identifier(ended.agent_type.replace("-", "_"))
    opening = _Part(phrases.language, (" ".join(phrases.agent_ended.format(name=name).split()),))
    choice = VoiceChoice(Language(speech.language), voice_of_agent(ended.agent_id), speech.rate)
    return _utterances(announcement, [opening, _Part(source, text)], Priority.TEXT, choice)


def _utterances(
    announcement: Announcement, parts: list[_Part], priority: Priority, choice: VoiceChoice | None = None
) -> list[Utterance]:
    """Return one utterance a language."""
    said = [part for part in parts if part.sentences]
    if len({part.language for part in said}) == 1:
        said = [_Part(said[0].language, tuple(each for part in said for each in part.sentences))]
    return [
        Utterance(
            f"{announcement.id}.{number}",
            announcement.session,
            part.sentences,
            part.language,
            announcement.arrived_s,
            priority,
            choice,
        )
        for number, part in enumerate(said)
    ]


def _questions(given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    asked = [each for each in _objects(given, "questions") if _string(each, "question").strip()]
    return asked[:MOST_QUESTIONS]


def _objects(given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = given.get(key)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _string(given: Mapping[str, Any], key: str, at_most_chars: int = 4_000) -> str:
    value = given.get(key)
    return value[:at_most_chars] if isinstance(value, str) else ""
