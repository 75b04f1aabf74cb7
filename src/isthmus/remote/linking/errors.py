"""Another cluster that is not there."""

from __future__ import annotations

from isthmus.transport.errors import ConnectError


class LinkError(ConnectError):
    """The cluster of an alias cannot be reached."""

    status = 502
