"""Text becomes terms: tokenizers of ours, filters of Tantivy's, put together as Elasticsearch's analyzers.

A tokenizer splits text here, exactly as Lucene's does. Its tokens, joined, are what Tantivy is given; there they are
split at the joints again and go through the filters. Queries, highlighting and `_analyze` go the same way, so a term
is never anything else in one place than in another.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/analysis.html
"""
