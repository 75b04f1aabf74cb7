"""One search as it was called: the names, the body and the parameters, before anything is parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from isthmus.index.metadata.expressions import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCall:
    """`indices` is an expression, None where the path had none. `parameters` are those that say something of the
    request itself. `allow_partial` None leaves it to the cluster's setting. `validates`: it is only asked whether the
    query could be searched."""

    indices: str | None = None
    options: Options = field(default_factory=Options)
    body: bytes = b""
    parameters: Mapping[str, str] = field(default_factory=dict)
    allow_partial: bool | None = None
    typed_keys: bool = False
    total_as_int: bool = False
    validates: bool = False
