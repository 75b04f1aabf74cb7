"""What a path's names of indices may mean: `ignore_unavailable`, `allow_no_indices`, `expand_wildcards`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/api-conventions.html#api-multi-index
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.index.metadata.expressions import Options
from isthmus.rest.parameters import Parameters

PARAMETERS = ("allow_no_indices", "expand_wildcards", "ignore_throttled", "ignore_unavailable")
STATES = ("all", "closed", "hidden", "none", "open")


def index_options(parameters: Parameters) -> Options:
    """Return what the parameters say. Raises UsageError for a state that there is none of."""
    states = parameters.texts("expand_wildcards") or ["open"]
    for one in states:
        if one not in STATES:
            raise UsageError(f"No valid expand wildcard value [{one[:50]}]", hint=f"known are {', '.join(STATES)}")
    return Options(
        ignore_unavailable=parameters.boolean("ignore_unavailable"),
        allow_no_indices=parameters.text("allow_no_indices") is None or parameters.boolean("allow_no_indices"),
        open="open" in states or "all" in states,
        hidden="hidden" in states or "all" in states,
        wildcards="none" not in states,
    )
