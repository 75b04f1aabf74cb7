"""The index that is searched, and how a node is brought back to having nothing else."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch

from isthmus.demo.nodes import NodeProcess
from tests.live.fuzzing.language import MAPPING, document
from tests.live.site import Site

DOCUMENTS = 120
_BLOCKS = {f"index.blocks.{one}": False for one in ("read_only", "metadata", "write", "read")}


def populate(site: Site, node: NodeProcess) -> None:
    """Make the index `docs`, and its alias `all`."""
    with site.client(node) as client:
        _make(client)


def reset(site: Site, node: NodeProcess) -> None:
    """Delete everything that requests made, settings too, and make the index anew."""
    with site.client(node) as client:
        client.cluster.put_settings(persistent={"*": None}, transient={"*": None})
        for name in client.indices.get_alias(expand_wildcards="all").body:
            client.indices.put_settings(index=name, settings=_BLOCKS)
            client.indices.delete(index=name)
        for found in client.indices.get_index_template().body["index_templates"]:
            client.indices.delete_index_template(name=found["name"])
        for found in client.cluster.get_component_template().body["component_templates"]:
            client.cluster.delete_component_template(name=found["name"])
        _make(client)


def _make(client: Elasticsearch) -> None:
    client.indices.create(index="docs", mappings=MAPPING, aliases={"all": {}})
    lines: list[Any] = [line for n in range(DOCUMENTS) for line in ({"index": {"_id": str(n)}}, document(n))]
    assert not client.bulk(index="docs", operations=lines, refresh=True).body["errors"]
