"""Queries written as text: Lucene's syntax (`query_string`) and the forgiving one (`simple_query_string`).

https://lucene.apache.org/core/9_12_0/queryparser/org/apache/lucene/queryparser/classic/package-summary.html
"""

from isthmus.query.lucene.classic import parse_lucene
from isthmus.query.lucene.fields import AsNamed, Fields
from isthmus.query.lucene.simple import parse_simple

__all__ = ["AsNamed", "Fields", "parse_lucene", "parse_simple"]
