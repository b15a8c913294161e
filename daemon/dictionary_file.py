"""The file that holds the user's dictionary: a TOML table of words for each language, `*` for every one."""

from __future__ import annotations

from pathlib import Path

import tomlkit

from claude_narrator.daemon.dictionary import Dictionary, mistakes_in_tables
from claude_narrator.daemon.glossary import EVERY_LANGUAGE
from claude_narrator.models.errors import BadInput
from claude_narrator.models.text_file import read_table

MAX_FILE_BYTES = 1 << 22
_EVERY = "*"
_HEADING = "Words and how they are said. Change it with `voice dictionary`."


def load(path: Path) -> Dictionary:
    """Return the dictionary in the TOML file at `path`; none is an empty one.

    :raises BadInput: the file cannot be read or holds a mistake; one line names every mistake.
    """
    if not path.is_file():
        return {}
    document = read_table(path, MAX_FILE_BYTES)
    mistakes = [
        f"{tag[:40]!r} is no table of words" for tag, words in document.items() if not isinstance(words, dict)
    ]
    tables = {EVERY_LANGUAGE if tag == _EVERY else tag: words for tag, words in document.items()}
    mistakes = mistakes or mistakes_in_tables(tables, "dictionary")
    if mistakes:
        raise BadInput(f"{path}: " + "; ".join(mistakes), "Correct it, or remove the file.")
    return tables


def save(path: Path, dictionary: Dictionary) -> None:
    """Write the dictionary to `path` in one step, sorted by word; only the user may read it.

    :raises BadInput: the file cannot be written.
    """
    document = tomlkit.document()
    document.add(tomlkit.comment(_HEADING))
    for tag in sorted(dictionary):
        table = tomlkit.table()
        for word, reading in sorted(dictionary[tag].items()):
            table.append(tomlkit.key(word), reading)
        document.append(tomlkit.key(tag or _EVERY), table)
    temporary = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
        temporary.chmod(0o600)
        temporary.replace(path)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written: {error.strerror}", "See that the folder is yours."
        ) from None
