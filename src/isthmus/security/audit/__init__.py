"""The trail: who asked, what was granted and denied, and what of security was changed. Off unless a node is told.

Events are values (`events`, `changes`), `policy` says which of them are told, `trail` writes each as a line of JSON, in
the shape of Elasticsearch's audit log.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/audit-event-types.html
"""
