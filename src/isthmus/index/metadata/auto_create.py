"""Whether a document may make the index that it is written to. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-creation
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import matches

SETTING = "action.auto_create_index"
MAX_PATTERNS = 1_000


class AutoCreationDisabledError(IndexNotFoundError):
    """There is no such index, and a document may not make it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.reason = f"no such index [{name[:300]}] and {why}"


def check_auto_create(name: str, value: str, template_allows: bool | None) -> None:
    """Raise AutoCreationDisabledError unless a document may make the index `name`.

    `value` is `action.auto_create_index`; `template_allows` is what the template of the index says, and wins.
    """
    if template_allows is True:
        return
    if template_allows is False:
        raise AutoCreationDisabledError(name, "composable template [allow_auto_create] is [false]")
    if value == "false":
        raise AutoCreationDisabledError(name, f"[{SETTING}] is [false]")
    if value == "true":
        return
    for pattern in value.split(","):
        if matches(pattern.strip().lstrip("+-"), name):
            if pattern.strip().startswith("-"):
                raise AutoCreationDisabledError(name, f"[{SETTING}] contains [{pattern.strip()}]")
            return
    raise AutoCreationDisabledError(name, f"[{SETTING}] ([{value[:300]}]) doesn't match")


def check_setting(value: str) -> None:
    """Raise UsageError unless `value` is true, false, or a list of patterns with `+` or `-` before them or nothing."""
    parts = [part.strip() for part in value.split(",")]
    if len(parts) > MAX_PATTERNS or any(not part.lstrip("+-") for part in parts):
        raise UsageError(
            f"Can't parse [{value[:100]}] for setting [{SETTING}] must be either [true, false, or a comma separated "
            "list of index patterns]"
        )
