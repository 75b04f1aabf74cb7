"""An answer of another cluster that does not fit what it was asked."""

from __future__ import annotations

from isthmus.errors import IsthmusError


class UnexpectedAnswerError(IsthmusError):
    """Another cluster answered with what it was not asked for, or what cannot be merged here."""

    type = "illegal_state_exception"
    status = 502
