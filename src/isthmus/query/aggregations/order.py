"""What buckets are ordered by: `{"_count": "desc"}`, a list of such, or a metric's path.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-aggregations-bucket-terms-aggregation.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.query.aggregation_tree import Order
from isthmus.query.mistakes import ParsingError, XContentParseError, token_of
from isthmus.query.sort_parsing import direction

KEY_ASCENDING: Final[Order] = ("_key", True)
MAX_ORDERS: Final = 32


def parse_order(value: Any, where: str) -> tuple[Order, ...]:
    """Return the orders that `value` says. Unless one of them is by key, equal buckets are put in order of their keys.

    Raises ParsingError or XContentParseError where it says none.
    """
    orders = [order for one in _listed(value, where) for order in _orders_of(one, where)]
    if len(orders) > MAX_ORDERS:
        raise ParsingError(f"[order] of [{where}] has more than {MAX_ORDERS} parts")
    if all(path != "_key" for path, _ in orders):
        orders.append(KEY_ASCENDING)
    return tuple(orders)


def _listed(value: Any, where: str) -> list[Any]:
    orders = value if isinstance(value, list) else [value]
    for order in orders:
        if not isinstance(order, Mapping):
            raise XContentParseError(f"[{where}] order doesn't support values of type: {token_of(order)}")
    return orders


def _orders_of(order: Mapping[str, Any], where: str) -> list[Order]:
    if not order:
        raise ParsingError(f"Must specify at least one field for [order] of [{where}]")
    return [(path, direction(value)) for path, value in order.items()]
