"""What is told to another cluster that may not pass."""

from __future__ import annotations

from isthmus.errors import IsthmusError, UsageError


class RemoteAccessError(IsthmusError):
    """Another cluster's API key does not do, or what it says of its user is not taken."""

    type = "security_exception"
    status = 401
    exit_code = 77


class RemoteHeaderError(UsageError):
    """A request of another cluster whose headers are not those that this port takes."""
