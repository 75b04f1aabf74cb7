"""`highlight` from JSON: fields as an object or a list, each with options of its own over those of all.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/highlighting.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from isthmus.errors import UsageError
from isthmus.query.aggregations.buckets import ParseQuery
from isthmus.query.json_object import JsonObject
from isthmus.query.mistakes import ParsingError, XContentParseError, shown, token_of
from isthmus.query.search_request import HighlightField

MAX_FIELDS: Final = 1024
MAX_FRAGMENTS: Final = 1024
MAX_TAGS: Final = 100
ORDERS: Final = ("score", "none")
STYLED: Final = tuple(f'<em class="hlt{number}">' for number in range(1, 11))
REFUSED: Final = (
    *("boundary_chars", "boundary_max_scan", "boundary_scanner", "boundary_scanner_locale", "force_source"),
    *("fragment_offset", "fragmenter", "matched_fields", "max_analyzed_offset", "options", "phrase_limit"),
)


def parse_highlight(value: Any, parse_query: ParseQuery) -> tuple[HighlightField, ...]:
    """Return how each field is highlighted. Raises a UsageError that names what is wrong or not supported."""
    json = JsonObject(value, "highlight")
    common = _options(json, HighlightField(pattern="*"), parse_query)
    fields = _named(json.json("fields"))
    json.end()
    return tuple(_field(name, options, common, parse_query) for name, options in fields)


def _named(value: Any) -> list[tuple[str, Any]]:
    objects = value if isinstance(value, list) else [{} if value is None else value]
    for one in objects:
        if not isinstance(one, Mapping):
            raise XContentParseError(f"[highlight] fields doesn't support values of type: {token_of(one)}")
    named = [pair for one in objects for pair in one.items()]
    if len(named) > MAX_FIELDS:
        raise UsageError(f"[highlight] has more than {MAX_FIELDS} fields")
    return named


def _field(name: str, value: Any, common: HighlightField, parse_query: ParseQuery) -> HighlightField:
    if not name:
        raise ParsingError("[highlight] has a field without a name")
    json = JsonObject(value, f"highlight.fields.{shown(name)}")
    options = _options(json, common, parse_query, pattern=name)
    json.end()
    return options


def _options(
    json: JsonObject, default: HighlightField, parse_query: ParseQuery, *, pattern: str = "*"
) -> HighlightField:
    json.refuse(*REFUSED)
    kind = json.text("type")
    if kind not in (None, "unified"):
        raise UsageError(f"highlighter type [{shown(kind)}] is not supported", hint="use [unified]")
    pre_tags, post_tags = _tags(json, default)
    return HighlightField(
        pattern=pattern,
        pre_tags=pre_tags,
        post_tags=post_tags,
        fragment_size=json.integer("fragment_size", default.fragment_size),
        number_of_fragments=json.integer("number_of_fragments", default.number_of_fragments, maximum=MAX_FRAGMENTS),
        no_match_size=json.integer("no_match_size", default.no_match_size),
        order_by_score=json.choice("order", ORDERS, ORDERS[not default.order_by_score]) == "score",
        require_field_match=json.boolean("require_field_match", default=default.require_field_match),
        encoder="html" if json.choice("encoder", ("default", "html"), default.encoder) == "html" else "default",
        highlight_query=json.read("highlight_query", parse_query, default.highlight_query),
    )


def _tags(json: JsonObject, default: HighlightField) -> tuple[tuple[str, ...], tuple[str, ...]]:
    schema = json.choice("tags_schema", ("styled", "default"), "") if "tags_schema" in json else ""
    pre_tags, post_tags = json.texts("pre_tags"), json.texts("post_tags")
    if pre_tags and not post_tags:
        raise UsageError("pre_tags are set but post_tags are not set")
    if max(len(pre_tags), len(post_tags)) > MAX_TAGS:
        raise UsageError(f"[highlight] has more than {MAX_TAGS} tags")
    named = {"styled": (STYLED, ("</em>",)), "default": (("<em>",), ("</em>",))}
    otherwise = named.get(schema, (default.pre_tags, default.post_tags))
    return pre_tags or otherwise[0], post_tags or otherwise[1]
