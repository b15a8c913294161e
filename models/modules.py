"""Finds a module without importing it or the packages around it."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec


def find_module(name: str) -> ModuleSpec | None:
    """Return the spec of the dotted module `name` without running its parent packages, or None."""
    spec: ModuleSpec | None = None
    path: list[str] | None = None
    parts = name.split(".")
    for depth in range(len(parts)):
        spec = _find_spec(".".join(parts[: depth + 1]), path)
        if spec is None:
            return None
        path = None if spec.submodule_search_locations is None else _locations(spec)
    return spec


def _find_spec(name: str, path: list[str] | None) -> ModuleSpec | None:
    """What `importlib` does for one step, minus the import of the parent."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec
    return None


def _locations(spec: ModuleSpec) -> list[str]:
    """The folders of a package; a namespace inside a namespace asks for its parent module unless read raw."""
    raw = getattr(spec.submodule_search_locations, "_path", None)
    return list(raw if raw is not None else spec.submodule_search_locations or ())
