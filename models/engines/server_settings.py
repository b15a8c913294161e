"""Which server, key and model the options of an engine name."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from claude_narrator.models.engines.local_server import Server, ServerFailed
from claude_narrator.models.errors import EngineUnavailable

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z")


def find_server(engine: str, options: Mapping[str, str]) -> Server:
    """Return the server that the options `url` and, if there is such an option, `key_variable` describe.

    :raises EngineUnavailable: `url` is no http address, or the variable that shall hold the key is not set.
    """
    where, url = f"engines.{engine}.url", options.get("url", "")
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise EngineUnavailable(f"{where} is no http address", _such_as(where)) from None
    is_plain = url.isascii() and url.isprintable() and " " not in url
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise EngineUnavailable(f"{where} is no http address", _such_as(where))
    if parts.username is not None or parts.query or parts.fragment:
        raise EngineUnavailable(f"{where} may hold a host, a port and a path and no more", _such_as(where))
    headers = _headers(engine, options.get("key_variable", ""))
    path = parts.path.rstrip("/").removesuffix("/v1")
    return Server(engine, parts.scheme == "https", parts.hostname, port, path, headers)


def model_name(server: Server, wanted: str) -> str:
    """Return `wanted`, else the first model that an OpenAI-compatible server lists; asks it either way.

    LM Studio and Ollama list models for embeddings too, of which no answer can be had; they are passed over.

    :raises ServerFailed: it does not answer, or lists no model and none is wanted.
    """
    try:
        listed = server.json_of("GET", "/v1/models")
    except ServerFailed as error:
        if wanted and error.status == 404:
            return wanted
        raise
    models = listed.get("data") if isinstance(listed, dict) else None
    listed_models = models if isinstance(models, list) else []
    names = [model.get("id") for model in listed_models if isinstance(model, dict)]
    usable = [name for name in names if isinstance(name, str) and "embed" not in name.lower()]
    if not wanted and not usable:
        raise ServerFailed(f"{server.address} lists no model", f"Set engines.{server.engine}.model.")
    return wanted or usable[0]


def _headers(engine: str, variable: str) -> dict[str, str]:
    if not variable:
        return {}
    if not _VARIABLE.match(variable):
        raise EngineUnavailable(
            f"engines.{engine}.key_variable is no name of an environment variable",
            "The key itself belongs into that variable, not into the settings.",
        )
    key = os.environ.get(variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise EngineUnavailable(
            f"the daemon has no usable environment variable {variable}, where {engine}'s key should be",
            "Export it, then: voice daemon stop; voice daemon start",
        )
    return {"Authorization": f"Bearer {key}"}


def _such_as(where: str) -> str:
    return f"Write one such as http://127.0.0.1:8080: voice settings set {where} URL"
