"""Data of a node without the node: a state that names indices, their ledgers, and a keystore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from isthmus.cluster.indices.catalogue import PREFIX
from isthmus.index.ledger.ledger import Ledger
from isthmus.index.ledger.operation import Operation
from isthmus.index.metadata.index_metadata import IndexMetadata
from isthmus.keystore import FILE_NAME, Keystore
from isthmus.node.backup.making import Origin
from isthmus.node.backup.manifest import ledger_path
from isthmus.node.folder import DataFolder
from isthmus.state.history import Term, Write


@dataclass
class ANode:
    """A data folder that is held, and its keystore."""

    folder: DataFolder
    keystore: Path

    @property
    def origin(self) -> Origin:
        return Origin(self.folder.state, self.folder.path, self.keystore, "first")

    def make(self, name: str, *, node: str | None = None) -> Ledger:
        """Make an index as the cluster does: its ledger, then its entry in the state."""
        uuid = uuid_of(name)
        folder = (self.folder.path / ledger_path(uuid)).parent
        folder.mkdir(parents=True)
        ledger = Ledger.create(folder, uuid)
        self.name(name, node=node)
        return ledger

    def name(self, name: str, *, node: str | None = None) -> None:
        """Name an index in the state."""
        index = IndexMetadata(name=name, uuid=uuid_of(name), node=node or self.folder.node_id, creation_date=0)
        self.folder.state.commit([Write(f"{PREFIX}{name}", msgspec.json.encode(index))])

    def delete(self, name: str) -> None:
        """Take the index out of the state, then its files away."""
        self.folder.state.commit([Write(f"{PREFIX}{name}", None)])
        (self.folder.path / ledger_path(uuid_of(name))).unlink()


@contextmanager
def a_node(root: Path) -> Iterator[ANode]:
    """A node of a cluster of its own in `root`."""
    folder = DataFolder(root / "data")
    folder.state.found("cluster uuid", Term(1, folder.node_id, "first", 0))
    path = root / FILE_NAME
    keystore = Keystore.create(path, "keystore password")
    keystore.put("bootstrap.password", "a password")
    keystore.save()
    yield ANode(folder, path)
    folder.close()


def uuid_of(name: str) -> str:
    return f"{name}-uuid"


def documents(*ids: str) -> list[Operation]:
    return [Operation(kind="index", id=id_, source=b'{"id": "%s"}' % id_.encode()) for id_ in ids]
