"""Mappings as who acts may see them."""

from __future__ import annotations

from typing import Any

from isthmus.index.mapping.visible import visible_definition
from isthmus.index.metadata.expressions import Resolved
from isthmus.security.acting import acting


def mapping_seen(found: Resolved) -> dict[str, Any]:
    """Return the mapping of an index without the fields that who acts may not see."""
    return visible_definition(found.index.mappings, acting().access(*found.names))
