"""`voice pipe`: say the reply of `claude -p` while it streams by."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from claude_narrator.daemon.client import Client, DaemonDown, Refused, connect
from claude_narrator.daemon.errors import EXIT_OK
from claude_narrator.daemon.paths import find_paths
from claude_narrator.daemon.piped_sessions import SOURCE, SOURCE_KEY
from claude_narrator.daemon.protocol import Hook, SetVoice, Stop, Wait
from claude_narrator.daemon.reply_stream import HINT, NO_STREAM, ReplyStream
from claude_narrator.daemon.wire import ProtocolError
from claude_narrator.models.errors import BadInput, NarratorError
from claude_narrator.models.languages import check_language

MAX_LINE = 16 << 20
"""Bytes; a longer line is passed on and not read."""

_HELP = "Speak the reply of `claude -p --output-format stream-json` as it is written."
_EXAMPLE = (
    "example: claude -p --output-format stream-json --verbose --include-partial-messages"
    " 'What is new?' | voice pipe"
)


def add_parser(commands: Any) -> None:
    """Add `pipe` to the subcommands of `voice`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "pipe", help=_HELP, description=_HELP, epilog=_EXAMPLE
    )
    parser.add_argument("--tee", action="store_true", help="write the stream, unchanged, to standard output")
    parser.add_argument("--language", default="", metavar="L", help="what to hear it in")
    parser.add_argument("--voice", default="", metavar="V", help="a line of `voice voices`")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when all has been heard.

    :raises BadInput: standard input is no stream-json, or ends before its result; what was said is silenced.
    :raises NarratorError: Claude failed.
    :raises Refused: the language or the voice cannot be heard here.
    """
    if sys.stdin.isatty():
        raise BadInput(NO_STREAM, HINT)
    if arguments.language:
        check_language(arguments.language)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    paths = find_paths()
    with connect(paths.socket, paths.log) as client:
        failure = _Pipe(client, arguments).pump(sys.stdin.buffer)
    if failure:
        raise NarratorError(f"Claude failed: {failure}")
    return EXIT_OK


class _Pipe:
    """One stream on its way to the daemon."""

    def __init__(self, client: Client, arguments: argparse.Namespace) -> None:
        self._client, self._stream = client, ReplyStream()
        self._tee: BinaryIO | None = sys.stdout.buffer if arguments.tee else None
        self._language, self._voice = arguments.language, arguments.voice
        self._chosen = not (self._language or self._voice)

    def pump(self, source: BinaryIO) -> str:
        """Say a stream to its end, and return what Claude says went wrong; empty when all is well."""
        try:
            for line in self._lines(source):
                for payload in self._stream.feed(line):
                    self._send(payload)
            if not self._stream.complete:
                raise BadInput("the stream has ended before its result", "Was claude stopped?")
            self._client.call(Wait(session=self._stream.session))
        except BaseException:
            self._silence()
            raise
        self._send({"hook_event_name": "SessionEnd", "reason": "other"})
        return self._stream.failure

    def _lines(self, source: BinaryIO) -> Iterator[bytes]:
        whole = True
        while line := source.readline(MAX_LINE):
            if self._tee is not None:
                self._tee.write(line)
                self._tee.flush()
            begins, whole = whole, line.endswith(b"\n")
            if begins and (whole or len(line) < MAX_LINE):
                yield line

    def _send(self, payload: dict[str, Any]) -> None:
        common = {"session_id": self._stream.session or "pipe", SOURCE_KEY: SOURCE}
        if not self._chosen:
            self._chosen = True
            self._client.call(
                SetVoice("session", common["session_id"], voice=self._voice, language=self._language)
            )
        self._client.send(Hook({**common, **payload}))

    def _silence(self) -> None:
        """Stop what is said, on a connection that no half-sent request has spoilt."""
        if not self._stream.session:
            return
        with suppress(DaemonDown, Refused, ProtocolError, OSError), Client(find_paths().socket) as client:
            common = {"session_id": self._stream.session, SOURCE_KEY: SOURCE}
            client.send(Hook({**common, "hook_event_name": "SessionEnd", "reason": "logout"}))
            client.call(Stop(self._stream.session))
