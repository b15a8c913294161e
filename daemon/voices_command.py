"""`voice voices`: list them, hear one, bring one along, give one up."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from claude_narrator.daemon import settings
from claude_narrator.daemon.command_parser import add_command
from claude_narrator.daemon.controls import call, call_running
from claude_narrator.daemon.engine_records import engine_records
from claude_narrator.daemon.engine_settings import nearest
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.printing import print_voices
from claude_narrator.daemon.protocol import Reload, Say, Voices
from claude_narrator.daemon.sample_sentences import sample_sentence
from claude_narrator.models.brought_voices import store_files
from claude_narrator.models.choice import meant_voice, spoken_languages, taken_names
from claude_narrator.models.errors import BadInput
from claude_narrator.models.languages import check_language, match_language
from claude_narrator.models.registry import EngineRecord
from claude_narrator.models.stored_voices import FOLDER, check_voice_name, remove_voice, stored_voices
from claude_narrator.models.types import Language

_ABOUT = (
    "List every voice with its status, hear one, store one that you have as a file, or remove a stored one."
)


def add_parser(commands: Any) -> None:
    """Add `voices` to the commands of `voice`."""
    parser = commands.add_parser(
        "voices",
        help="Every voice with its status.",
        description=_ABOUT,
        epilog="example: voice voices --play hibari/heart",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--play", default="", metavar="VOICE", help="hear a sentence in its language")
    parser.add_argument("--language", default="", metavar="L", help="hear it in this one of its languages")
    parser.set_defaults(run=_list_or_play)
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    adding = add_command(actions, "add", "store a voice that you have as a file", "piper/amy amy.onnx", _add)
    adding.add_argument("voice", metavar="ENGINE/NAME", help="the engine that speaks it, and a name for it")
    adding.add_argument("file", metavar="FILE")
    adding.add_argument(
        "--language", default="", metavar="L", help="what it speaks, if the file does not tell"
    )
    removing = add_command(actions, "remove", "delete a stored voice", "piper/amy", _remove)
    removing.add_argument("voice", metavar="ENGINE/NAME")


def _records() -> tuple[EngineRecord, ...]:
    paths = find_paths()
    return engine_records(paths, settings.load(paths.settings_file))


def _list_or_play(arguments: argparse.Namespace) -> int:
    if arguments.play:
        return _play(arguments.play, arguments.language)
    voices = call(Voices())["voices"]
    if arguments.json:
        print(json.dumps(voices, ensure_ascii=False, indent=2))
    else:
        print_voices(voices)
    return 0


def _play(wanted: str, given: str) -> int:
    records = _records()
    record, name = meant_voice(wanted, records)
    language = check_language(given) if given else _language_of(record, name)
    call(Say(sample_sentence(language), language, f"{record.name}/{name}", wait=True, source=language))
    return 0


def _language_of(record: EngineRecord, name: str) -> Language:
    """The one of its languages in which to hear a voice: its recording's, else the user's, else the first."""
    paths = find_paths()
    spoken = spoken_languages(record, name)
    stored = {voice.name: voice for voice in stored_voices(paths.data / FOLDER / record.name)}
    recorded = str(stored[name].description.get("language", "")) if name in stored else ""
    for wanted in (recorded, settings.load(paths.settings_file).speech.language):
        if wanted and match_language(Language(wanted), spoken):
            return Language(wanted)
    return spoken[0]


def _add(arguments: argparse.Namespace) -> int:
    records = _records()
    record, name = _keeper(arguments.voice, records)
    if (files := record.declaration.voice_files) is None:
        able = [each.name for each in records if each.declaration.voice_files]
        raise BadInput(
            f"{record.name} speaks no voices from files", f"These do: {', '.join(able) or 'none'}."
        )
    check_voice_name(name, taken_names(record.name, records))
    folder, file = find_paths().data / FOLDER / record.name, Path(arguments.file).expanduser()
    language = check_language(arguments.language) if arguments.language else None
    languages = store_files(folder, name, files, file, language)
    call_running(Reload())
    print(f"{record.name}/{name} is stored and speaks {', '.join(languages)}.")
    if reason := next(each.reason for each in _records() if each.name == record.name):
        print(f"{record.name} cannot speak it yet: {reason}")
    print(f"Hear it: voice voices --play {record.name}/{name}")
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    records = _records()
    voice = arguments.voice
    if "/" not in voice:
        record, name = meant_voice(voice, records)
    else:
        record, name = _keeper(voice, records)
    paths = find_paths()
    if not remove_voice(paths.data / FOLDER / record.name, name):
        kept = [f"{each.name}/{own}" for each in records for own in each.stored]
        raise BadInput(f"{record.name}/{name} is no stored voice", f"There is {', '.join(kept) or 'none'}.")
    call_running(Reload())
    print(f"{record.name}/{name} is removed.")
    if settings.load(paths.settings_file).speech.voice in (name, f"{record.name}/{name}"):
        print("It was the voice of your settings; choose another: voice settings set speech.voice auto")
    return 0


def _keeper(voice: str, records: Sequence[EngineRecord]) -> tuple[EngineRecord, str]:
    """The engine and the name in `engine/name`, of an engine that keeps voices of the user's."""
    engine, slash, name = voice.partition("/")
    keepers = {record.name: record for record in records if record.declaration.stores_voices}
    if not slash or not name:
        raise BadInput(
            f"{voice[:60]!r} is not ENGINE/NAME", f"Write one such as {next(iter(keepers), 'piper')}/amy."
        )
    if engine not in keepers:
        raise BadInput(f"{engine[:40]!r} is no engine that keeps voices of yours", nearest(engine, keepers))
    return keepers[engine], name
