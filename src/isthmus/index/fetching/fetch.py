"""Chosen hits, with their documents from the ledger, become the hits of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import tantivy

from isthmus.index.fetching.explaining import explanation
from isthmus.index.fetching.highlighting import Highlighter
from isthmus.index.fetching.named import matched_queries
from isthmus.index.fetching.source_filtering import filtered
from isthmus.index.fetching.values import docvalue_fields_of, fields_of
from isthmus.index.fetching.view import Chosen, FetchView
from isthmus.index.ledger.operation import StoredDocument
from isthmus.index.mapping.parsed import ParsedDocument
from isthmus.query.partial import Hit
from isthmus.query.search_request import SearchRequest
from isthmus.query.source_filter import FieldAsked


def fetch(
    view: FetchView, request: SearchRequest, chosen: Sequence[Chosen], documents: Mapping[int, StoredDocument]
) -> list[Hit]:
    """The hits for `chosen`, in their order; `documents` holds each one's by its sequence number."""
    queries = [request.query, *([request.post_filter] if request.post_filter is not None else [])]
    numbers = [one.seq_no for one in chosen]
    names = matched_queries(view.searcher, view.schema, view.translate, queries, numbers)
    fetching = Fetching(view, request)
    return [fetching.hit(one, documents[one.seq_no], names.get(one.seq_no, ())) for one in chosen]


class Fetching:
    """One request's way of showing hits; what all hits need is made once."""

    def __init__(self, view: FetchView, request: SearchRequest) -> None:
        self.view = view
        self.request = request
        self.query: tantivy.Query | None = view.translate(request.query) if request.explain else None
        self.highlighter = Highlighter(view, request) if request.highlight else None

    def hit(self, chosen: Chosen, document: StoredDocument, names: tuple[str, ...]) -> Hit:
        request = self.request
        parsed = self.view.parse(document.source) if self.needs_parsing(document.source) else ParsedDocument()
        visible = document.source if self.view.visible is None else self.view.visible(document.source)
        source = msgspec.json.decode(visible) if self.needs_source else {}
        return Hit(
            index=self.view.index,
            id=document.id,
            score=chosen.score,
            sort=chosen.sort,
            sort_shown=chosen.sort_shown,
            shard_doc=chosen.shard_doc,
            collapse_key=chosen.collapse_key,
            source=self.source(visible),
            version=document.version if request.version else None,
            seq_no=document.seq_no if request.seq_no_primary_term else None,
            primary_term=document.primary_term if request.seq_no_primary_term else None,
            routing=None if request.stored_fields_none else document.routing,
            fields=self.fields(parsed, source),
            highlight=self.highlighter.highlight(source) if self.highlighter else None,
            explanation=self.explanation(chosen),
            ignored=() if request.stored_fields_none else tuple(sorted(parsed.ignored)),
            matched_queries=names,
        )

    def needs_parsing(self, source: bytes) -> bool:
        request = self.request
        if request.fields or request.docvalue_fields or request.collapse:
            return True
        return not request.stored_fields_none and self.view.may_ignore(source)

    @property
    def needs_source(self) -> bool:
        return bool(self.request.fields or self.request.highlight)

    def source(self, source: bytes) -> bytes | None:
        """The source as asked for. Without stored fields it is shown only to those who ask for it."""
        if self.request.stored_fields_none and not self.request.source_given:
            return None
        return filtered(source, self.request.source)

    def fields(self, parsed: ParsedDocument, source: dict[str, Any]) -> dict[str, list[Any]] | None:
        asked = list(self.request.docvalue_fields)
        if self.request.collapse is not None:
            asked.append(FieldAsked(self.request.collapse.field))
        found = docvalue_fields_of(self.view, parsed, asked)
        found |= fields_of(self.view, parsed, source, self.request.fields)
        return found or None

    def explanation(self, chosen: Chosen) -> dict[str, Any] | None:
        if self.query is None:
            return None
        return explanation(self.query, self.view.searcher, chosen.address, chosen.score)
