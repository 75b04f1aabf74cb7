"""The routing that a document has: what its request says, what the alias that it goes through says, or none.

An index is one shard, so that routing leads nowhere; it is kept, shown, and asked for where the mapping requires it.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping-routing-field.html
"""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.errors import UsageError
from isthmus.index.metadata.index_metadata import IndexMetadata


class RoutingMissingError(UsageError):
    """The mapping requires a routing, and the request has none."""

    type = "routing_missing_exception"


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """What an index asks of the routing of documents under one of its names; `routing` is that name's own."""

    index: str
    name: str
    routing: str | None
    required: bool

    @classmethod
    def of(cls, index: IndexMetadata, name: str) -> RoutingRule | None:
        """Return the rule for documents of `name`, None if any routing will do."""
        alias = index.aliases.get(name)
        routing = None if alias is None else alias.index_routing
        required: bool = index.mappings.get("_routing", {}).get("required", False)
        return cls(index.name, name, routing, required) if required or routing is not None else None

    def routing_of(self, id: str, given: str | None) -> str | None:  # noqa: A002 - the field's own name
        """Return the routing of a document. Raises UsageError if it contradicts the alias, RoutingMissingError."""
        if self.routing is not None and given not in (None, self.routing):
            raise UsageError(
                f"Alias [{self.name}] has index routing associated with it [{self.routing}], and was provided with "
                f"routing value [{given}], rejecting operation"
            )
        found = self.routing if given is None else given
        if self.required and found is None:
            raise RoutingMissingError(f"routing is required for [{self.index}]/[{id}]")
        return found


def routing_of(index: IndexMetadata, name: str, id: str, given: str | None) -> str | None:  # noqa: A002
    """Return the routing of one document of `name`; raises as `RoutingRule.routing_of`."""
    rule = RoutingRule.of(index, name)
    return given if rule is None else rule.routing_of(id, given)
