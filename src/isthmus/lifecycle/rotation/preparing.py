"""From an inventory and a signer to a plan: old leaves are kept, new ones signed, and all that is to be is judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from isthmus.errors import DataError
from isthmus.lifecycle.rotation.channels import ROTATABLE
from isthmus.lifecycle.rotation.folder import Contents, read_channel, read_client
from isthmus.lifecycle.rotation.inventory import Inventory
from isthmus.lifecycle.rotation.issuing import Signer, Waiting, check_leaf
from isthmus.lifecycle.rotation.judging import Intended, must_obey_rules
from isthmus.lifecycle.rotation.layout import renewed
from isthmus.lifecycle.rotation.leaves import Papers, leaf_id
from isthmus.lifecycle.rotation.plan import FORMAT_VERSION, ChannelRecord, HoldingRecord, PartyRecord, Plan
from isthmus.lifecycle.rotation.survey import PEOPLE, Surveyed
from isthmus.lifecycle.rotation.taking_up import must_take_up
from isthmus.pki.bundles import Bundle
from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules import Circumstances, Finding
from isthmus.pki.verify import trusted_path

Authorities = Sequence[x509.Certificate]
Bundles = Mapping[tuple[str, str], Bundle]
SHOWN_REQUESTS = 5


@dataclass(frozen=True)
class Wish:
    """What an operator wants: `signer` makes new leaves (None: the leaves stay), `authority` is the CA to come
    (None: it stays). `no_other_clients`: there are no clients but those of the inventory."""

    channels: tuple[str, ...]
    signer: Signer | None
    signer_words: str
    authority: x509.Certificate | None
    circumstances: Circumstances = field(default_factory=lambda: Circumstances(now=datetime.now(UTC)))
    no_other_clients: bool = False
    at_once: int = 1


@dataclass(frozen=True)
class Prepared:
    """A plan, and what the rules warn of."""

    plan: Plan
    warnings: tuple[Finding, ...]


async def prepare(inventory: Inventory, wish: Wish, found: Surveyed, papers: Papers) -> Prepared:
    """Sign and judge the new leaves, keep all papers, and give the plan.

    Raises Waiting once all requests are written, if an external CA is to sign them; DataError for a new leaf that may
    not be used; ConfigError, also for a node that would not take it up; and what the signer raises.
    """
    contents = {at: read_channel(place.config) for at, place in found.places.items()}
    clients = [read_client(Path(client.file)) for client in inventory.clients]
    before = _authorities_of(contents, clients)
    after = [wish.authority] if wish.authority is not None else before
    old_names, new_names = ({one.subject for one in authorities} for authorities in (before, after))
    must_take_up(inventory, wish.channels, other_issuer=wish.signer is not None and old_names != new_names)
    old = {at: one.bundle for at, one in contents.items()}
    new = old if wish.signer is None else await _signed(old, wish.signer)
    _check(old, new, after)
    # What was signed a moment ago is valid from then on, not from when the command was called.
    circumstances = replace(wish.circumstances, now=datetime.now(UTC))
    warnings = _judged(found, contents, new, (before, after), circumstances)
    _keep(papers, [*before, *after], old, None if wish.signer is None else new)
    plan = Plan(
        format_version=FORMAT_VERSION,
        started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        before=_ids(before),
        after=_ids(after),
        signer=wish.signer_words,
        asked=wish.channels,
        channels=tuple(_records(inventory, wish, found, contents, clients, (before, after))),
        inventory=inventory,
        at_once=wish.at_once,
    )
    return Prepared(plan, tuple(warnings))


async def _signed(old: Bundles, signer: Signer) -> dict[tuple[str, str], Bundle]:
    """Have every leaf signed; where requests wait, all of them are written before it is said."""
    signed, waiting = {}, []
    for (channel, name), bundle in old.items():
        if bundle.certificate is not None:
            leaf = leaf_id(channel, name, "new")
            try:
                signed[channel, name] = await signer.sign(leaf, bundle.certificate, ROTATABLE[channel].profile)
            except Waiting as wait:
                waiting.append(f"[{wait.where}]")
    if waiting:
        more = f" and {len(waiting) - SHOWN_REQUESTS} more" if len(waiting) > SHOWN_REQUESTS else ""
        raise Waiting(
            f"{len(waiting)} of {len(old)} requests wait to be signed: {', '.join(waiting[:SHOWN_REQUESTS])}{more}",
            hint="have each signed, put the certificate and the CAs between it and the root (PEM) beside it as .crt, "
            "and call 'isthmus rotate plan' again with the same options",
        )
    return signed


def _check(old: Bundles, new: Bundles, after: Authorities) -> None:
    for (channel, name), bundle in old.items():
        if bundle.certificate is not None:
            where = f"new certificate of [{name}] for {channel}" if new is not old else f"{channel} of [{name}]"
            check_leaf(new[channel, name], bundle.certificate, after, ROTATABLE[channel].profile, where)


def _judged(
    found: Surveyed,
    contents: Mapping[tuple[str, str], Contents],
    new: Bundles,
    authorities: tuple[Authorities, Authorities],
    circumstances: Circumstances,
) -> list[Finding]:
    """Judge each node as it would be. Raises DataError."""
    warnings: list[Finding] = []
    for name in found.names:
        intended = {
            channel: Intended(leaf, _trusted(contents[channel, name], *authorities))
            for (channel, node), leaf in new.items()
            if node == name
        }
        shared = [found.places[channel, name].shared_by for channel in intended]
        if any(shared):
            intended["http"] = intended["transport"]
        warnings += must_obey_rules(found.facts[name], intended, circumstances)
    return warnings


def _trusted(contents: Contents, before: Authorities, after: Authorities) -> tuple[x509.Certificate, ...]:
    kept = renewed(contents.layout.trusted, [*before, *after], after)
    return tuple(dict.fromkeys([*kept, *after]))


def _keep(papers: Papers, authorities: Authorities, old: Bundles, new: Bundles | None) -> None:
    for authority in authorities:
        papers.keep_authority(authority)
    for age, bundles in (("old", old), ("new", new or {})):
        for (channel, name), bundle in bundles.items():
            papers.keep_leaf(leaf_id(channel, name, "old" if age == "old" else "new"), bundle)


def _records(
    inventory: Inventory,
    wish: Wish,
    found: Surveyed,
    contents: Mapping[tuple[str, str], Contents],
    clients: Sequence[Contents],
    authorities: tuple[Authorities, Authorities],
) -> Iterable[ChannelRecord]:
    entries = {name: entry for entry, name in enumerate(found.names)}
    for channel in wish.channels:
        parties = [
            _node(channel, name, entries[name], contents[channel, name], authorities, wish.signer is None)
            for name in found.names
            if (channel, name) in contents
        ]
        if channel == found.known_to_clients:
            parties += _clients(inventory, clients, wish, *authorities)
        if parties:
            yield ChannelRecord(channel, tuple(parties))


def _node(
    channel: str,
    name: str,
    entry: int,
    contents: Contents,
    authorities: tuple[Authorities, Authorities],
    leaf_stays: bool,
) -> PartyRecord:
    old = leaf_id(channel, name, "old")
    new = old if leaf_stays else leaf_id(channel, name, "new")
    judges = ROTATABLE[channel].judges
    before, after = _trusts(contents, *authorities) if judges else ((), ())
    return PartyRecord(name, "node", entry, HoldingRecord(before, old), HoldingRecord(after, new), judges)


def _clients(
    inventory: Inventory, read: Sequence[Contents], wish: Wish, before: Authorities, after: Authorities
) -> list[PartyRecord]:
    if _ids(before) == _ids(after):
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


def _authorities_of(
    contents: Mapping[tuple[str, str], Contents], clients: Sequence[Contents]
) -> list[x509.Certificate]:
    """Find whom the leaves lead to, in the trust of any node or client."""
    layouts = [*(one.layout for one in contents.values()), *(client.layout for client in clients)]
    trusted = list(dict.fromkeys(one for layout in layouts for one in layout.trusted))
    authorities: dict[x509.Certificate, None] = {}
    for (channel, name), one in contents.items():
        shown = one.bundle.certificate
        path = trusted_path(shown, one.bundle.chain, trusted) if shown is not None else ()
        if not path:
            raise DataError(
                "the certificate leads to no CA that any of the nodes or clients trusts",
                where=f"{channel} of [{name}]",
                hint="run 'isthmus doctor' on the folders first",
            )
        authorities[path[-1]] = None
    return list(authorities)


def _trusts(contents: Contents, before: Authorities, after: Authorities) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give which of the authorities the files trust now, and which they shall: what stays, and all that come."""
    trusted = set(contents.layout.trusted)
    now = [one for one in dict.fromkeys([*before, *after]) if one in trusted]
    going = [one for one in before if one not in after]
    wanted = [one for one in dict.fromkeys([*now, *after]) if one not in going]
    return _ids(now), _ids(wanted)


def _ids(certificates: Iterable[x509.Certificate]) -> tuple[str, ...]:
    return tuple(sorted(fingerprint(one) for one in certificates))


def describe_authority(certificate: x509.Certificate) -> str:
    """Name an authority for a person."""
    return f"{distinguished_name_text(certificate.subject)} (sha256 {fingerprint(certificate)[:16]}…)"
