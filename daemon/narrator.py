"""What the daemon can be asked for.

The events of Claude Code, and the requests of the command line and of MCP.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from claude_narrator.daemon.amount import Amount
from claude_narrator.daemon.announcements import ids_of
from claude_narrator.daemon.announcer import Announcer
from claude_narrator.daemon.asked_text import speakable
from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.choices import Choices
from claude_narrator.daemon.claude_processes import NOBODY, ClaudeProcesses, HookParent
from claude_narrator.daemon.gates import Gate, admitted_by, silence_held
from claude_narrator.daemon.line_translation import Lines
from claude_narrator.daemon.mute_words import muted_until
from claude_narrator.daemon.piped_sessions import PipedSessions
from claude_narrator.daemon.pipeline import Pipeline
from claude_narrator.daemon.player import Player
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.session_floor import SessionFloor
from claude_narrator.daemon.speech_queue import SpeechQueue
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.daemon.text_translation import Wanted, translate_text
from claude_narrator.daemon.transcript import projects_folder
from claude_narrator.daemon.transcript_records import News
from claude_narrator.daemon.transcript_watch import TranscriptWatch
from claude_narrator.daemon.troubles import Troubles
from claude_narrator.daemon.turns import (
    Action,
    Announce,
    SessionOpened,
    Silence,
    Speak,
    ToolCall,
    Turns,
    Withdraw,
)
from claude_narrator.daemon.voice_change import VoiceChange, VoiceRequest
from claude_narrator.models.errors import NarratorError
from claude_narrator.models.pool import EnginePool
from claude_narrator.models.types import Language, Origin, Priority, Seconds, Utterance, VoiceChoice

if TYPE_CHECKING:
    from claude_narrator.daemon.control_actions import Controls

COMMAND_LINE = "command line"
_REMEMBERED_CALLS = 512

_log = logging.getLogger(__name__)


class Narrator:
    """Owns what is said: turns to utterances, utterances to the queue, requests to changes.

    `controls` are what a listener can do; app.py gives them to it before anybody can ask.
    """

    controls: Controls

    def __init__(
        self,
        choices: Choices,
        turns: Turns,
        queue: SpeechQueue,
        pipeline: Pipeline,
        pool: EnginePool,
        player: Player,
        troubles: Troubles,
        gates: Sequence[Gate] = (),
        sessions: SessionFloor | None = None,
    ) -> None:
        """`gates` decide in this order what is said of that which anybody wants to be said."""
        self.choices, self.pool, self.player, self.pipeline = choices, pool, player, pipeline
        self._turns, self._queue, self.troubles = turns, queue, troubles
        self._gates, self.sessions = gates, sessions or SessionFloor(choices, pipeline.take_back)
        self._voice_change, self._announcer = VoiceChange(choices, pool), Announcer(choices, pool)
        self._piped = PipedSessions()
        self._processes = ClaudeProcesses(self.on_hook, time.monotonic)
        self._transcripts = TranscriptWatch(projects_folder(), self.on_transcript)
        self._call_sessions: OrderedDict[str, str] = OrderedDict()
        self._turns_changed = anyio.Event()
        self._ids = itertools.count(1)

    async def run(self) -> None:
        """Close turns whose grace has passed, and those that the human stops, until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._transcripts.run)
            tasks.start_soon(self._processes.run)
            await self._run_turns()

    async def _run_turns(self) -> None:
        while True:
            self._turns_changed = anyio.Event()
            with anyio.move_on_after(self._until_due_s()):
                await self._turns_changed.wait()
            self._perform(self._turns.due(Seconds(time.monotonic())))

    def on_hook(self, payload: Mapping[str, Any], parent: HookParent = NOBODY) -> None:
        """Take an event of Claude Code. One that makes no sense is logged in a line and dropped."""
        now = Seconds(time.monotonic())
        payload = self._processes.note(payload, parent, now)
        if not self._piped.admits(payload, now):
            return
        try:
            actions = self._turns.feed(payload, now)
        except NarratorError as error:
            _log.warning("dropped an event: %s", error.problem)
            return
        _log.debug("%s of session %s", payload.get("hook_event_name"), payload.get("session_id"))
        self._transcripts.note(payload, now)
        self._perform(actions)
        self.sessions.note(payload, now)
        self._turns_changed.set()

    def on_transcript(self, session: str, news: News) -> None:
        """Take what no hook tells: the human has stopped a turn, or Claude narrates."""
        self._perform(self._turns.read(session, news, Seconds(time.monotonic())))
        self._turns_changed.set()

    async def say(
        self,
        text: str,
        session: str = COMMAND_LINE,
        choice: VoiceChoice | None = None,
        priority: Priority = Priority.TEXT,
        source: Language | None = None,
    ) -> int:
        """Queue a Markdown text and return how many sentences it makes.

        `source` is its language where its script does not tell; None for the session's.

        :raises BadInput: nothing in it can be said, or it is too long.
        :raises UnknownVoice, UnknownLanguage, EngineUnavailable: the choice cannot be heard here.
        """
        source = source or Language(self.choices.speech_for(session).source_language)
        language, style = detect_language(text, source), self.choices.text_for(session)
        sentences = await anyio.to_thread.run_sync(speakable, text, language, style)
        self.pool.synthesizer_for(choice or self.choice_for(session))
        utterance = self._utterance(session, sentences, source, priority, choice)
        origin = Origin.USER if session == COMMAND_LINE else Origin.TOOL
        self._put(replace(utterance, group=utterance.id, origin=origin))
        return len(sentences)

    def why_unheard(self, session: str) -> str:
        """Return why nothing is heard of what `session` asks to say; empty when it is heard."""
        if muted := self.controls.mute.muting(session):
            return muted_until(muted)
        is_off = session != COMMAND_LINE and self.choices.speech_for(session).amount == Amount.OFF.value
        return "speech.amount is off" if is_off else ""

    async def translate(self, wanted: Wanted) -> Lines:
        """Return the translation of a text, line by line, secrets removed.

        :raises BadInput, UnknownLanguage, EngineUnavailable, EngineFailed: one line that says why not.
        """
        return await translate_text(wanted, self.choices, self.pool, self.troubles)

    def stop(self, session: str = "") -> None:
        """Be silent now; drop all that has arrived, of one session alone when it is given. A pause ends."""
        self._silence(session, forget=True)
        self.sessions.silenced(session)
        self.player.resume()
        now = Seconds(time.monotonic())
        while (due_s := self._turns.next_due_s) is not None and due_s <= now:
            actions = self._turns.due(now)
            self._perform([a for a in actions if not (isinstance(a, Speak) and _is_of(a.utterance, session))])

    def listen(self, session: str) -> int:
        """Give the floor to a session; say what it held, and return how many utterances that is."""
        held = self.sessions.listen(session, Seconds(time.monotonic()))
        self._enqueue(held)
        return len(held)

    async def wait_idle(self, timeout_s: float = 0.0, session: str = "") -> bool:
        """Return True when nothing (of `session`) is left to say, False after `timeout_s` (0: never)."""
        with anyio.move_on_after(timeout_s or float("inf")):
            while not (self._is_idle(session) if session else self.idle):
                await self.pipeline.wait_change(self._until_due_s())
            return True
        return False

    @property
    def idle(self) -> bool:
        """Whether nothing is left to say and no turn has a sentence that it holds back."""
        return self._turns.next_due_s is None and self.pipeline.idle

    def _is_idle(self, session: str) -> bool:
        return self._turns.due_of(session) is None and self.pipeline.idle_of(session)

    def set_voice(
        self,
        scope: str,
        session: str,
        folder: Path | None,
        language: str = "",
        voice: str = "",
        rate: float = 0.0,
        amount: str = "",
        by: str = "MCP",
    ) -> str:
        """Change how a session, its project or everything is heard; one line says what holds now.

        :raises BadInput, UnknownVoice, UnknownLanguage: nothing was changed.
        """
        request = VoiceRequest(language, voice, rate, amount)
        return self._voice_change.make(scope, session, folder, request, by)

    def session_of_call(self, tool_use_id: str, otherwise: str) -> str:
        """Return the session in which the model made an MCP call, or `otherwise` when no hook told."""
        return self._call_sessions.get(tool_use_id, otherwise)

    def folder_of(self, session: str) -> Path | None:
        """Return the folder a session works in, if it is known."""
        return self.choices.folder_of(session)

    def choice_for(self, session: str) -> VoiceChoice:
        """Return what is in force for a session."""
        return self.choices.voice_choice_for(session)

    def say_notice(self, about: Sentence, text: str, language: Language) -> None:
        """Queue what the narrator itself has to say about a sentence, if and as it shall be told."""
        how = self.choices.speech_for(about.session).notices
        if how == "off":
            return
        text = CHIME if how == "chime" else text
        choice = VoiceChoice(language, "auto", about.choice.rate)
        notice = self._utterance(about.session, (text,), language, Priority.MESSAGE, choice)
        self._put(replace(notice, origin=Origin.NOTICE))

    def _utterance(
        self,
        session: str,
        sentences: tuple[str, ...],
        language: Language,
        priority: Priority,
        choice: VoiceChoice | None,
    ) -> Utterance:
        now = Seconds(time.monotonic())
        return Utterance(f"u{next(self._ids)}", session, sentences, language, now, priority, choice)

    def _perform(self, actions: list[Action]) -> None:
        for action in actions:
            self.sessions.follow(action, Seconds(time.monotonic()))
            match action:
                case Speak(utterance):
                    self._put(utterance)
                case Silence(session):
                    self._silence(session, forget=False)
                case SessionOpened(session, cwd):
                    self.choices.open_session(session, Path(cwd) if cwd else None)
                case ToolCall(tool_use_id, session, _):
                    self._remember_call(tool_use_id, session)
                case Announce(announcement):
                    for utterance in self._announcer.utterances(announcement):
                        self._put(utterance)
                case Withdraw(_, ids):
                    self.pipeline.withdraw({part for each in ids for part in ids_of(each)})

    def _until_due_s(self) -> float:
        due_s = self._turns.next_due_s
        return float("inf") if due_s is None else max(0.0, due_s - time.monotonic())

    def _silence(self, session: str, forget: bool) -> None:
        self.pipeline.silence(session)
        silence_held(self._gates, session, forget)

    def _put(self, utterance: Utterance) -> None:
        self._enqueue(admitted_by(self._gates, utterance, Seconds(time.monotonic())))

    def _enqueue(self, utterances: Iterable[Utterance]) -> None:
        for utterance in utterances:
            for dropped in self._queue.put(utterance):
                _log.info("dropped %s: too much waits, or something else is said", dropped.id)
                self.pipeline.lost(dropped)
        self.player.wake()
        self.pipeline.wake()

    def _remember_call(self, tool_use_id: str, session: str) -> None:
        self._call_sessions[tool_use_id] = session
        while len(self._call_sessions) > _REMEMBERED_CALLS:
            self._call_sessions.popitem(last=False)


def _is_of(utterance: Utterance, session: str) -> bool:
    return not session or utterance.session == session
