"""The two boundaries where an exception becomes something else: an error on the wire, an exit code."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from claude_narrator.daemon.client import DaemonDown, Refused
from claude_narrator.daemon.wire import ProtocolError
from claude_narrator.models.errors import NarratorError

EXIT_OK, EXIT_EXPECTED, EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 0, 1, 2, 3, 130

_log = logging.getLogger(__name__)


def to_wire(error: Exception) -> dict[str, str]:
    """Return `{"code", "problem", "hint"}`.

    What nobody expected is logged with its traceback and named a bug.
    """
    if isinstance(error, NarratorError):
        return {"code": error.code, "problem": error.problem, "hint": error.hint}
    if isinstance(error, ProtocolError):
        return {"code": "bad_request", "problem": str(error), "hint": ""}
    _log.error("unexpected %s", type(error).__name__, exc_info=error)
    return {
        "code": "bug",
        "problem": f"unexpected {type(error).__name__}",
        "hint": "`voice log` has the details.",
    }


def exit_code_of(command: Callable[[], int], crash_log: Path) -> int:
    """Run a command and return its exit code; failures become one or two lines on standard error.

    0 well, 1 an expected failure, 2 wrong usage (argparse), 3 a bug whose traceback goes to `crash_log`,
    130 interrupted.
    """
    try:
        return command()
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_OK
    except (NarratorError, Refused) as error:
        return _fail(error.problem, error.hint)
    except (DaemonDown, ProtocolError) as error:
        return _fail(str(error), "")
    except Exception:  # whatever is left is a bug of ours: into the log, no traceback for the user
        return _bug(crash_log)


def _fail(problem: str, hint: str) -> int:
    print(f"error: {problem}", file=sys.stderr)
    if hint:
        print(hint, file=sys.stderr)
    return EXIT_EXPECTED


def _bug(crash_log: Path) -> int:
    crash_log.parent.mkdir(parents=True, exist_ok=True)
    with crash_log.open("a", encoding="utf-8") as log:
        log.write(traceback.format_exc())
    print(f"error: a bug in Claude Narrator; {crash_log} has the details", file=sys.stderr)
    return EXIT_BUG
