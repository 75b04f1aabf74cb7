"""Elasticsearch's own client does its work on indices unmodified."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError, NotFoundError

from tests.rest.indices.conftest import Asking
from tests.security.doubles import PASSWORD


@pytest.fixture
async def client(ask: Asking) -> AsyncIterator[AsyncElasticsearch]:
    async with AsyncElasticsearch(ask.base, basic_auth=("elastic", PASSWORD)) as client:
        yield client


async def test_the_life_of_an_index(client: AsyncElasticsearch) -> None:
    await client.cluster.put_component_template(name="base", template={"settings": {"index": {"hidden": False}}})
    await client.indices.put_index_template(name="t", index_patterns=["logs-*"], composed_of=["base"], priority=1)
    await client.indices.create(index="logs-1", mappings={"properties": {"n": {"type": "long"}}}, aliases={"logs": {}})
    await client.indices.put_mapping(index="logs-1", properties={"t": {"type": "text"}})
    await client.indices.put_settings(index="logs-*", settings={"max_result_window": 20_000})
    assert set((await client.indices.get_mapping(index="logs"))["logs-1"]["mappings"]["properties"]) == {"n", "t"}
    settings = (await client.indices.get_settings(index="logs-1", name="index.max_*"))["logs-1"]["settings"]
    assert settings == {"index": {"max_result_window": "20000"}}
    await client.indices.update_aliases(actions=[{"add": {"index": "logs-1", "alias": "other"}}])
    assert set((await client.indices.get_alias(index="logs-1"))["logs-1"]["aliases"]) == {"logs", "other"}
    assert await client.indices.exists_alias(name="other")
    assert await client.indices.exists_index_template(name="t")
    await client.indices.refresh(index="logs-1")
    assert (await client.indices.stats(index="logs-1", metric="docs"))["_all"]["total"] == {
        "docs": {"count": 0, "deleted": 0}
    }
    assert (await client.cluster.health(index="logs-1", wait_for_status="green"))["status"] == "green"
    assert (await client.cat.indices(index="logs-1", format="json", h="index")).body == [{"index": "logs-1"}]
    assert (await client.indices.resolve_index(name="logs*"))["aliases"] == [{"name": "logs", "indices": ["logs-1"]}]
    assert set((await client.field_caps(index="logs-1", fields="*"))["fields"]) >= {"n", "t"}
    assert (await client.indices.analyze(analyzer="simple", text="A b"))["tokens"][1]["token"] == "b"
    await client.indices.delete(index="logs-1")
    assert not await client.indices.exists(index="logs-1")


async def test_errors_are_those_that_the_client_knows(client: AsyncElasticsearch) -> None:
    with pytest.raises(NotFoundError) as missing:
        await client.indices.get(index="absent")
    assert missing.value.info["error"]["resource.id"] == "absent"
    await client.indices.create(index="logs")
    with pytest.raises(BadRequestError, match="resource_already_exists_exception"):
        await client.indices.create(index="logs")
