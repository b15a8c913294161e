"""What can go wrong in a way the listener can mend: one line that says what, one that says what to do."""

from __future__ import annotations


class NarratorError(Exception):
    """An expected failure.

    `problem` is one line without a full stop at its end; `hint` says what to do, or is empty. `code` is the
    stable name that programs compare.
    """

    code = "failed"

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}. {self.hint}" if self.hint else self.problem


class BadInput(NarratorError):
    """What was asked for makes no sense: empty text, an unknown key, a value out of range."""

    code = "bad_input"


class UnknownVoice(BadInput):
    """No installed engine offers that voice."""

    code = "unknown_voice"


class UnknownLanguage(BadInput):
    """Not a language tag, or one that no engine here speaks or translates."""

    code = "unknown_language"


class EngineUnavailable(NarratorError):
    """The engine is not installed, or could not be loaded."""

    code = "engine_unavailable"


class ModelMissing(EngineUnavailable):
    """A weight file is not on this machine."""

    code = "model_missing"


class ModelCorrupt(EngineUnavailable):
    """A weight file has another SHA-256 than the catalog says."""

    code = "model_corrupt"


class EngineFailed(NarratorError):
    """The engine crashed, hung or answered nonsense while it worked."""

    code = "engine_failed"
