"""How a role stands in the cluster's state: `role/<name>`, as the JSON that it was put as."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.security.kept import Kept


class StoredRole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A role; `body` is what `parse_role` reads."""

    format: int = 1
    body: dict[str, Any]


ROLES: Final = Kept("role", "role/", StoredRole)
