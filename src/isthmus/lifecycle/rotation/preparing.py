"""From an inventory and a signer to a plan: folders are read, old leaves kept, new ones signed and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from isthmus.errors import ConfigError, DataError
from isthmus.lifecycle.folders import AskPassword, NodeFolder, read_folder
from isthmus.lifecycle.rotation.copying import must_be_copied
from isthmus.lifecycle.rotation.folder import Contents, read_channel, read_client
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.issuing import PROFILES, Signer, check_leaf
from isthmus.lifecycle.rotation.layout import identity_paths
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, ChannelRecord, HoldingRecord, PartyRecord, Plan
from isthmus.lifecycle.rotation.site import Place
from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.verify import trusted_path

CHANNELS = ("transport", "http")
PEOPLE = "clients"


@dataclass(frozen=True)
class Wish:
    """What an operator wants: `signer` makes new leaves (None: the leaves stay), `authority` is the CA to come
    (None: it stays). `clients_are_ready`: there are no clients but those of the inventory."""

    channels: tuple[str, ...]
    signer: Signer | None
    signer_words: str
    authority: x509.Certificate | None
    no_other_clients: bool = False
    at_once: int = 1


@dataclass(frozen=True)
class Surveyed:
    """The folders of an inventory, read: by channel and node name what stands in the files, and where."""

    names: tuple[str, ...]
    contents: dict[tuple[str, str], Contents]
    places: dict[tuple[str, str], Place]

    @property
    def known_to_clients(self) -> str | None:
        """The channel whose certificates clients see: HTTP, or the transport if that has the same files; or none."""
        if any(channel == "http" for channel, _ in self.places):
            return "http"
        return "transport" if any(place.shared_by for place in self.places.values()) else None


def survey(inventory: Inventory, channels: Iterable[str], ask: AskPassword) -> Surveyed:
    """Read every node's channels. Raises ConfigError that names what cannot be rotated, and where."""
    folders = [read_folder(Path(entry.folder), ask) for entry in inventory.nodes]
    names = tuple(entry.name or folder.name for entry, folder in zip(inventory.nodes, folders, strict=True))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ConfigError(f"two nodes are called [{twice[0]}]", hint="give each a name of its own in the inventory")
    contents, places = {}, {}
    for channel in CHANNELS:
        for name, entry, folder in zip(names, inventory.nodes, folders, strict=True):
            if channel in folder.channels and (channel in channels or _is_shared(folder)):
                config = folder.channels[channel]
                _must_be_provable(channel, config.client_authentication, name)
                contents[channel, name] = read_channel(config)
                must_be_copied(entry, contents[channel, name].layout.paths())
                places[channel, name] = Place(config, _address(entry, folder, channel))
    _share(contents, places, tuple(channels))
    if not contents:
        raise ConfigError("none of the nodes has TLS on these channels", hint="see 'isthmus doctor' for what they have")
    return Surveyed(names, contents, places)


def _is_shared(folder: NodeFolder) -> bool:
    """Whether transport and HTTP are served from the same files."""
    identities = [identity_paths(one.identity) for name, one in folder.channels.items() if name in CHANNELS]
    return len(identities) > 1 and bool(set(identities[0]) & set(identities[1]))


def _share(
    contents: dict[tuple[str, str], Contents], places: dict[tuple[str, str], Place], channels: Sequence[str]
) -> None:
    """Join HTTP to the transport where both have the same files: one change changes both."""
    both = [name for channel, name in contents if channel == "http" and _same(contents, name)]
    if not both:
        return
    if set(channels) != set(CHANNELS) or any(channel == "http" and name not in both for channel, name in contents):
        raise ConfigError(
            f"transport and HTTP of [{both[0]}] are served from the same files, so that they change together",
            hint="rotate both channels, of nodes that are all alike in this",
        )
    for name in both:
        places["transport", name] = replace(places["transport", name], shared_by=places["http", name].address)
        del contents["http", name], places["http", name]


def _same(contents: dict[tuple[str, str], Contents], name: str) -> bool:
    if ("transport", name) not in contents:
        return False
    ours, theirs = (set(identity_paths(contents[one, name].layout.identity)) for one in CHANNELS)
    return bool(ours & theirs)


