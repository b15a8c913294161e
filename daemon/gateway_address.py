"""The http gateway's port and token: made once, by whoever needs them first, and kept over restarts."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from claude_narrator.daemon.paths import Paths
from claude_narrator.models.errors import BadInput

TOKEN_PREFIX = "narrator_"  # noqa: S105 - no secret, only how all of them begin
"""Every token begins so: the installer knows its own entries by it, and a scanner for secrets can."""


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """Where the http hook reaches the daemon: a port on 127.0.0.1 and a token of 256 random bits."""

    port: int
    token: str

    @property
    def url(self) -> str:
        """What the hook posts to."""
        return f"http://127.0.0.1:{self.port}/hook"


def read_gateway_address(paths: Paths) -> GatewayAddress | None:
    """Return the address in `paths.gateway`, or nothing when there is no such file.

    :raises BadInput: the file holds something else, or others may read it.
    """
    try:
        with paths.gateway.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = json.load(file)
        address = GatewayAddress(content["port"], content["token"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise _unusable(paths.gateway, "is not what the installer wrote") from None
    if mode & 0o077:
        raise _unusable(paths.gateway, "holds a secret that other users may read")
    if not _is_plausible(address):
        raise _unusable(paths.gateway, "is not what the installer wrote")
    return address


def gateway_address(paths: Paths) -> GatewayAddress:
    """Return the address in `paths.gateway`; a free port and a new token are written there if there is none.

    When several processes do so at once, all return the same.

    :raises BadInput: the file holds something else, or others may read it.
    """
    return read_gateway_address(paths) or _create(paths)


def _create(paths: Paths) -> GatewayAddress:
    address = GatewayAddress(_free_port(), TOKEN_PREFIX + secrets.token_urlsafe(32))
    paths.gateway.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = paths.gateway.with_name(f"{paths.gateway.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump({"port": address.port, "token": address.token}, file)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, paths.gateway)  # unlike a rename, it never replaces what another process made
    finally:
        temporary.unlink()
    written = read_gateway_address(paths)
    assert written is not None
    return written


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_plausible(address: GatewayAddress) -> bool:
    token = address.token
    return (
        type(address.port) is int
        and 1024 <= address.port <= 65535
        and isinstance(token, str)
        and token.startswith(TOKEN_PREFIX)
        and len(token) >= len(TOKEN_PREFIX) + 43
    )


def _unusable(path: Path, why: str) -> BadInput:
    return BadInput(f"{path} {why}", "Remove it and run voice-install again.")
