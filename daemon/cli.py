"""`voice …`: run one command, give its exit code."""

from __future__ import annotations

import sys

from claude_narrator.daemon.controls import quick_control


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    code = quick_control(given)
    return _command(given) if code is None else code


def _command(given: list[str]) -> int:
    # 0.2 s of imports that a control can do without
    from claude_narrator.daemon.commands import build_parser
    from claude_narrator.daemon.errors import exit_code_of
    from claude_narrator.daemon.paths import find_paths
    from claude_narrator.models.language_file import use_own_files

    parsed = build_parser().parse_args(given)
    paths = find_paths()
    use_own_files(paths.languages)
    return exit_code_of(lambda: parsed.run(parsed), paths.state / "crash.log")


if __name__ == "__main__":
    sys.exit(main())
