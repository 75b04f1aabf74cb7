"""Lines of a bulk request that are alike."""

from __future__ import annotations

import pytest

from isthmus.rest.documents.bulk_body import BulkRefusedError, Defaults, parse_bulk


def test_documents_under_the_same_line_are_each_their_own() -> None:
    items = parse_bulk(b'{"index":{"_index":"a"}}\n{"x":1}\n' * 3 + b'{"index":{"_index":"b"}}\n{"x":2}\n', Defaults())

    assert [(one.index, one.item.source) for one in items] == [("a", b'{"x":1}')] * 3 + [("b", b'{"x":2}')]
    assert len({one.item.id for one in items}) == 4


def test_a_line_after_others_means_what_it_means_alone() -> None:
    body = (
        b'{"index":{"_id":"1"}}\n{"x":1}\n{"delete":{"_id":"1"}}\n{"delete":{"_id":"1"}}\n{"index":{"_id":"1"}}\n{}\n'
    )

    items = parse_bulk(body, Defaults(index="a"))

    assert [one.item.kind for one in items] == ["index", "delete", "delete", "index"]


def test_a_wrong_line_after_right_ones_is_named() -> None:
    with pytest.raises(BulkRefusedError, match=r"line \[5\]"):
        parse_bulk(b'{"index":{}}\n{}\n' * 2 + b'{"put":{}}\n{}\n', Defaults(index="a"))


def test_an_item_that_is_given_an_id_is_made_and_told_of_as_it_was_asked_for() -> None:
    (item,) = parse_bulk(b'{"index":{}}\n{"x":1}\n', Defaults(index="a"))

    assert (item.action, item.item.kind) == ("index", "create")
