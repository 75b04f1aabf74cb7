"""Where the channels of an inventory's nodes are: their files by the settings of each folder, and their addresses."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from isthmus.errors import ConfigError
from isthmus.lifecycle.folders import AskPassword, NodeFolder, read_folder
from isthmus.lifecycle.rotation.channels import CHANNELS, ROTATABLE
from isthmus.lifecycle.rotation.copying import must_be_copied
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.pki.rules.facts import NodeFacts
from isthmus.tls.config import ChannelConfig

PEOPLE = "other clients"
"""The name of the party that stands for all clients nobody can look at."""


@dataclass(frozen=True)
class Place:
    """Where a node's channel is: its files and its address (`host:port`).

    `shared_by` is the address of its HTTP port where that is served from the same files.
    """

    config: ChannelConfig
    address: str
    shared_by: str | None = None


@dataclass(frozen=True)
class Surveyed:
    """What is where: the nodes' names in the inventory's order, their places by channel and name, and their facts."""

    names: tuple[str, ...]
    places: dict[tuple[str, str], Place]
    facts: dict[str, NodeFacts]

    @property
    def known_to_clients(self) -> str | None:
        """The channel whose certificates clients see: HTTP, or the transport if that has the same files; or none."""
        shown = (channel for channel, _ in self.places if ROTATABLE[channel].known_to_clients)
        shared = (channel for (channel, _), place in self.places.items() if place.shared_by)
        return next(shown, None) or next(shared, None)


def survey(inventory: Inventory, channels: Sequence[str], ask: AskPassword) -> Surveyed:
    """Read the settings of every node. Raises ConfigError that names what cannot be rotated, and where."""
    folders = [read_folder(Path(entry.folder), ask) for entry in inventory.nodes]
    names = tuple(entry.name or folder.name for entry, folder in zip(inventory.nodes, folders, strict=True))
    _must_be_names([*names, *(client.name for client in inventory.clients)])
    places = {
        (channel, name): Place(folder.channels[channel], _address(entry, folder, channel))
        for channel in CHANNELS
        for name, entry, folder in zip(names, inventory.nodes, folders, strict=True)
        if channel in folder.channels and (channel in channels or _is_shared(folder))
    }
    if not places:
        raise ConfigError("none of the nodes has TLS on these channels", hint="see 'isthmus doctor' for what they have")
    for (channel, name), place in places.items():
        _must_be_provable(channel, place.config, name)
    _join_shared(places, channels)
    _must_be_their_own(places)
    entries = dict(zip(names, inventory.nodes, strict=True))
    for (_, name), place in places.items():
        if entries[name].copy:
            must_be_copied(entries[name], place.config.files)
        else:
            _must_be_replaceable(place.config)
    return Surveyed(names, places, {name: folder.facts for name, folder in zip(names, folders, strict=True)})


def _must_be_names(names: Sequence[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ConfigError(
            f"two nodes or clients are called [{twice[0]}]", hint="give each a name of its own in the inventory"
        )
    for name in names:
        if name in ("", ".", "..", PEOPLE) or not name.isprintable():
            raise ConfigError(
                f"[{name}] cannot be the name of a node or client", hint="give it another in the inventory"
            )


def _is_shared(folder: NodeFolder) -> bool:
    """Whether transport and HTTP are served from the same files."""
    identities = [set(one.identity_files) for name, one in folder.channels.items() if name in CHANNELS]
    return len(identities) > 1 and bool(identities[0] & identities[1])


def _join_shared(places: dict[tuple[str, str], Place], channels: Iterable[str]) -> None:
    """Join HTTP to the transport where both have the same files: one change changes both."""
    both = [name for channel, name in places if channel == "http" and _have_same_files(places, name)]
    if not both:
        return
    apart = [name for channel, name in places if channel == "http" and name not in both]
    if set(channels) != set(CHANNELS) or apart:
        raise ConfigError(
            f"transport and HTTP of [{both[0]}] are served from the same files, so that they change together",
            hint="rotate both channels, of nodes that are all alike in this",
        )
    for name in both:
        places["transport", name] = replace(places["transport", name], shared_by=places.pop(("http", name)).address)


def _have_same_files(places: dict[tuple[str, str], Place], name: str) -> bool:
    if ("transport", name) not in places:
        return False
    ours, theirs = (set(places[one, name].config.identity_files) for one in ("transport", "http"))
    return bool(ours & theirs)


def _must_be_their_own(places: dict[tuple[str, str], Place]) -> None:
    owners: dict[str, str] = {}
    for (_, name), place in places.items():
        for path in place.config.identity_files:
            owner = owners.setdefault(os.path.realpath(path), name)
            if owner != name:
                raise ConfigError(
                    f"[{owner}] and [{name}] take their certificate or key from the same file",
                    where=str(path),
                    hint="give each node a certificate of its own",
                )


def _must_be_replaceable(config: ChannelConfig) -> None:
    """Kubernetes puts mounted Secrets into folders called `..<time>`, and its own content back before long."""
    for path in config.files:
        if any(part.startswith("..") for part in Path(os.path.realpath(path)).parts):
            raise ConfigError(
                "Kubernetes keeps this file true to a Secret or ConfigMap, and would undo what is written there",
                where=str(path),
                hint="keep a copy of the folder here, and give an inventory whose copy command updates the Secret",
            )


def _must_be_provable(channel: str, config: ChannelConfig, name: str) -> None:
    if ROTATABLE[channel].judges and config.client_authentication == "none":
        raise ConfigError(
            "the node asks nobody for a certificate, so that nobody can see from outside whom it trusts",
            where=f"{config.prefix}.client_authentication of [{name}]",
            hint="set it to required",
        )


def _address(entry: NodeEntry, folder: NodeFolder, channel: str) -> str:
    given = entry.address(channel)
    if given is not None:
        return given
    hosts, ports = folder.addresses[channel], folder.ports[channel]
    if ports.first == 0:
        raise ConfigError(
            f"the {channel} port is any free one, so that nobody can know where to look",
            where=str(folder.settings_file),
            hint="give the node's address in an inventory",
        )
    host = hosts[0] if hosts else "127.0.0.1"
    return f"[{host}]:{ports.first}" if ":" in host else f"{host}:{ports.first}"
