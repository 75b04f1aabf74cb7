"""What is searched for: the body of a search, laid out (es-wire §4.2)."""

from __future__ import annotations

from typing import Final

from isthmus.wire.layouts import (
    BOOL,
    BYTES,
    F32,
    GENERIC,
    OPTBOOL,
    OPTF32,
    OPTI32,
    OPTSTR,
    OPTSTRINGS,
    OPTTIME,
    OPTVINT,
    STR,
    STRINGS,
    VINT,
    Layout,
    enum,
    listing,
    named,
    optional,
    refused,
    several,
    struct,
)
from isthmus.wire.primitives import Reader, Writer
from isthmus.wire.search.aggregation_builders import AGGREGATIONS
from isthmus.wire.search.queries import QUERY, SCRIPT
from isthmus.wire.search.sorts import SORT

_FIELD_AND_FORMAT: Final = struct(field=STR, format=OPTSTR, include_unmapped=OPTBOOL)
_FETCH_SOURCE: Final = struct(fetch=BOOL, exclude_vectors=OPTBOOL, includes=STRINGS, excludes=STRINGS)
_HIGHLIGHTING: Final = struct(
    pre_tags=OPTSTRINGS,
    post_tags=OPTSTRINGS,
    fragment_size=OPTVINT,
    number_of_fragments=OPTVINT,
    encoder=OPTSTR,
    type=OPTSTR,
    fragmenter=OPTSTR,
    highlight_query=optional(QUERY),
    order=optional(enum("none", "score")),
    highlight_filter=OPTBOOL,
    boundary_scanner=optional(enum("chars", "word", "sentence")),
    boundary_max_scan=OPTVINT,
    boundary_chars=OPTSTR,
    boundary_scanner_locale=OPTSTR,
    no_match_size=OPTVINT,
    phrase_limit=OPTVINT,
    options=optional(GENERIC),
    require_field_match=OPTBOOL,
    max_analyzed_offset=OPTI32,
)
_HIGHLIGHT: Final = struct(
    common=_HIGHLIGHTING,
    explicit_order=BOOL,
    fields=listing(struct(common=_HIGHLIGHTING, name=STR, fragment_offset=VINT, matched_fields=OPTSTRINGS)),
)


def _read_stored_fields(reader: Reader) -> dict[str, object]:
    return {"fetch": True, "names": GENERIC.read(reader)} if reader.boolean() else {"fetch": False}


def _write_stored_fields(writer: Writer, value: dict[str, object]) -> None:
    writer.boolean(value["fetch"] is True)
    if value["fetch"]:
        GENERIC.write(writer, value["names"])


SOURCE: Final = struct(
    aggregations=optional(AGGREGATIONS),
    explain=OPTBOOL,
    fetch_source=optional(_FETCH_SOURCE),
    docvalue_fields=optional(listing(_FIELD_AND_FORMAT)),
    stored_fields=optional(Layout(_read_stored_fields, _write_stored_fields)),
    from_=VINT,
    highlight=optional(_HIGHLIGHT),
    indices_boost=listing(several(STR, F32)),
    min_score=OPTF32,
    post_filter=optional(QUERY),
    queries=listing(QUERY),
    rescorers=optional(listing(named("rescorer", {}))),
    script_fields=optional(listing(struct(name=STR, script=SCRIPT, ignore_failure=BOOL))),
    size=VINT,
    sorts=optional(listing(SORT)),
    stats=optional(STRINGS),
    suggest=optional(refused("[suggest]")),
    terminate_after=VINT,
    timeout=OPTTIME,
    track_scores=BOOL,
    version=OPTBOOL,
    seq_no_primary_term=OPTBOOL,
    ext=listing(named("[ext] of a search", {})),
    profile=BOOL,
    search_after=optional(listing(GENERIC)),
    slice=optional(struct(field=OPTSTR, id=VINT, max=VINT)),
    collapse=optional(struct(field=STR, max_concurrent=VINT, inner_hits=listing(refused("[inner_hits]")))),
    track_total_hits=OPTI32,
    fields=optional(listing(_FIELD_AND_FORMAT)),
    point_in_time=optional(struct(id=BYTES, keep_alive=OPTTIME)),
    runtime_mappings=GENERIC,
    knn=listing(refused("[knn]")),
    rank=optional(named("[rank]", {})),
    skip_inner_hits=BOOL,
)
"""Negative `from_` and `size` are unset; `track_total_hits` -1 is false, 2147483647 true."""
