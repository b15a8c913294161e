"""The engines of this user: what the registry finds with their settings, models, environments and voices."""

from __future__ import annotations

from claude_narrator.daemon.paths import Paths
from claude_narrator.daemon.settings import Settings
from claude_narrator.models.catalog import load_catalog
from claude_narrator.models.download import is_present
from claude_narrator.models.registry import EngineRecord, find_engines


def engine_records(paths: Paths, settings: Settings) -> tuple[EngineRecord, ...]:
    """Return a record for every engine, by name."""
    catalog = load_catalog()

    def is_here(model: str) -> bool:
        return model in catalog and is_present(catalog[model], paths.models)

    return find_engines(is_here, options=settings.engines, data=paths.data)
