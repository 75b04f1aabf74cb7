"""What names mean, what fields can do, what analysis makes of a text.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-field-caps.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from isthmus.cluster.indices.creation import Indices
from isthmus.errors import UsageError
from isthmus.index.analysis.analyzer import Analyzer
from isthmus.index.analysis.analyzers import Analyzers
from isthmus.index.analysis.offsets import utf16_offsets
from isthmus.index.mapping.field import Field
from isthmus.index.mapping.mapping import Mapping as IndexMapping
from isthmus.index.metadata.index_settings import flatten
from isthmus.index.shard.shard import mapping_of
from isthmus.query.mistakes import ValidationError, XContentParseError
from isthmus.remote.outgoing.looking import OtherIndices
from isthmus.rest.answers import Json
from isthmus.rest.index_options import PARAMETERS, options
from isthmus.rest.indices.body import json_body
from isthmus.rest.routing import Request, Route
from isthmus.search.capabilities import fields_of, merged
from isthmus.search.naming import Named, NamedIndex, named

CAPS_PARAMETERS = (*PARAMETERS, "fields", "include_unmapped", "filters", "types")
ANALYZE_KEYS = ("analyzer", "field", "filter", "text", "tokenizer")
MAX_TOKENS = 10_000


def routes(indices: Indices, others: OtherIndices) -> tuple[Route, ...]:
    """Return the routes; `others` knows the indices of other clusters."""
    caps, analyze = partial(field_caps, indices, others), partial(analyse, indices)
    return (
        *(
            Route(
                method,  # clients of 9.x post
                "/_resolve/index/{name}",
                "indices:admin/resolve/index",
                partial(resolve_index, indices, others),
                PARAMETERS,
            )
            for method in ("GET", "POST")
        ),
        *(
            Route(method, path, "indices:data/read/field_caps", caps, CAPS_PARAMETERS, takes_body=True)
            for method in ("GET", "POST")
            for path in ("/_field_caps", "/{index}/_field_caps")
        ),
        *(
            Route(method, path, "indices:admin/analyze", analyze, takes_body=True)
            for method in ("GET", "POST")
            for path in ("/_analyze", "/{index}/_analyze")
        ),
    )


async def resolve_index(indices: Indices, others: OtherIndices, request: Request) -> Json:
    """`GET /_resolve/index/{name}`."""
    expression, given = request.variables["name"], options(request.parameters)
    meant = others.split(expression)
    elsewhere = await others.named(meant, given)
    found = [Named([], [])]
    if meant.local is not None:
        resolved = indices.catalogue.resolve(meant.local, given)
        found = [named(meant.local, resolved, indices.catalogue.indices)]
    return Json(
        {
            "indices": [_index(one) for part in (*found, *elsewhere) for one in part.indices],
            "aliases": [
                {"name": one.name, "indices": list(one.indices)}
                for part in (*found, *elsewhere)
                for one in part.aliases
            ],
            "data_streams": [],
        }
    )


def _index(index: NamedIndex) -> dict[str, Any]:
    aliases = {"aliases": list(index.aliases)} if index.aliases else {}
    return {"name": index.name, **aliases, "attributes": list(index.attributes)}


async def field_caps(indices: Indices, others: OtherIndices, request: Request) -> Json:
    """`_field_caps`: of each field its types, and whether it can be searched and aggregated."""
    fields = _fields_asked(request)
    given = options(request.parameters)
    include_unmapped = request.parameters.boolean("include_unmapped")
    meant = others.split(request.variables.get("index", "_all"))
    elsewhere, failures = await others.fields(meant, given, fields)
    found = [] if meant.local is None else indices.catalogue.resolve(meant.local, given)
    told = [*(fields_of(one, fields) for one in found), *elsewhere]
    body: dict[str, Any] = {"indices": [one.index for one in told]}
    if failures:
        body |= {"failed_indices": len(failures), "failures": failures}
    return Json(body | {"fields": merged(told, include_unmapped=include_unmapped)})


def _fields_asked(request: Request) -> list[str]:
    body = json_body(request.body, default={})
    if not isinstance(body, Mapping):
        raise XContentParseError("the request's body is no object")
    unknown = [key for key in body if key != "fields"]
    if unknown:
        raise UsageError(f"[{str(unknown[0])[:50]}] of _field_caps is not supported")
    for name in ("filters", "types"):
        if request.parameters.text(name):
            raise UsageError(f"[{name}] of _field_caps is not supported")
    fields = request.parameters.texts("fields") or _texts(body.get("fields", []))
    if not fields:
        raise ValidationError("Validation Failed: 1: no fields specified;")
    return fields


async def analyse(indices: Indices, request: Request) -> Json:
    """`_analyze`: the tokens of a text."""
    body = json_body(request.body)
    if not isinstance(body, Mapping):
        raise XContentParseError("the request's body is no object")
    unknown = [key for key in body if key not in ANALYZE_KEYS]
    if unknown:
        raise UsageError(f"[{str(unknown[0])[:50]}] of _analyze is not supported")
    name = request.variables.get("index")
    mapping = None if name is None else mapping_of(indices.catalogue.one_to_read(name))
    analyzer = _analyzer(body, mapping)
    texts = _texts(body.get("text", []))
    if not texts:
        raise ValidationError("Validation Failed: 1: text is missing;")
    tokens: list[dict[str, Any]] = []
    position, offset = 0, 0
    for text in texts:
        found = analyzer.tokens(text)
        at = utf16_offsets(text)
        tokens += [
            {
                "token": one.token,
                "start_offset": at[one.start_offset] + offset,
                "end_offset": at[one.end_offset] + offset,
                "type": one.type,
                "position": one.position + position,
            }
            for one in found
        ]
        position += (found[-1].position + 1 if found else 0) + 100
        offset += at[len(text)] + 1
    if len(tokens) > MAX_TOKENS:
        raise UsageError(
            f"The number of tokens produced by calling _analyze has exceeded the allowed maximum of [{MAX_TOKENS}]."
        )
    return Json({"tokens": tokens})


def _analyzer(body: Mapping[str, Any], mapping: IndexMapping | None) -> Analyzer:
    analyzers = Analyzers() if mapping is None else mapping.analyzers
    for whole, called in (("analyzer", "named"), ("field", "field-specific")):
        if whole in body and ("tokenizer" in body or "filter" in body):
            raise ValidationError(f"Validation Failed: 1: cannot define extra components on a {called} analyzer;")
    if "field" in body:
        field = None if mapping is None else mapping.field(str(body["field"]))
        if mapping is None:
            raise UsageError("analyzing by [field] needs an index in the path")
        return _analyzer_of(field, analyzers)
    if "tokenizer" in body or "filter" in body:
        return _assembled(body, analyzers)
    return analyzers.get(str(body.get("analyzer", analyzers.default)))


def _analyzer_of(field: Field | None, analyzers: Analyzers) -> Analyzer:
    if field is None:
        return analyzers.get(analyzers.default)
    if field.type not in ("text", "keyword"):
        raise UsageError(
            f"Can't process field [{field.path}], Analysis requests are only supported on tokenized fields"
        )
    return analyzers.get(field.analyzer if field.type == "text" else "keyword")


def _assembled(body: Mapping[str, Any], analyzers: Analyzers) -> Analyzer:
    """An analyzer of parts: each a name, or defined in its place as in an index's settings."""
    given = body.get("filter", [])
    parts = [("tokenizer", body.get("tokenizer", "keyword"))]
    parts += [("filter", one) for one in (given if isinstance(given, list) else [given])]
    defined: dict[str, Any] = {"tokenizer": {}, "filter": {}}
    names: list[str] = []
    for number, (kind, part) in enumerate(parts):
        if not isinstance(part, str | Mapping):
            raise UsageError(f"a [{kind}] is a name or an object")
        names.append(part if isinstance(part, str) else f"_anonymous_{kind}_{number}")
        if isinstance(part, Mapping):
            defined[kind][names[-1]] = part
    return analyzers.with_more(flatten({"analysis": defined})).assembled(names[0], names[1:])


def _texts(value: object) -> list[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UsageError("a text or a list of texts is expected")
    return listed
