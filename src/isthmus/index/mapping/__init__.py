"""What the fields of an index are, how documents become typed values, and how mappings grow.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/mapping.html
"""
