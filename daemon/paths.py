"""Where things live: one folder when CLAUDE_NARRATOR_HOME is set, the platform's own folders otherwise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from claude_narrator.models.errors import BadInput

HOME_VARIABLE = "CLAUDE_NARRATOR_HOME"
_SOCKET_PATH_LIMIT_BYTES = 103
"""sun_path holds 104 bytes on macOS, 108 on Linux, the final zero included."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Every place the narrator reads or writes. Nothing is created by asking for it."""

    config: Path
    data: Path
    state: Path

    @property
    def settings_file(self) -> Path:
        """The user's `config.toml`."""
        return self.config / "config.toml"

    @property
    def models(self) -> Path:
        """One folder a catalog id, with that model's files."""
        return self.data / "models"

    @property
    def dictionary(self) -> Path:
        """The user's dictionary, `dictionary.toml`."""
        return self.data / "dictionary.toml"

    @property
    def languages(self) -> Path:
        """The user's own language files."""
        return self.config / "languages"

    @property
    def run(self) -> Path:
        """Folder of mode 0700 that holds the socket, the lock and the gateway's address."""
        return self.state / "run"

    @property
    def socket(self) -> Path:
        """The daemon's Unix socket.

        :raises BadInput: the path is longer than the system allows for a socket.
        """
        path = self.run / "daemon.sock"
        if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT_BYTES:
            raise BadInput(
                f"the socket path {path} is longer than {_SOCKET_PATH_LIMIT_BYTES} bytes",
                f"Set {HOME_VARIABLE} to a shorter folder.",
            )
        return path

    @property
    def lock(self) -> Path:
        """Held by the one daemon of this user."""
        return self.run / "daemon.lock"

    @property
    def gateway(self) -> Path:
        """JSON `{"port": int, "token": str}` of the http gateway, mode 0600; kept over restarts."""
        return self.state / "gateway.json"

    @property
    def mute(self) -> Path:
        """JSON of who is muted until when."""
        return self.state / "mute.json"

    @property
    def log(self) -> Path:
        """The daemon's rotating log."""
        return self.state / "daemon.log"


def find_paths(environ: os._Environ[str] | dict[str, str] = os.environ) -> Paths:
    """Return the places for this user and environment.

    :raises BadInput: CLAUDE_NARRATOR_HOME begins with the ~ of a user who does not exist.
    """
    home = environ.get(HOME_VARIABLE, "")
    if home:
        try:
            root = Path(home).expanduser().resolve()
        except (RuntimeError, OSError) as error:
            raise BadInput(f"{HOME_VARIABLE} is {home!r}: {error}", "Set it to a folder.") from None
        return Paths(config=root, data=root, state=root)
    dirs = PlatformDirs("claude-narrator", appauthor=False)
    return Paths(Path(dirs.user_config_dir), Path(dirs.user_data_dir), Path(dirs.user_state_dir))


def working_folder() -> str:
    """Return the folder in which a command was given; empty when it is gone."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""
