"""How an application's privilege stands in the cluster's state: `application_privilege/<application>/<name>`."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.security.kept import Kept


class ApplicationPrivilege(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One privilege; `actions` are patterns of what the application calls its actions."""

    format: int = 1
    application: str
    name: str
    actions: tuple[str, ...]
    metadata: dict[str, Any] = {}


APPLICATION_PRIVILEGES: Final = Kept("application privilege", "application_privilege/", ApplicationPrivilege)
