"""A document's index is found by its name, or made where that is allowed."""

from __future__ import annotations

import pytest

from isthmus.index.metadata.errors import IndexNotFoundError
from tests.cluster.indices.state import OneNode


async def allow(node: OneNode, value: str) -> None:
    await node.settings.update({"persistent": {"action.auto_create_index": value}})


async def test_a_document_makes_its_index_once(node: OneNode) -> None:
    made = await node.indices.write_index("logs")
    assert await node.indices.write_index("logs") == made
    assert node.indices.read_index("logs") == made


async def test_of_two_documents_that_make_an_index_at_once_both_have_it(node: OneNode) -> None:
    async def another() -> None:
        await node.another().indices.write_index("logs")

    node.before_commit = another
    found = await node.indices.write_index("logs")
    assert node.catalogue.indices == {"logs": found}


@pytest.mark.parametrize("value", ["false", "+books*", "-logs*,+*", "books"])
async def test_a_document_makes_no_index_that_the_administrator_does_not_allow(node: OneNode, value: str) -> None:
    await allow(node, value)
    with pytest.raises(IndexNotFoundError, match=r"no such index \[logs\] and \[action.auto_create_index\]"):
        await node.indices.write_index("logs")
    assert node.catalogue.indices == {}


@pytest.mark.parametrize("value", ["true", "+logs*,-*", "logs", "*"])
async def test_patterns_allow_what_the_first_that_fits_allows(node: OneNode, value: str) -> None:
    await allow(node, value)
    assert (await node.indices.write_index("logs")).name == "logs"


async def test_the_template_of_an_index_has_the_last_word(node: OneNode) -> None:
    await node.put_template("yes", index_patterns=["yes*"], allow_auto_create=True)
    await node.put_template("no", index_patterns=["no*"], allow_auto_create=False)
    await allow(node, "false")
    assert (await node.indices.write_index("yes-1")).name == "yes-1"
    await allow(node, "true")
    with pytest.raises(IndexNotFoundError, match="allow_auto_create"):
        await node.indices.write_index("no-1")


async def test_what_needs_no_index_makes_none(node: OneNode) -> None:
    with pytest.raises(IndexNotFoundError):
        await node.indices.write_index("logs", make=False)
    await node.create("logs")
    assert (await node.indices.write_index("logs", make=False)).name == "logs"


async def test_a_request_that_requires_an_alias_takes_no_index(node: OneNode) -> None:
    await node.create("books", aliases={"library": {}})
    assert (await node.indices.write_index("library", require_alias=True)).name == "books"
    for name in ("books", "absent"):
        with pytest.raises(IndexNotFoundError, match="require_alias"):
            await node.indices.write_index(name, require_alias=True)
    assert set(node.catalogue.indices) == {"books"}
