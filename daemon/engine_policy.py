"""What the settings say of the engines as a whole, as the pool takes it."""

from __future__ import annotations

from claude_narrator.daemon.setting_values import AUTO
from claude_narrator.daemon.settings import Settings
from claude_narrator.models.options import KEEP_ALIVE
from claude_narrator.models.policy import Policy
from claude_narrator.models.quantities import parse_bytes, parse_span_s

LEAST_KEPT_S = 10.0
"""An engine works clause by clause: it stays at least as long as it may take until the next one comes."""


def policy_of(settings: Settings) -> Policy:
    """Return the policy of settings without mistakes."""
    models = settings.models
    own = {engine: options.get(KEEP_ALIVE, "") for engine, options in settings.engines.items()}
    return Policy(
        memory_limit_bytes=0 if models.memory_limit == AUTO else parse_bytes(models.memory_limit),
        keep_alive_s=_kept_s(models.keep_alive),
        keep_alive_of={engine: _kept_s(span) for engine, span in own.items() if span},
        voices=settings.voices,
        translators=settings.translators,
    )


def _kept_s(span: str) -> float:
    return max(LEAST_KEPT_S, parse_span_s(span))
