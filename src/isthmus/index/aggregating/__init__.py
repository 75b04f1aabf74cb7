"""Aggregations over one index's searcher: a tree of what is asked becomes parts that can still be merged with those
of other indices. Whole subtrees go into one call where Tantivy does exactly what Elasticsearch does; elsewhere a
level's buckets are found first, and what stands below them is run with the query and the bucket's filter together.
"""

from isthmus.index.aggregating.ground import Ground
from isthmus.index.aggregating.level import aggregate

__all__ = ["Ground", "aggregate"]
