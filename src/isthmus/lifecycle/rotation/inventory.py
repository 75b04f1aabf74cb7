"""The nodes of a cluster and the trust files of its clients, and the commands that reach them.

nodes:
  - folder: conf/node1              # its configuration folder, or a copy of it that is kept true
    name: node1                     # default: node.name of the folder
    transport: 10.0.0.1:9300        # default: address and port of the folder's settings
    http: es1.example.com:9200
    copy: [rsync, -r, --delay-updates, "{source}/", "es1:/etc/elasticsearch/"]  # default: the folder is the node's own
    restart: [ssh, es1, systemctl, restart, elasticsearch]  # only for nodes that do not reload by themselves
clients:
  - name: kibana
    file: kibana/ca.crt             # PEM; what the client trusts on HTTP
    copy: [kubectl, cp, "{source}", "kibana-0:{target}"]

A node's `copy` is given a folder, {source}, with the files of one step, at their places within the configuration
folder. They must arrive together: Elasticsearch serves a certificate with another one's key if it looks between them.
A client's `copy` is given one file, {source}, and its path, {target}.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from isthmus.errors import ConfigError, DataError, NoInputError

MAX_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 10_000
OF_NODES = ("{source}",)
OF_CLIENTS = ("{source}", "{target}")


class NodeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A node: its folder, and how it is reached. `copy` and `restart` are argument lists."""

    folder: str
    name: str | None = None
    transport: str | None = None
    http: str | None = None
    copy: tuple[str, ...] = ()
    restart: tuple[str, ...] = ()

    def address(self, channel: str) -> str | None:
        """Return the address that is given for a channel, None if its folder tells."""
        return {"transport": self.transport, "http": self.http}[channel]


class ClientEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A client's file of trusted authorities (PEM)."""

    name: str
    file: str
    copy: tuple[str, ...] = ()


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the rotation covers. Paths are absolute."""

    nodes: tuple[NodeEntry, ...]
    clients: tuple[ClientEntry, ...] = ()


def of_folders(folders: Sequence[Path], client_files: Sequence[Path]) -> Inventory:
    """Make the inventory of nodes whose folders and clients whose trust files are on this machine."""
    nodes = tuple(NodeEntry(str(folder.absolute())) for folder in folders)
    clients = tuple(ClientEntry(str(file.absolute()), str(file.absolute())) for file in client_files)
    return _checked(Inventory(nodes, clients), "the command line")


def read_inventory(path: Path) -> Inventory:
    """Read an inventory file; relative paths in it are relative to it.

    Raises NoInputError, DataError (no YAML), ConfigError that names the entry and what is wrong with it.
    """
    found = _parsed(path)
    base = path.absolute().parent
    return _checked(
        Inventory(
            tuple(msgspec.structs.replace(one, folder=str(base / one.folder)) for one in found.nodes),
            tuple(msgspec.structs.replace(one, file=str(base / one.file)) for one in found.clients),
        ),
        str(path),
    )


def _parsed(path: Path) -> Inventory:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise NoInputError(f"the inventory cannot be read: {cause.strerror}", where=str(path)) from cause
    if len(data) > MAX_BYTES:
        raise DataError(f"the inventory is larger than {MAX_BYTES} bytes", where=str(path))
    try:
        return msgspec.convert(YAML(typ="safe", pure=True).load(data), Inventory)
    except (YAMLError, RecursionError, UnicodeDecodeError) as cause:
        raise DataError("the inventory is no YAML", where=str(path)) from cause
    except msgspec.ValidationError as cause:
        raise ConfigError(
            str(cause), where=str(path), hint="see 'isthmus rotate plan --help' for what an inventory holds"
        ) from cause


def _checked(inventory: Inventory, where: str) -> Inventory:
    for wrong in _mistakes(inventory):
        raise ConfigError(wrong, where=where)
    return inventory


def _mistakes(inventory: Inventory) -> Iterator[str]:
    if not inventory.nodes:
        yield "the inventory has no nodes"
    if len(inventory.nodes) + len(inventory.clients) > MAX_ENTRIES:
        yield f"the inventory has more than {MAX_ENTRIES} entries"
    folders = [node.folder for node in inventory.nodes]
    yield from (f"the folder [{folder}] is there twice" for folder in set(folders) if folders.count(folder) > 1)
    names = [client.name for client in inventory.clients]
    yield from (f"the client [{name}] is there twice" for name in set(names) if names.count(name) > 1)
    for node in inventory.nodes:
        yield from _mistakes_of_copy(node.name or node.folder, node.copy, OF_NODES)
    for client in inventory.clients:
        yield from _mistakes_of_copy(client.name, client.copy, OF_CLIENTS)


def _mistakes_of_copy(name: str, command: tuple[str, ...], placeholders: tuple[str, ...]) -> Iterator[str]:
    used = [one for one in OF_CLIENTS if any(one in word for word in command)]
    missing = [one for one in placeholders if one not in used]
    if command and missing:
        yield f"the copy command of [{name}] lacks {' and '.join(missing)}"
    if command and len(used) > len(placeholders):
        yield f"the copy command of [{name}] has a {{target}}: all files of a node are in the folder {{source}}"
