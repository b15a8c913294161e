"""What a listener can do while it talks, by name: for the command line, slash commands, and MCP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.choices import SCOPES
from claude_narrator.daemon.control_words import Done, step_volume
from claude_narrator.daemon.mute import EVERYTHING, Mute
from claude_narrator.daemon.mute_words import for_span, muted_until, session_or_all, span_s, unmuted, who
from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.player import LISTENER
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.session_list import listen, sessions
from claude_narrator.daemon.session_names import find_session, unnamed
from claude_narrator.daemon.setting_values import MAX_RATE, MIN_RATE
from claude_narrator.models.errors import BadInput

RATE_STEP = 1.1
SESSION_SCOPE = SCOPES[0]
BY = "a control"
"""Who has changed what is set for a session."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What stands behind the name of an action, and where it comes from, which may be unknown."""

    action: str
    words: list[str]
    session: str
    folder: Path | None


class Controls:
    """Carries out one action a call."""

    def __init__(self, narrator: Narrator, mute: Mute) -> None:
        """`mute` is the gate that these actions shut and open."""
        self._narrator, self.mute = narrator, mute
        self._actions: dict[str, Callable[[_Order], Done]] = {
            "stop": self._stop,
            "pause": self._pause,
            "resume": self._resume,
            "skip": self._skip,
            "back": self._back,
            "replay": self._replay,
            "louder": self._change_volume,
            "quieter": self._change_volume,
            "faster": self._faster,
            "slower": self._slower,
            "mute": self._mute,
            "unmute": self._unmute,
            "language": self._language,
            "voice": self._voice,
            "amount": self._amount,
            "listen": self._listen,
        }
        self.apply_settings()

    def perform(self, action: str, value: str = "", session: str = "", folder: Path | None = None) -> Done:
        """Do `action`, and return one line that says what was done; the effect comes before the return.

        `session` and `folder` are where it comes from, or whom it is for: `mute` and `unmute` concern the
        session alone when `value` says `session`; without one, `faster` and `slower` concern the one heard.

        :raises BadInput: no such action, a `value` that it does not understand, or nothing to do it to.
        """
        perform = self._actions.get(action)
        if perform is None:
            raise BadInput(f"there is no action {action[:40]!r}", f"Known are {', '.join(self._actions)}.")
        return perform(_Order(action, value.split(), session, folder))

    def apply_settings(self) -> None:
        """Bring the volume to what the settings say."""
        self._narrator.player.volume.db = self._narrator.choices.settings.audio.volume

    def _stop(self, order: _Order) -> Done:
        _no_words(order)
        was_idle, was_paused = self._narrator.idle, self._is_paused
        self._narrator.stop()
        if not was_idle:
            return Done("Voice stopped.", heard=True)
        return Done("Nothing is being said" + ("; the pause has ended." if was_paused else "."))

    def _pause(self, order: _Order) -> Done:
        _no_words(order)
        if self._is_paused:
            return Done("The voice is paused already.")
        self._narrator.player.pause()
        if self._narrator.idle:
            return Done("Voice paused; nothing is being said, and what comes waits until it is resumed.")
        return Done("Voice paused.", heard=True)

    def _resume(self, order: _Order) -> Done:
        _no_words(order)
        was_paused = self._is_paused
        self._narrator.player.resume()
        others = self._narrator.player.state.held_by
        waits = f"; it waits for the {', '.join(others)}." if others else "."
        said = "Voice resumed" if was_paused else "The voice is not paused"
        return Done(said + waits, heard=was_paused and not others and not self._narrator.idle)

    @property
    def _is_paused(self) -> bool:
        return LISTENER in self._narrator.player.state.held_by

    def _skip(self, order: _Order) -> Done:
        _no_words(order)
        if not self._narrator.pipeline.skip():
            raise BadInput("there is nothing to skip", "Nothing is being said.")
        return Done("Sentence skipped.", heard=True)

    def _back(self, order: _Order) -> Done:
        return self._again(order, self._narrator.pipeline.rewinding.back, "Back by a sentence.")

    def _replay(self, order: _Order) -> Done:
        return self._again(
            order, self._narrator.pipeline.rewinding.replay, "The reply again, from its start."
        )

    def _again(self, order: _Order, go: Callable[[Callable[[Sentence], bool]], bool], done: str) -> Done:
        _no_words(order)
        if muted := self.mute.muting(EVERYTHING):
            raise BadInput(muted_until(muted), "Unmute it first.")

        def wanted(sentence: Sentence) -> bool:
            return sentence.text != CHIME and self.mute.muting(sentence.session) is None

        if not go(wanted):
            raise BadInput("there is nothing to say again", "Nothing has been heard yet.")
        self._narrator.player.resume()
        return Done(done, heard=True)

    def _change_volume(self, order: _Order) -> Done:
        _no_words(order)
        volume = self._narrator.player.volume
        wanted_db, said = step_volume(order.action, volume.db)
        if wanted_db != volume.db:
            volume.db = wanted_db
            self._narrator.choices.write("audio.volume", wanted_db)
        return Done(said)

    def _faster(self, order: _Order) -> Done:
        return self._change_rate(order, RATE_STEP)

    def _slower(self, order: _Order) -> Done:
        return self._change_rate(order, 1 / RATE_STEP)

    def _change_rate(self, order: _Order, factor: float) -> Done:
        _no_words(order)
        session = order.session or self._narrator.pipeline.rewinding.session
        if not session:
            hint = f"For all: voice settings set speech.rate {1 * factor:.1f}"
            raise BadInput("nothing has been heard yet, so it is not known which session is meant", hint)
        now = self._narrator.choices.voice_choice_for(session).rate
        wanted = round(min(MAX_RATE, max(MIN_RATE, now * factor)), 2)
        if wanted == now:
            return Done(f"The rate is {now:g} already; there is no more.")
        self._narrator.choices.change(SESSION_SCOPE, session, order.folder, {"rate": wanted}, BY)
        self._narrator.pipeline.change_rate(session, wanted / now)
        return Done(f"Rate {wanted:g}.")

    def _mute(self, order: _Order) -> Done:
        session, words = session_or_all(order.words, order.session, self._session_of)
        silent_s = span_s(words)
        self.mute.mute(session, silent_s)
        self._narrator.stop(session)
        return Done(f"{who(session)} muted {for_span(silent_s)}.")

    def _unmute(self, order: _Order) -> Done:
        session, words = session_or_all(order.words, order.session, self._session_of)
        if words:
            raise BadInput(f"unmute does not know {words[0]!r}", "Write nothing behind it, or: session")
        ended = self.mute.unmute(session)
        return Done(unmuted(session, ended, self.mute.muting(session)))

    def _session_of(self, name: str) -> str:
        known = sessions(self._narrator)
        ids = {row["id"] for row in known}
        silent = [each.session for each in self.mute.state() if each.session not in {EVERYTHING, *ids}]
        return str(find_session(name, [*known, *unnamed(silent)])["id"])

    def _language(self, order: _Order) -> Done:
        scope, language = _scope_and_word(order)
        return Done(self._narrator.set_voice(scope, order.session, order.folder, language=language, by=BY))

    def _voice(self, order: _Order) -> Done:
        scope, voice = _scope_and_word(order)
        return Done(self._narrator.set_voice(scope, order.session, order.folder, voice=voice, by=BY))

    def _amount(self, order: _Order) -> Done:
        scope, amount = _scope_and_word(order)
        self._narrator.choices.change(scope, order.session, order.folder, {"amount": amount}, BY)
        return Done(f"amount {amount} ({scope})")

    def _listen(self, order: _Order) -> Done:
        if len(order.words) != 1:
            raise BadInput("listen takes one word", "The beginning of a session's id, or its project.")
        found = listen(self._narrator, order.words[0])
        return Done(f"Listening to {found['project'] or found['short_id']}; {found['held']} held.")


def _no_words(order: _Order) -> None:
    if order.words:
        raise BadInput(f"{order.action} does not know {order.words[0]!r}", "Write nothing behind it.")


def _scope_and_word(order: _Order) -> tuple[str, str]:
    word, *rest = order.words or [""]
    if not word or len(rest) > 1:
        raise BadInput(
            f"{order.action} takes one word", "It may be followed by session, project, everywhere."
        )
    return rest[0] if rest else SESSION_SCOPE, word
