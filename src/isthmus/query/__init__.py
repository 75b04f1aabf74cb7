"""The query language as values: queries, aggregations, sorts and search requests, parsed from JSON, bounded in depth
and number. Pure: nothing here runs anything.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl.html
"""
