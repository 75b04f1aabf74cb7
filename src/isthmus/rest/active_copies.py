"""How many copies of an index a write waits for: there is one, and it is there or the write fails at once.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-wait-for-active-shards
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.rest.parameters import Parameters

PARAMETERS = ("timeout", "wait_for_active_shards")
_DEFAULT_SECONDS = 60.0
_MAX_SECONDS = 3600.0


def check_copies(parameters: Parameters) -> None:
    """Raise UsageError if a write is to wait for copies that never come, or for a time that is none.

    `timeout` bounds a wait that never begins: whether the only copy is there is known at once.
    """
    parameters.seconds("timeout", _DEFAULT_SECONDS, _MAX_SECONDS)
    if parameters.text("wait_for_active_shards") in (None, "all"):
        return
    copies = parameters.number("wait_for_active_shards", 1)
    if not 0 <= copies <= 1:
        raise UsageError(
            f"[wait_for_active_shards] of [{copies}] is not supported", hint="an index has one copy: give 0, 1 or all"
        )