async def prepare(inventory: Inventory, wish: Wish, found: Surveyed, papers: Papers) -> Plan:
    """Sign and judge the new leaves, keep all papers, and give the plan.

    Raises DataError for a new leaf that may not be used, ConfigError, and what the signer raises.
    """
    clients = [read_client(Path(client.file)) for client in inventory.clients]
    before = _authorities_of(found, clients)
    after = [wish.authority] if wish.authority is not None else before
    for one in (*before, *after):
        papers.keep_authority(one)
    channels = []
    for channel in wish.channels:
        parties = [
            await _node(channel, name, found, wish, (before, after), papers)
            for name in found.names
            if (channel, name) in found.contents
        ]
        parties += _clients(channel, found.known_to_clients, inventory, clients, wish, before, after)
        if parties:
            channels.append(ChannelRecord(channel, tuple(parties)))
    return Plan(
        format_version=FORMAT_VERSION,
        started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        before=_ids(before),
        after=_ids(after),
        signer=wish.signer_words,
        asked=wish.channels,
        channels=tuple(channels),
        inventory=inventory,
        at_once=wish.at_once,
    )


async def _node(
    channel: str,
    name: str,
    found: Surveyed,
    wish: Wish,
    authorities: tuple[Sequence[x509.Certificate], Sequence[x509.Certificate]],
    papers: Papers,
) -> PartyRecord:
    contents = found.contents[channel, name]
    old = new = f"{channel}/{name}/old"
    papers.keep_leaf(old, contents.bundle)
    if wish.signer is not None and contents.bundle.certificate is not None:
        new = f"{channel}/{name}/new"
        if not papers.has_leaf(new):
            leaf = await wish.signer.sign(new, contents.bundle.certificate, PROFILES[channel])
            check_leaf(leaf, contents.bundle.certificate, authorities[1], channel, f"new certificate of [{name}]")
            papers.keep_leaf(new, leaf)
    judges = channel == "transport"
    before, after = _trusts(contents, *authorities) if judges else ((), ())
    entry = found.names.index(name)
    return PartyRecord(name, "node", entry, HoldingRecord(before, old), HoldingRecord(after, new), judges)


def _clients(
    channel: str,
    known_to_clients: str | None,
    inventory: Inventory,
    read: Sequence[Contents],
    wish: Wish,
    before: Sequence[x509.Certificate],
    after: Sequence[x509.Certificate],
) -> list[PartyRecord]:
    if channel != known_to_clients or _ids(before) == _ids(after):
        return []
    records = []
    for at, (client, contents) in enumerate(zip(inventory.clients, read, strict=True)):
        trusts, wanted = _trusts(contents, before, after)
        records.append(PartyRecord(client.name, "file", at, HoldingRecord(trusts), HoldingRecord(wanted), judges=True))
    if not wish.no_other_clients:
        # They need not stop to trust the old CA for the rotation to end.
        both = HoldingRecord(tuple(sorted({*_ids(before), *_ids(after)})))
        records.append(PartyRecord(PEOPLE, "people", 0, HoldingRecord(_ids(before)), both, judges=True))
    return records


def _authorities_of(found: Surveyed, clients: Sequence[Contents]) -> list[x509.Certificate]:
    """Find whom the leaves lead to, in the trust of any node or client."""
    layouts = [*(one.layout for one in found.contents.values()), *(client.layout for client in clients)]
    trusted = list(dict.fromkeys(one for layout in layouts for one in layout.trusted))
    authorities: dict[x509.Certificate, None] = {}
    for (channel, name), contents in found.contents.items():
        shown = contents.bundle.certificate
        path = trusted_path(shown, contents.bundle.chain, trusted) if shown is not None else ()
        if not path:
            raise DataError(
                "the certificate leads to no CA that any of the nodes or clients trusts",
                where=f"{channel} of [{name}]",
                hint="run 'isthmus doctor' on the folders first",
            )
        authorities[path[-1]] = None
    return list(authorities)


def _trusts(
    contents: Contents, before: Sequence[x509.Certificate], after: Sequence[x509.Certificate]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give which of the authorities the files trust now, and which they shall: what stays, and all that come."""
    trusted = set(contents.layout.trusted)
    now = [one for one in dict.fromkeys([*before, *after]) if one in trusted]
    going = [one for one in before if one not in after]
    wanted = [one for one in dict.fromkeys([*now, *after]) if one not in going]
    return _ids(now), _ids(wanted)


def _ids(certificates: Iterable[x509.Certificate]) -> tuple[str, ...]:
    return tuple(sorted(fingerprint(one) for one in certificates))


def _address(entry: NodeEntry, folder: NodeFolder, channel: str) -> str:
    given = entry.transport if channel == "transport" else entry.http
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


def _must_be_provable(channel: str, client_authentication: str, name: str) -> None:
    if channel == "transport" and client_authentication == "none":
        raise ConfigError(
            "the node asks nobody for a certificate, so that nobody can see from outside whom it trusts",
            where=f"xpack.security.transport.ssl.client_authentication of [{name}]",
            hint="set it to required",
        )


def describe_authority(certificate: x509.Certificate) -> str:
    """Name an authority for a person."""
    return f"{distinguished_name_text(certificate.subject)} (sha256 {fingerprint(certificate)[:16]}…)"
