"""What can go wrong with a write to the map."""

from __future__ import annotations

from isthmus.errors import DataError, UnavailableError


class VersionConflictError(DataError):
    """A key was changed by somebody else since it was read."""

    type = "version_conflict_engine_exception"
    status = 409

    def __init__(self, reason: str) -> None:
        super().__init__(reason, hint="read it again and repeat the change")


class CommitBoundsError(DataError):
    """A batch of writes is empty, writes a key twice, or is larger than a commit may be."""


class MasterNotDiscoveredError(UnavailableError):
    """The map's owner cannot be reached: nothing can be written now."""

    type = "master_not_discovered_exception"
    status = 503
