"""Which engines stand side by side: ISTHMUS_SIDES, names with commas, the one that is judged first."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.interop.sides.elasticsearch import elasticsearch
from tests.interop.sides.isthmus import isthmus
from tests.interop.sides.opensearch import opensearch
from tests.interop.sides.side import Side

SIDES: dict[str, Callable[..., Side]] = {
    "isthmus": isthmus,
    "elasticsearch": elasticsearch,
    "opensearch": opensearch,
}


def chosen(default: str) -> list[str]:
    """Return the names in the environment, or those of `default`. Raises ValueError for one that is none."""
    names = os.environ.get("ISTHMUS_SIDES", default).split(",")
    unknown = [name for name in names if name not in SIDES]
    if unknown:
        raise ValueError(f"ISTHMUS_SIDES names [{unknown[0]}]; there are {', '.join(SIDES)}")
    return names
