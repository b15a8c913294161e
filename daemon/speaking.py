"""Gives a clause a voice: by the engine that has spoken of its utterance so far, else the first that can."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

import anyio.to_thread

from claude_narrator.daemon.chime import CHIME, chime
from claude_narrator.daemon.player import Player
from claude_narrator.daemon.sentence import Attempts, Clause, Reports
from claude_narrator.daemon.timelines import Stage, Timelines
from claude_narrator.models.engine_state import SentenceSkipped
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.host import EngineHost
from claude_narrator.models.types import AudioChunk, VoiceChoice

AUDIO_AHEAD_S = 2.0


class Synthesizers(Protocol):
    """Who could speak."""

    def synthesizers_for(self, choice: VoiceChoice) -> list[tuple[EngineHost, str]]:
        """Return the synthesizers for a choice with the names of their voices, best first."""


class Speaking:
    """Brings clauses to the player."""

    def __init__(self, engines: Synthesizers, player: Player, timelines: Timelines, reports: Reports) -> None:
        self._engines, self._player = engines, player
        self._timelines, self._reports = timelines, reports

    async def speak(self, clause: Clause) -> None:
        """Speak a clause. When an engine fails, the next one says the whole of it: it is not known how far.

        :raises SentenceSkipped: it brings engines down.
        :raises NarratorError: nobody could, and nothing of it is heard.
        """
        if clause.text == CHIME:
            await self._put(clause, chime())
            return
        sentence, begun = clause.sentence, False
        spoken = await anyio.to_thread.run_sync(sentence.pronunciation.spoken, clause.text, clause.language)
        attempts = Attempts(self._reports, sentence, Stage.SYNTHESIZED)
        for host, voice in self._speakers(clause):
            try:
                audio = host.synthesize(spoken, voice, clause.language, sentence.rate)
                async with aclosing(audio) as chunks:
                    async for chunk in chunks:
                        begun = await self._put(clause, chunk) or begun
            except SentenceSkipped as error:
                attempts.nobody_did(error)
                raise
            except (EngineFailed, EngineUnavailable) as error:
                attempts.failed(host.name, error)
            else:
                sentence.cast.speakers[clause.language] = host.name
                attempts.worked(host.name)
                return
        if attempts.last is not None:
            engine, why = attempts.last
            attempts.nobody_did(why)
            if not begun:
                raise why
            self._reports.broke_off(sentence, engine, why)

    def _speakers(self, clause: Clause) -> list[tuple[EngineHost, str]]:
        """Who speaks; a voice that is named is not the one for a text in another language."""
        choice = replace(clause.sentence.choice, language=clause.language)
        if clause.language != clause.sentence.choice.language:
            choice = replace(choice, voice="auto")
        so_far = clause.sentence.cast.speakers.get(clause.language)
        return sorted(self._engines.synthesizers_for(choice), key=lambda pair: pair[0].name != so_far)

    async def _put(self, clause: Clause, chunk: AudioChunk) -> bool:
        """Return whether the player took it."""
        sentence = clause.sentence
        self._timelines.mark(sentence.id, Stage.SYNTHESIZED, time.monotonic())
        await self._player.room(AUDIO_AHEAD_S)
        return self._player.put(sentence.generation, sentence.id, chunk)
