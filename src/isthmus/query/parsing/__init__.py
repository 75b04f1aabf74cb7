"""Queries from decoded JSON to `query.tree`.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl.html
"""

from isthmus.query.parsing.bounds import Bounds
from isthmus.query.parsing.parse import PARTLY, QUERIES, UNSUPPORTED, parse_query

__all__ = ["PARTLY", "QUERIES", "UNSUPPORTED", "Bounds", "parse_query"]
