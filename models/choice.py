"""Finds the voice that is meant, and says in one line why there is none. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from claude_narrator.models.errors import (
    EngineUnavailable,
    ModelMissing,
    NarratorError,
    UnknownLanguage,
    UnknownVoice,
)
from claude_narrator.models.languages import match_language
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.types import Language

_LISTED = 20


def voices_for(language: Language, records: Iterable[EngineRecord]) -> list[tuple[str, str]]:
    """Return (engine, its default voice) for each of `records` that speaks `language`, in their order."""
    found = ((record, match_language(language, record.voices)) for record in records)
    return [(record.name, record.voices[tag][0]) for record, tag in found if tag is not None]


def find_voice(wanted: str, language: Language, records: Sequence[EngineRecord]) -> tuple[str, str]:
    """Return (engine, voice) for `wanted`: `engine/name`, or a name that only one engine has.

    :raises UnknownVoice: no such voice, several of that name, or it does not speak `language`.
    :raises EngineUnavailable, ModelMissing: its engine cannot run here.
    """
    record, name = meant_voice(wanted, records)
    engine = record.name
    if record.status is not EngineStatus.READY:
        raise explain_no_engine([record], record.declaration.kind, name=engine)
    spoken = spoken_languages(record, name)
    tag = match_language(language, spoken)
    if tag is None:
        raise _wrong_language(f"{engine}/{name}", spoken, language, records)
    if tag in record.unspoken:
        raise _not_ready(record, tag)
    return engine, name


def taken_names(engine: str, records: Iterable[EngineRecord]) -> list[str]:
    """Return, as `engine/name`, the voices beside which a new one of `engine` could not be named alone."""
    return voice_ids(
        record for record in records if record.name == engine or record.status is EngineStatus.READY
    )


def voice_ids(records: Iterable[EngineRecord]) -> list[str]:
    """Return every voice as `engine/name`."""
    return [f"{record.name}/{name}" for record in records for name in _names(record)]


def meant_voice(wanted: str, records: Sequence[EngineRecord]) -> tuple[EngineRecord, str]:
    """Return the engine, whether it can run or not, and the name of the voice `wanted`.

    Of several voices with one name, those of engines that can run here are meant.

    :raises UnknownVoice: no such voice, or several of that name.
    """
    known = voice_ids(records)
    ready = set(voice_ids(record for record in records if record.status is EngineStatus.READY))
    named = [voice for voice in known if wanted in (voice, voice.split("/")[1])]
    meant = [voice for voice in named if voice in ready] or named
    if len(meant) > 1:
        raise UnknownVoice(f"several engines have a voice {wanted!r}", f"Say which: {', '.join(meant)}.")
    if not meant:
        raise UnknownVoice(f"there is no voice {wanted[:60]!r}", _nearest(wanted, known))
    engine, name = meant[0].split("/")
    return next(record for record in records if record.name == engine), name


def spoken_languages(record: EngineRecord, name: str) -> tuple[Language, ...]:
    """Return the languages that the voice `name` of an engine speaks."""
    return tuple(tag for tag, names in record.declaration.voices.items() if name in names)


def explain_no_engine(
    records: Iterable[EngineRecord], kind: str, *languages: Language, name: str = "auto"
) -> NarratorError:
    """Return the error that says why none of `records` can: what to install, or what there is."""
    named = [r for r in records if name in ("auto", r.name) and r.declaration.kind in (kind, "")]
    if not named:
        return EngineUnavailable(f"there is no {kind} {name[:40]!r}", "See: voice engines")
    able = [record for record in named if _serves(record, kind, languages)]
    ours = [record for record in able if name != "auto" or not record.declaration.network]
    for record in sorted(ours, key=_nearest_to_ready):
        unspoken = _unspoken(record, languages)
        if record.status is not EngineStatus.READY or unspoken:
            return _not_ready(record, *unspoken[:1])
    verb = "speaks" if kind == "synthesizer" else "translates"
    problem = f"no engine here {verb} {' to '.join(languages)}"
    if able:
        return UnknownLanguage(
            problem, f"Over the network {_listed(able)}, if you allow it and name a voice."
        )
    return UnknownLanguage(problem, _offered(r for r in named if r.declaration.kind == kind))


def _offered(records: Iterable[EngineRecord]) -> str:
    """What languages there are, as far as they can be taken in at a glance."""
    tags = sorted({tag for record in records for tag in record.declaration.languages})
    if len(tags) <= _LISTED:
        return f"There is {', '.join(tags) or 'none'}."
    return f"There are {len({tag.split('-')[0] for tag in tags})} others; see: voice engines --json"


def _listed(records: Iterable[EngineRecord]) -> str:
    names = [record.name for record in records]
    return f"{' and '.join(names)} {'does' if len(names) == 1 else 'do'}"


def _unspoken(record: EngineRecord, languages: Iterable[Language]) -> list[Language]:
    """Those of its own languages that would serve `languages`, and lack something here."""
    tags = [match_language(language, record.declaration.languages) for language in languages]
    return [tag for tag in tags if tag is not None and tag in record.unspoken]


def _nearest_to_ready(record: EngineRecord) -> tuple[int, int]:
    """What lacks weights alone is named first, what needs a server of the listener's own last."""
    far = {EngineStatus.READY: 0, EngineStatus.MISSING_MODEL: 0, EngineStatus.NOT_CONFIGURED: 2}
    return far.get(record.status, 1), -record.declaration.quality


def _not_ready(record: EngineRecord, language: Language | None = None) -> EngineUnavailable:
    """What keeps the engine from running, or from speaking one of its languages."""
    status, reason = (record.status, record.reason) if language is None else record.lacks(language)
    what = f"{record.name} cannot run" if language is None else f"{record.name} cannot speak {language}"
    if status is EngineStatus.BROKEN:
        return EngineUnavailable(f"{what}: {reason}")
    problem, _, command = reason.partition(": ")
    error = ModelMissing if status is EngineStatus.MISSING_MODEL else EngineUnavailable
    return error(f"{what}: {problem}", f"Run: {command}" if command else "")


def _serves(record: EngineRecord, kind: str, languages: Sequence[Language]) -> bool:
    if record.status is EngineStatus.BROKEN:
        return not languages
    offered = record.declaration.languages
    return record.declaration.kind == kind and all(match_language(tag, offered) for tag in languages)


def _names(record: EngineRecord) -> list[str]:
    return list(dict.fromkeys(name for names in record.declaration.voices.values() for name in names))


def _nearest(wanted: str, known: Sequence[str]) -> str:
    by_name = {voice.split("/")[1]: voice for voice in known} | {voice: voice for voice in known}
    near = dict.fromkeys(by_name[key] for key in difflib.get_close_matches(wanted, by_name, n=3, cutoff=0.5))
    return f"Did you mean {' or '.join(near)}?" if near else "See: voice voices"


def _wrong_language(
    voice: str, spoken: Sequence[Language], language: Language, records: Iterable[EngineRecord]
) -> UnknownVoice:
    ready = (r for r in records if r.status is EngineStatus.READY)
    others = ", ".join(f"{engine}/{other}" for engine, other in voices_for(language, ready))
    hint = f"For {language} there is {others}." if others else "See: voice voices"
    return UnknownVoice(f"the voice {voice} speaks {', '.join(spoken)}, not {language}", hint)
