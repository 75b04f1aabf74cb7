"""Aggregations after the targets have answered: parts are merged, finished and written as Elasticsearch writes them."""
