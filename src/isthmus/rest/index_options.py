"""What a request says of the names of indices in it: one place for all routes.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/api-conventions.html#api-multi-index
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.index.metadata.expressions import Options
from isthmus.rest.parameters import Parameters

PARAMETERS = ("allow_no_indices", "expand_wildcards", "ignore_throttled", "ignore_unavailable")
_KINDS = ("all", "closed", "hidden", "none", "open")


def options(parameters: Parameters, *, allow_no_indices: bool = True) -> Options:
    """Return the options of a request; `allow_no_indices` is the default of its route."""
    kinds = parameters.texts("expand_wildcards") or ["open"]
    unknown = [kind for kind in kinds if kind not in _KINDS]
    if unknown:
        raise UsageError(f"No valid expand wildcard value [{unknown[0][:50]}]", hint=f"known are {', '.join(_KINDS)}")
    everything = "all" in kinds
    given = parameters.text("allow_no_indices")
    return Options(
        ignore_unavailable=parameters.boolean("ignore_unavailable"),
        allow_no_indices=allow_no_indices if given is None else parameters.boolean("allow_no_indices"),
        open=everything or "open" in kinds,
        hidden=everything or "hidden" in kinds,
        wildcards="none" not in kinds,
    )
