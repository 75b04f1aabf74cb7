"""What only several nodes together show: shared keys, trust that differs, nodes that would refuse each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import permutations

from isthmus.pki.rules.facts import Circumstances
from isthmus.pki.rules.rule import Breach, Member
from isthmus.pki.rules.subjects import anchors, identity, own_key, shown
from isthmus.pki.verify import trusted_path


def encrypted(members: Sequence[Member], _circumstances: Circumstances) -> Iterator[Breach]:
    """Transport without TLS lets whoever is in the network read and join."""
    off = [node.name for node, channel in members if channel.name == "transport" and not channel.enabled]
    if off:
        yield Breach(
            "TLS is off on the transport of a cluster of several nodes: anyone in the network can read it and join",
            "set xpack.security.transport.ssl.enabled: true on every node",
            where=", ".join(off),
        )


def mutual_trust(members: Sequence[Member], _circumstances: Circumstances) -> Iterator[Breach]:
    """Each node of a cluster dials each other one, and must be believed there."""
    for (node, channel), (other, theirs) in permutations(_transport(members), 2):
        if not channel.presented or not theirs.trusted or theirs.verification_mode == "none":
            continue
        if not trusted_path(channel.presented[0], channel.presented[1:], anchors(theirs)):
            yield Breach(
                f"[{other.name}] refuses [{node.name}]: its certificate {shown(channel.presented[0])} leads to no CA "
                f"that [{other.name}] trusts",
                f"add the CA of [{node.name}] to the trusted ones of [{other.name}], or issue both from one CA",
                where=f"{node.name}, {other.name}",
            )


def same_trust(members: Sequence[Member], _circumstances: Circumstances) -> Iterator[Breach]:
    """A CA that only some nodes trust lets in, there, whom the others refuse."""
    trusting = [(node.name, {identity(one): one for one in anchors(channel)}) for node, channel in _transport(members)]
    known = {key: one for _, trusted in trusting for key, one in trusted.items()}
    for key, authority in known.items():
        names = [name for name, trusted in trusting if key in trusted]
        lacking = [name for name, trusted in trusting if key not in trusted]
        if lacking:
            yield Breach(
                f"the CA {shown(authority)} is trusted by {', '.join(names)}, but not by {', '.join(lacking)}",
                "let every node trust the same CAs: add it where it lacks, or remove it once nothing leads to it",
                where=", ".join(names),
            )


def shared_certificates(members: Sequence[Member], _circumstances: Circumstances) -> Iterator[Breach]:
    """One key on several nodes: whoever takes it from one is all of them."""
    mend = "give each node a key and certificate of its own; one node can then be shut out without the others"
    same: dict[Hashable, list[Member]] = {}
    for node, channel in members:
        if channel.enabled and channel.presented:
            same.setdefault(own_key(channel.presented[0]), []).append((node, channel))
    for holders in (found for found in same.values() if len(found) > 1):
        names = ", ".join(node.name for node, _ in holders)
        leaves = {channel.presented[0] for _, channel in holders}
        what = "certificate" if len(leaves) == 1 else "key"
        yield Breach(f"{names} use the same {what} {shown(holders[0][1].presented[0])}", mend, where=names)


def _transport(members: Sequence[Member]) -> list[Member]:
    return [(node, channel) for node, channel in members if channel.name == "transport" and channel.enabled]
