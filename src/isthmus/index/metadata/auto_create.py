"""Whether a document may make the index that it is written to. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-index_.html#index-creation
"""

from __future__ import annotations

from collections.abc import Sequence

from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import matches

SETTING = "action.auto_create_index"


class AutoCreationDisabledError(IndexNotFoundError):
    """There is no such index, and a document may not make it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.reason = f"no such index [{name[:300]}] and {why}"


def check_auto_create(name: str, rules: Sequence[str], template_allows: bool | None) -> None:
    """Raise AutoCreationDisabledError unless a document may make the index `name`.

    `rules` are those of `action.auto_create_index`: true, false, or patterns, of which the first that means the name
    counts. `template_allows` is what the template of the index says, and wins.
    """
    if template_allows is True:
        return
    if template_allows is False:
        raise AutoCreationDisabledError(name, "composable template [allow_auto_create] is [false]")
    for rule in rules:
        if rule == "true":
            return
        if rule == "false":
            raise AutoCreationDisabledError(name, f"[{SETTING}] is [false]")
        if matches(rule.lstrip("+-"), name):
            if rule.startswith("-"):
                raise AutoCreationDisabledError(name, f"[{SETTING}] contains [{rule[:300]}]")
            return
    raise AutoCreationDisabledError(name, f"[{SETTING}] ([{','.join(rules)[:300]}]) doesn't match")
