"""From the query tree to Tantivy's queries, for one reading and its mapping: what Elasticsearch would match, scored as
it would. No query that this package makes can make Tantivy panic.
"""
