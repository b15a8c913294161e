"""Parts of utterances, by the roles of their sentences."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from claude_narrator.models.types import Role, Utterance


def parts(utterance: Utterance) -> tuple[tuple[str, Role], ...]:
    """Return the sentences with their roles; one of which nothing is known is an opening."""
    roles = utterance.roles or (Role.OPENING,) * len(utterance.sentences)
    return tuple(zip(utterance.sentences, roles, strict=True))


def only(utterance: Utterance, roles: Container[Role]) -> Utterance:
    """Return `utterance` with those of its sentences that have one of `roles`; there may be none."""
    kept = [(at, sentence, role) for at, (sentence, role) in enumerate(parts(utterance)) if role in roles]
    sentences, of_them = tuple(sentence for _, sentence, _ in kept), tuple(role for _, _, role in kept)
    names = tuple(utterance.names[at] for at, _, _ in kept) if utterance.names else ()
    return replace(utterance, sentences=sentences, roles=of_them, names=names)
