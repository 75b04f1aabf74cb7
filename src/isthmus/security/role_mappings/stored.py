"""How a role mapping stands in the cluster's state: `role_mapping/<name>`, its rules as their JSON."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from isthmus.security.kept import Kept


class RoleMapping(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mapping; `rules` is what `parse_rules` reads."""

    format: int = 1
    enabled: bool
    roles: tuple[str, ...]
    rules: dict[str, Any]
    metadata: dict[str, Any] = {}


ROLE_MAPPINGS: Final = Kept("role mapping", "role_mapping/", RoleMapping)
