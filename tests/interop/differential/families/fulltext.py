"""Full-text queries, analysis, highlighting."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked, queries, searches

_ON_PROSE: dict[str, Any] = {
    "match": {"match": {"text": "silent mountain"}},
    "match one word": {"match": {"text": "wanderer mountain"}},
    "match with and": {"match": {"text": {"query": "silent mountain river", "operator": "and"}}},
    "match with minimum_should_match": {
        "match": {"text": {"query": "river of golden storms", "minimum_should_match": 3}}
    },
    "match with minimum_should_match in percent": {
        "match": {"text": {"query": "river golden storms weary", "minimum_should_match": "60%"}}
    },
    "match with a repeated word": {"match": {"text": "river river mountain"}},
    "match with fuzziness AUTO": {"match": {"text": {"query": "montain rivar", "fuzziness": "AUTO"}}},
    "match with fuzziness 1 and prefix_length": {
        "match": {"text": {"query": "gardem", "fuzziness": 1, "prefix_length": 2}}
    },
    "match with max_expansions": {"match": {"text": {"query": "hause", "fuzziness": 2, "max_expansions": 3}}},
    "match of nothing": {"match": {"text": ""}},
    "match of nothing, all": {"match": {"text": {"query": "", "zero_terms_query": "all"}}},
    "match of punctuation": {"match": {"text": "!!! ..."}},
    "match with boost": {"match": {"text": {"query": "weary captain", "boost": 2.5}}},
    "match with another analyzer": {"match": {"text": {"query": "Weary", "analyzer": "keyword"}}},
    "match with the whitespace analyzer": {"match": {"text": {"query": "weary captain", "analyzer": "whitespace"}}},
    "match on a keyword": {"match": {"author": "nobody"}},
    "match on a number": {"match": {"chapter": 12}},
    "match on a number in words": {"match": {"chapter": "twelve"}},
    "match on a number in words, lenient": {"match": {"chapter": {"query": "twelve", "lenient": True}}},
    "match_phrase": {"match_phrase": {"text": "of the"}},
    "match_phrase of three": {"match_phrase": {"text": "in the and"}},
    "match_phrase with slop": {"match_phrase": {"text": {"query": "river house", "slop": 4}}},
    "match_phrase with slop, reversed": {"match_phrase": {"text": {"query": "house river", "slop": 3}}},
    "match_phrase of one word": {"match_phrase": {"text": "mountain"}},
    "match_phrase of nothing": {"match_phrase": {"text": ""}},
    "match_phrase on a title": {"match_phrase": {"title": "river mountain"}},
    "match_phrase on a keyword": {"match_phrase": {"author": "nobody"}},
    "match_phrase_prefix": {"match_phrase_prefix": {"text": "the sil"}},
    "match_phrase_prefix of one": {"match_phrase_prefix": {"text": "moun"}},
    "match_phrase_prefix with slop": {"match_phrase_prefix": {"text": {"query": "river gard", "slop": 2}}},
    "match_phrase_prefix with max_expansions": {
        "match_phrase_prefix": {"text": {"query": "the s", "max_expansions": 2}}
    },
    "match_bool_prefix": {"match_bool_prefix": {"text": "silent mount"}},
    "match_bool_prefix with and": {"match_bool_prefix": {"text": {"query": "weary cap", "operator": "and"}}},
    "multi_match best_fields": {"multi_match": {"query": "river mountain", "fields": ["title", "text"]}},
    "multi_match with boosts": {"multi_match": {"query": "river mountain", "fields": ["title^3", "text"]}},
    "multi_match with tie_breaker": {
        "multi_match": {"query": "river mountain", "fields": ["title", "text"], "tie_breaker": 0.3}
    },
    "multi_match most_fields": {
        "multi_match": {"query": "river mountain", "fields": ["title", "text"], "type": "most_fields"}
    },
    "multi_match cross_fields": {
        "multi_match": {"query": "river stories", "fields": ["title", "text"], "type": "cross_fields"}
    },
    "multi_match cross_fields and": {
        "multi_match": {
            "query": "river stories", "fields": ["title", "text"], "type": "cross_fields", "operator": "and"
        }
    },
    "multi_match phrase": {"multi_match": {"query": "of the", "fields": ["title", "text"], "type": "phrase"}},
    "multi_match phrase_prefix": {
        "multi_match": {"query": "the riv", "fields": ["title", "text"], "type": "phrase_prefix"}
    },
    "multi_match bool_prefix": {
        "multi_match": {"query": "silent riv", "fields": ["title", "text"], "type": "bool_prefix"}
    },
    "multi_match with a pattern": {"multi_match": {"query": "river", "fields": ["t*"]}},
    "multi_match with fuzziness": {
        "multi_match": {"query": "rivar", "fields": ["title", "text"], "fuzziness": "AUTO"}
    },
    "multi_match on unmapped fields": {"multi_match": {"query": "river", "fields": ["nothing"]}},
    "query_string word": {"query_string": {"query": "mountain", "default_field": "text"}},
    "query_string and": {"query_string": {"query": "silent AND mountain", "default_field": "text"}},
    "query_string or not": {"query_string": {"query": "silent OR weary NOT river", "default_field": "text"}},
    "query_string plus minus": {"query_string": {"query": "+silent -river mountain", "default_field": "text"}},
    "query_string groups": {"query_string": {"query": "(silent OR weary) AND captain", "default_field": "text"}},
    "query_string phrase": {"query_string": {"query": "\"of the\"", "default_field": "text"}},
    "query_string phrase with slop": {"query_string": {"query": "\"river house\"~3", "default_field": "text"}},
    "query_string fields": {"query_string": {"query": "title:river AND text:captain"}},
    "query_string boosts": {"query_string": {"query": "river^3 captain", "default_field": "text"}},
    "query_string prefix": {"query_string": {"query": "moun*", "default_field": "text"}},
    "query_string wildcard": {"query_string": {"query": "m?unt*n", "default_field": "text"}},
    "query_string regexp": {"query_string": {"query": "/moun.+/", "default_field": "text"}},
    "query_string fuzzy": {"query_string": {"query": "montain~1", "default_field": "text"}},
    "query_string range": {"query_string": {"query": "chapter:[3 TO 5}"}},
    "query_string open range": {"query_string": {"query": "chapter:>=38"}},
    "query_string exists": {"query_string": {"query": "_exists_:author"}},
    "query_string all": {"query_string": {"query": "*:*"}},
    "query_string default_operator": {
        "query_string": {"query": "silent river", "default_field": "text", "default_operator": "AND"}
    },
    "query_string several fields": {"query_string": {"query": "river captain", "fields": ["title^2", "text"]}},
    "query_string every field": {"query_string": {"query": "river", "lenient": True}},
    "query_string escaped": {"query_string": {"query": "silent\\-mountain", "default_field": "text"}},
    "query_string broken": {"query_string": {"query": "silent AND (", "default_field": "text"}},
    "simple_query_string": {"simple_query_string": {"query": "silent mountain", "fields": ["text"]}},
    "simple_query_string signs": {
        "simple_query_string": {"query": "+silent | weary -river", "fields": ["text"], "default_operator": "and"}
    },
    "simple_query_string phrase": {"simple_query_string": {"query": "\"of the\" captain", "fields": ["text"]}},
    "simple_query_string prefix": {"simple_query_string": {"query": "moun*", "fields": ["text"]}},
    "simple_query_string fuzzy": {"simple_query_string": {"query": "montain~1", "fields": ["text"]}},
    "simple_query_string broken": {"simple_query_string": {"query": "(silent \"mountain", "fields": ["text"]}},
    "simple_query_string with flags": {
        "simple_query_string": {"query": "moun* | river", "fields": ["text"], "flags": "OR|AND"}
    },
}  # fmt: skip

_ON_EDGE: dict[str, Any] = {
    "text is folded": {"match": {"text": "ångström"}},
    "ß is not folded": {"match": {"text": "grösse"}},
    "ideographs are words": {"match": {"text": "東"}},
    "katakana is one word": {"match": {"text": "タワー"}},
    "hangul": {"match": {"text": "서울"}},
    "emoji": {"match": {"text": "🚀"}},
    "an address is two words": {"match": {"text": "example.com"}},
    "apostrophe": {"match": {"text": "o'neil"}},
    "decimal": {"match": {"text": "3.14"}},
    "thousands": {"match": {"text": "1,000"}},
    "underscore": {"match": {"text": "foo_bar"}},
    "hyphen": {"match_phrase": {"text": "wi fi"}},
    "phrase across values": {"match_phrase": {"text": "two three"}},
    "phrase across values with slop": {"match_phrase": {"text": {"query": "two three", "slop": 101}}},
    "phrase with case and punctuation": {"match_phrase": {"text": "QUICK the, fox"}},
    "frequency": {"match": {"text": "fox"}},
}

_HIGHLIGHTED = {"match": {"text": "river mountain"}}
_HIGHLIGHTS: dict[str, Any] = {
    "plain request": {"fields": {"text": {}}},
    "tags": {"fields": {"text": {}}, "pre_tags": ["<b>"], "post_tags": ["</b>"]},
    "fragments": {"fields": {"text": {"fragment_size": 60, "number_of_fragments": 2}}},
    "whole": {"fields": {"text": {"number_of_fragments": 0}}},
    "by score": {"fields": {"text": {"number_of_fragments": 3}}, "order": "score"},
    "no_match": {"fields": {"title": {"no_match_size": 20}}},
    "other fields": {"fields": {"title": {}, "text": {}}, "require_field_match": False},
    "pattern": {"fields": {"t*": {}}},
    "html": {"fields": {"text": {}}, "encoder": "html"},
    "own query": {"fields": {"text": {"highlight_query": {"match": {"text": "garden"}}}}},
}
_MARKED_QUERIES: dict[str, Any] = {
    "phrase": {"match_phrase": {"text": "of the"}},
    "prefix": {"prefix": {"text": "moun"}},
    "wildcard": {"wildcard": {"text": "r?ver"}},
    "fuzzy": {"match": {"text": {"query": "montain", "fuzziness": 1}}},
    "bool with must_not": {"bool": {"must": {"match": {"text": "river"}}, "must_not": {"match": {"text": "weary"}}}},
    "query_string": {"query_string": {"query": "silent OR gard*", "default_field": "text"}},
}


def _highlighting() -> dict[str, Any]:
    by_option = {
        name: {"query": _HIGHLIGHTED, "highlight": how, "_source": False, "sort": ["chapter", {"_score": "desc"}]}
        for name, how in _HIGHLIGHTS.items()
    }
    by_query = {
        f"of {name}": {"query": tree, "highlight": {"fields": {"text": {}}}, "_source": False, "size": 5}
        for name, tree in _MARKED_QUERIES.items()
    }
    return {**by_option, **by_query}


def _analysis() -> list[Asked]:
    text = "The QUICK brown-foxes jumped over O'Neil's 3.14 wi_fi tables, 東京 🚀!"
    bodies: dict[str, Any] = {
        **{name: {"analyzer": name, "text": text} for name in ("standard", "simple", "whitespace", "keyword", "stop")},
        "english": {"analyzer": "english", "text": text},
        "german": {"analyzer": "german", "text": "die Häuser der großen Städte"},
        "french": {"analyzer": "french", "text": "les maisons de l'été"},
        "several texts": {"analyzer": "standard", "text": ["one two", "three"]},
        "by parts": {"tokenizer": "standard", "filter": ["lowercase"], "text": text},
        "asciifolding": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding"], "text": "Größe café"},
        "stop filter": {"tokenizer": "whitespace", "filter": ["lowercase", "stop"], "text": "The end of the line"},
        "unknown analyzer": {"analyzer": "nobody", "text": "x"},
        "unknown filter": {"tokenizer": "standard", "filter": ["nobody"], "text": "x"},
        "without text": {"analyzer": "standard"},
    }
    asked = [Asked(f"analysis/{name}", "POST", "/_analyze", body) for name, body in bodies.items()]
    field = {"field": "text", "text": "Quick FOX"}
    return [*asked, Asked("analysis/of a field", "POST", "/edge/_analyze", field)]


_ENGLISH: dict[str, Any] = {
    "a stem": {"match": {"text": "walks"}},
    "a plural": {"match": {"text": "house"}},
    "a stop word": {"match": {"text": "the"}},
    "a phrase with a stop word": {"match_phrase": {"text": "houses of the garden"}},
    "the plain field": {"match": {"text.plain": "houses"}},
}

REQUESTS: list[Asked] = [
    *queries("fulltext", "prose", _ON_PROSE),
    *queries("words", "edge", _ON_EDGE),
    *queries("english", "english", _ENGLISH),
    *searches("highlight", "prose", _highlighting()),
    *_analysis(),
]
