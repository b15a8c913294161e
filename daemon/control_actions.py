"""What a listener can do while it talks, by name: for the command line, slash commands, and MCP."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.chime import CHIME
from claude_narrator.daemon.choices import SCOPES
from claude_narrator.daemon.mute import EVERYTHING, Mute, Muted
from claude_narrator.daemon.narrator import Narrator
from claude_narrator.daemon.sentence import Sentence
from claude_narrator.daemon.session_list import listen
from claude_narrator.daemon.setting_values import MAX_RATE, MAX_VOLUME_DB, MIN_RATE, MIN_VOLUME_DB
from claude_narrator.models.errors import BadInput
from claude_narrator.models.quantities import parse_span_s
from claude_narrator.models.types import Seconds

RATE_STEP = 1.1
VOLUME_STEP_DB = 3.0
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
        self._actions: dict[str, Callable[[_Order], str]] = {
            "stop": self._stop,
            "pause": self._pause,
            "resume": self._resume,
            "skip": self._skip,
            "back": self._back,
            "replay": self._replay,
            "louder": self._louder,
            "quieter": self._quieter,
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

    def perform(self, action: str, value: str = "", session: str = "", folder: Path | None = None) -> str:
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

    def _stop(self, order: _Order) -> str:
        _no_words(order)
        self._narrator.stop()
        return "Voice stopped."

    def _pause(self, order: _Order) -> str:
        _no_words(order)
        self._narrator.player.pause()
        return "Voice paused."

    def _resume(self, order: _Order) -> str:
        _no_words(order)
        self._narrator.player.resume()
        return "Voice resumed."

    def _skip(self, order: _Order) -> str:
        _no_words(order)
        self._narrator.pipeline.skip()
        return "Sentence skipped."

    def _back(self, order: _Order) -> str:
        return self._again(order, self._narrator.pipeline.rewinding.back, "Back by a sentence.")

    def _replay(self, order: _Order) -> str:
        return self._again(
            order, self._narrator.pipeline.rewinding.replay, "The reply again, from its start."
        )

    def _again(self, order: _Order, go: Callable[[Callable[[Sentence], bool]], bool], done: str) -> str:
        _no_words(order)
        now = _now()
        if muted := self.mute.muting(EVERYTHING, now):
            raise BadInput(f"the voice is muted {_how_long(muted, now)}", "Unmute it first.")

        def wanted(sentence: Sentence) -> bool:
            return sentence.text != CHIME and self.mute.muting(sentence.session, now) is None

        if not go(wanted):
            raise BadInput("there is nothing to say again", "Nothing has been heard yet.")
        self._narrator.player.resume()
        return done

    def _louder(self, order: _Order) -> str:
        return self._change_volume(order, VOLUME_STEP_DB)

    def _quieter(self, order: _Order) -> str:
        return self._change_volume(order, -VOLUME_STEP_DB)

    def _change_volume(self, order: _Order, step_db: float) -> str:
        _no_words(order)
        volume, choices = self._narrator.player.volume, self._narrator.choices
        wanted_db = min(MAX_VOLUME_DB, max(MIN_VOLUME_DB, volume.db + step_db))
        if wanted_db == volume.db:
            return f"The volume is {wanted_db:+g} dB already; there is no more."
        volume.db = wanted_db
        choices.write("audio.volume", wanted_db)
        return f"Volume {wanted_db:+g} dB."

    def _faster(self, order: _Order) -> str:
        return self._change_rate(order, RATE_STEP)

    def _slower(self, order: _Order) -> str:
        return self._change_rate(order, 1 / RATE_STEP)

    def _change_rate(self, order: _Order, factor: float) -> str:
        _no_words(order)
        session = order.session or self._narrator.pipeline.rewinding.session
        if not session:
            hint = f"For all: voice settings set speech.rate {1 * factor:.1f}"
            raise BadInput("nothing has been heard yet, so it is not known which session is meant", hint)
        now = self._narrator.choices.voice_choice_for(session).rate
        wanted = round(min(MAX_RATE, max(MIN_RATE, now * factor)), 2)
        if wanted == now:
            return f"The rate is {now:g} already; there is no more."
        self._narrator.choices.change(SESSION_SCOPE, session, order.folder, {"rate": wanted}, BY)
        self._narrator.pipeline.change_rate(session, wanted / now)
        return f"Rate {wanted:g}."

    def _mute(self, order: _Order) -> str:
        session, words = _session_or_all(order)
        span_s = _span_s(words)
        self.mute.mute(session, Seconds(_now() + span_s))
        self._narrator.stop(session)
        return f"{_who(session)} muted {_for(span_s)}."

    def _unmute(self, order: _Order) -> str:
        session, words = _session_or_all(order)
        if words:
            raise BadInput(f"unmute does not know {words[0]!r}", "Write nothing behind it, or: session")
        now = _now()
        dropped = self.mute.unmute(session, now)
        if still := self.mute.muting(session, now):
            raise BadInput(f"everything is muted {_how_long(still, now)}", "Unmute everything.")
        return f"{_who(session)} unmuted" + (f"; {dropped} were not said." if dropped else ".")

    def _language(self, order: _Order) -> str:
        scope, language = _scope_and_word(order)
        return self._narrator.set_voice(scope, order.session, order.folder, language=language, by=BY)

    def _voice(self, order: _Order) -> str:
        scope, voice = _scope_and_word(order)
        return self._narrator.set_voice(scope, order.session, order.folder, voice=voice, by=BY)

    def _amount(self, order: _Order) -> str:
        scope, amount = _scope_and_word(order)
        self._narrator.choices.change(scope, order.session, order.folder, {"amount": amount}, BY)
        return f"amount {amount} ({scope})"

    def _listen(self, order: _Order) -> str:
        if len(order.words) != 1:
            raise BadInput("listen takes one word", "The beginning of a session's id, or its project.")
        found = listen(self._narrator, order.words[0])
        return f"Listening to {found['project'] or found['short_id']}; {found['held']} held."


def _now() -> Seconds:
    return Seconds(time.monotonic())


def _no_words(order: _Order) -> None:
    if order.words:
        raise BadInput(f"{order.action} does not know {order.words[0]!r}", "Write nothing behind it.")


def _session_or_all(order: _Order) -> tuple[str, list[str]]:
    """Return the session that is meant, or EVERYTHING, and the words that do not say which."""
    if SESSION_SCOPE not in order.words:
        return EVERYTHING, order.words
    if not order.session:
        raise BadInput("it is not known which session is meant", "Give one: --session ID")
    return order.session, [word for word in order.words if word != SESSION_SCOPE]


def _span_s(words: list[str]) -> float:
    """Return for how long to mute: a bare number is minutes, nothing is for ever."""
    if not words:
        return math.inf
    text = "".join(words)
    span_s = parse_span_s(text + "m" if text.isdigit() else text)
    if span_s <= 0:
        raise BadInput(f"{text} is no time to be muted", "Write one such as 5m or 1h30m.")
    return span_s


def _scope_and_word(order: _Order) -> tuple[str, str]:
    word, *rest = order.words or [""]
    if not word or len(rest) > 1:
        raise BadInput(
            f"{order.action} takes one word", "It may be followed by session, project, everywhere."
        )
    return rest[0] if rest else SESSION_SCOPE, word


def _who(session: str) -> str:
    return "Voice of this session" if session else "Voice"


def _how_long(muted: Muted, now: Seconds) -> str:
    return _for(muted.until_s - now)


def _for(span_s: float) -> str:
    if math.isinf(span_s):
        return "until it is unmuted"
    minutes, seconds = divmod(max(1, round(span_s)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (0 if hours else seconds, "second")]
    return "for " + " ".join(f"{n} {unit}" + ("" if n == 1 else "s") for n, unit in parts if n)
