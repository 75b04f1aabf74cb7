"""New certificates, judged by the rules as part of the nodes that they are meant for, before anything is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cryptography import x509

from isthmus.errors import DataError
from isthmus.pki.bundles import Bundle
from isthmus.pki.rules import ChannelFacts, Circumstances, Finding, NodeFacts, judge


@dataclass(frozen=True)
class Intended:
    """What a channel of a node shall show (`leaf`), and whom it shall trust."""

    leaf: Bundle
    trusted: tuple[x509.Certificate, ...]


def must_obey_rules(node: NodeFacts, intended: Mapping[str, Intended], circumstances: Circumstances) -> list[Finding]:
    """Judge a node as it would be, by channel name; give what the rules warn of.

    An error that has nothing to do with the rotation stood there before, and is the doctor's matter.
    Raises DataError with the first rule that is broken otherwise.
    """
    before = {_essence(one) for one in judge(_without_identity(node, intended), circumstances)}
    found = [one for one in judge(_as_intended(node, intended), circumstances) if one.channel in intended]
    new = [one for one in found if _essence(one) not in before]
    for one in new:
        if one.severity == "error":
            raise DataError(
                f"the new certificate may not be installed: {one.sentence} (rule {one.rule})",
                where=f"{one.channel} of [{node.name}]",
                hint=one.mend,
            )
    return [one for one in new if one.severity == "warning"]


def told(warnings: Sequence[Finding]) -> list[str]:
    """Tell each rule once, with how many nodes it concerns."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for one in warnings:
        by_rule.setdefault((one.rule, one.channel), []).append(one)
    return [_told(found) for found in by_rule.values()]


def _told(found: Sequence[Finding]) -> str:
    first = found[0]
    others = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{first.channel} of [{first.node}]{others}: {first.sentence} ({first.mend})"


def _as_intended(node: NodeFacts, intended: Mapping[str, Intended]) -> NodeFacts:
    return replace(node, channels=tuple(_changed(one, intended.get(one.name)) for one in node.channels))


def _without_identity(node: NodeFacts, intended: Mapping[str, Intended]) -> NodeFacts:
    bare = (replace(one, presented=(), public_key=None, files=()) for one in node.channels if one.name in intended)
    return replace(node, channels=tuple(bare))


def _changed(channel: ChannelFacts, intended: Intended | None) -> ChannelFacts:
    if intended is None or intended.leaf.certificate is None or intended.leaf.key is None:
        return channel
    return replace(
        channel,
        presented=(intended.leaf.certificate, *intended.leaf.chain),
        public_key=intended.leaf.key.public_key(),
        trusted=intended.trusted,
        files=(),
    )


def _essence(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.channel, finding.sentence
