"""Settings of the generated examples: files on a busy disk have no deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("files", deadline=None, max_examples=50)
settings.load_profile("files")
