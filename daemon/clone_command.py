"""`voice clone`: a voice from a recording."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.controls import call_running
from claude_narrator.daemon.engine_records import engine_records
from claude_narrator.daemon.engine_settings import nearest
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.protocol import Reload
from claude_narrator.daemon.text.language import detect_language
from claude_narrator.models.choice import taken_names
from claude_narrator.models.cloned_voices import check_transcript, store_clone
from claude_narrator.models.errors import BadInput, EngineUnavailable
from claude_narrator.models.languages import check_language
from claude_narrator.models.reference_sound import Reference, read_reference
from claude_narrator.models.registry import EngineRecord, EngineStatus
from claude_narrator.models.stored_voices import FOLDER, check_voice_name
from claude_narrator.models.types import Language

CONSENT = "I have the right to use this voice"
_ABOUT = (
    "Make a voice from a WAV recording of one person, 3 to 10 seconds of clear speech. It speaks every "
    "language of the engine that clones it."
)
_EXAMPLE = 'example: voice clone anna --from anna.wav --text "What Anna says in it." --language en'


def add_parser(commands: Any) -> None:
    """Add `clone` to the commands of `voice`."""
    parser = commands.add_parser(
        "clone", help="Make a voice from a recording.", description=_ABOUT, epilog=_EXAMPLE
    )
    parser.add_argument("name", metavar="NAME", help="what the voice shall be called")
    parser.add_argument("--from", dest="reference", required=True, metavar="FILE", help="a WAV file")
    parser.add_argument(
        "--text", default="", help="what the recording says, word for word; the clone is better"
    )
    parser.add_argument("--language", default="", metavar="L", help="what it is spoken in, such as en")
    parser.add_argument("--engine", default="", help="an engine that clones; default: the best there is")
    parser.add_argument("--yes", action="store_true", help=f'confirm: "{CONSENT}"')
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Store the voice and return 0.

    :raises BadInput: a name that is bad or taken, a recording no voice can be cloned from, a text that does
        not fit it, or no consent.
    :raises EngineUnavailable: no such engine, or none that clones.
    """
    paths = find_paths()
    chosen = settings.load(paths.settings_file)
    records = engine_records(paths, chosen)
    engine = _engine(records, arguments.engine)
    check_voice_name(arguments.name, taken_names(engine.name, records))
    reference = read_reference(Path(arguments.reference).expanduser())
    text = check_transcript(arguments.text, reference.seconds)
    language = _language(arguments.language, text, Language(chosen.speech.source_language))
    _ask_consent(arguments.yes)
    today = datetime.datetime.now().astimezone().date()
    store_clone(paths.data / FOLDER / engine.name, arguments.name, reference, text, language, today)
    call_running(Reload())
    (_print_json if arguments.json else _print)(f"{engine.name}/{arguments.name}", reference, engine)
    return 0


def _print(voice: str, reference: Reference, engine: EngineRecord) -> None:
    print(f"{voice} is stored: {reference.seconds:.1f} s, {reference.snr_db:.0f} dB above the noise.")
    for note in reference.notes:
        print(note)
    if engine.reason:
        print(f"{engine.name} cannot speak it yet: {engine.reason}")
    print(f"Hear it: voice voices --play {voice}")
    print(f"Keep it: voice settings set speech.voice {voice}")


def _print_json(voice: str, reference: Reference, engine: EngineRecord) -> None:
    measured = {"seconds": round(reference.seconds, 2), "snr_db": round(reference.snr_db, 1)}
    state = {"notes": reference.notes, "status": engine.status, "reason": engine.reason}
    print(json.dumps({"voice": voice, **measured, **state}))


def _engine(records: Sequence[EngineRecord], name: str) -> EngineRecord:
    cloning = {record.name: record for record in records if record.declaration.clones}
    if not cloning:
        raise EngineUnavailable("no engine here can clone a voice", "See: voice engines")
    if not name:
        return max(cloning.values(), key=_fitness)
    if name not in cloning:
        raise EngineUnavailable(f"{name[:40]!r} is no engine that clones a voice", nearest(name, cloning))
    return cloning[name]


def _fitness(record: EngineRecord) -> tuple[bool, int]:
    return record.status is EngineStatus.READY, record.declaration.quality


def _language(given: str, text: str, default: Language) -> str:
    if given:
        return check_language(given)
    return detect_language(text, default) if text else ""


def _ask_consent(given: bool) -> None:
    """Return when the user has the right to the voice.

    :raises BadInput: not so, or nobody is there to ask.
    """
    if given:
        return
    if not sys.stdin.isatty():
        raise BadInput(f'it has to be confirmed: "{CONSENT}"', "Add --yes if it is so.")
    if input(f'Confirm: "{CONSENT}." [y/N] ').strip().lower() not in ("y", "yes"):
        raise BadInput("that was not confirmed; nothing was stored", "Clone a voice that is yours to use.")
