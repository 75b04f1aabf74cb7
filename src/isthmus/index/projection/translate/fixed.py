"""What all documents of an index share: its name, and the value of a constant_keyword."""

from __future__ import annotations

import re

import tantivy

from isthmus.index.mapping.field import Field
from isthmus.index.projection.translate.combining import constant, nothing
from isthmus.index.projection.translate.surroundings import QueryShardError, Surroundings
from isthmus.query import tree

SHARED = ("_id", "_index")
"""Metadata fields that are no part of a mapping and hold one exact value of each document."""


def refuse_shared(field: str, kind: str) -> None:
    """Raise QueryShardError for a kind of query that neither the id nor the index's name can be asked."""
    if field not in SHARED:
        return
    only = {"fuzzy": "keyword and text", "regexp": "keyword and text", "phrase prefix": "text"}.get(kind)
    if only is None:
        raise QueryShardError(f"Field [{field}] of type [{field}] does not support {kind} queries")
    raise QueryShardError(
        f"failed to create query: Can only use {kind} queries on {only} fields - not on [{field}] which is of type "
        f"[{field}]"
    )


def whole_index(pattern: str, boost: float, around: Surroundings) -> tantivy.Query:
    """Return every document if the index's name matches a pattern of `*`, none otherwise."""
    return _all_or_none(_fits(pattern, around.index_name), boost)


def in_constant_keyword(mapped: Field, value: str, boost: float, *, case_insensitive: bool = False) -> tantivy.Query:
    """Return every document if the field's one value is `value`."""
    own = mapped.value
    same = own is not None and (own == value or (case_insensitive and own.casefold() == value.casefold()))
    return _all_or_none(same, boost)


def like_constant_keyword(mapped: Field, query: tree.Prefix | tree.Wildcard | tree.Regexp) -> tantivy.Query:
    """Return every document if the field's one value matches a prefix or a pattern."""
    if isinstance(query, tree.Regexp):
        raise QueryShardError(f"regexp queries on [{mapped.path}] of type [constant_keyword] are not supported")
    if mapped.value is None:
        return nothing()
    own, value = mapped.value, query.value
    if query.case_insensitive:
        own, value = own.lower(), value.lower()
    fits = own.startswith(value) if isinstance(query, tree.Prefix) else _fits(value, own)
    return _all_or_none(fits, query.boost)


def _fits(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in re.sub(r"\*+", "*", pattern))
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _all_or_none(matches: bool, boost: float) -> tantivy.Query:
    return constant(tantivy.Query.all_query(), boost) if matches else nothing()
