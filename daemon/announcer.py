"""Finds the words and the voice for what asks for attention, by the settings in force for its session."""

from __future__ import annotations

from functools import partial

from claude_narrator.daemon.agent_voices import voice_of_agent
from claude_narrator.daemon.announcements import Announcement, utterances_of
from claude_narrator.daemon.choices import Choices
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Utterance


class Announcer:
    """Turns announcements into utterances."""

    def __init__(self, choices: Choices, pool: EnginePool) -> None:
        self._choices, self._pool = choices, pool

    def utterances(self, announcement: Announcement) -> list[Utterance]:
        """Return what is said of `announcement`; nothing when the settings of its session say so."""
        session = announcement.session
        return utterances_of(announcement, self._choices.speech_for(session), partial(self._voice, session))

    def _voice(self, session: str, agent_id: str) -> str:
        choice = self._choices.voice_choice_for(session)
        try:
            main = "/".join(self._pool.selection.speaking_order(choice)[0])
        except NarratorError:
            return choice.voice
        return voice_of_agent(agent_id, main, self._pool.voices(), choice.language)
