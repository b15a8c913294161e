"""The controls where no daemon runs: what lasts is written down for the next one, and none is started."""

from __future__ import annotations

from claude_narrator.daemon import settings
from claude_narrator.daemon.control_words import VOLUME_STEPS_DB, step_volume
from claude_narrator.daemon.mute_file import KeptMute
from claude_narrator.daemon.mute_words import for_span, session_or_all, span_s, unmuted, who
from claude_narrator.daemon.paths import Paths
from claude_narrator.daemon.session_names import find_session, unnamed
from claude_narrator.models.errors import BadInput

_SO = {
    "stop": "The daemon is not running; nothing is being said.",
    "resume": "The daemon is not running; nothing is paused.",
}
"""What is as it was asked for."""
_SPEECHLESS = {"back": "say again", "replay": "say again", "faster": "speed up", "slower": "slow down"}


def perform(action: str, value: str, session: str, paths: Paths) -> str:
    """Do what can be done, and return one line that says what.

    :raises BadInput: there is nothing to do it to, or `value` makes no sense.
    """
    if action in _SO:
        return _SO[action]
    if action in VOLUME_STEPS_DB:
        return _change_volume(action, paths)
    if action in ("mute", "unmute"):
        return _mute(action, value.split(), session, paths)
    problem = f"the daemon is not running, so there is nothing to {_SPEECHLESS.get(action, action)}"
    raise BadInput(problem, "It starts with Claude Code, or by: voice daemon start")


def _change_volume(action: str, paths: Paths) -> str:
    now_db = settings.load(paths.settings_file).audio.volume
    wanted_db, said = step_volume(action, now_db)
    if wanted_db != now_db:
        settings.set_value(paths.settings_file, "audio.volume", wanted_db)
    return said


def _mute(action: str, words: list[str], session: str, paths: Paths) -> str:
    paths.mute.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mute = KeptMute(paths.mute)

    def find(name: str) -> str:
        return str(find_session(name, unnamed(each.session for each in mute.state() if each.session))["id"])

    meant, rest = session_or_all(words, session, find)
    if action == "mute":
        silent_s = span_s(rest)
        mute.mute(meant, silent_s)
        said = f"{who(meant)} muted {for_span(silent_s)}."
    else:
        ended = mute.unmute(meant)
        said = unmuted(meant, ended, mute.muting(meant))
    if mute.problem:
        raise BadInput(mute.problem)
    return said
