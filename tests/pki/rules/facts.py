"""Facts of a sound node, to be broken one at a time, and what the rules say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509

from isthmus.pki.rules import ChannelFacts, Circumstances, FileFacts, Finding, NodeFacts, judge, judge_cluster
from tests.certificates import Issued, make_ca

NOW = datetime.now(UTC)
CA = make_ca("cluster CA")
OTHER_CA = make_ca("other CA")
LEAF = CA.issue("node1", days=(-1, 360))
NOW_HERE = Circumstances(now=NOW)


def channel(
    own: Issued = LEAF,
    trusted: Sequence[x509.Certificate] = (CA.certificate,),
    *,
    name: str = "transport",
    **changes: object,
) -> ChannelFacts:
    sound = ChannelFacts(
        prefix=f"xpack.security.{name}.ssl",
        enabled=True,
        verification_mode="full",
        client_authentication="required" if name == "transport" else "none",
        supported_protocols=("TLSv1.3", "TLSv1.2"),
        cipher_suites=(),
        public_key=own.key.public_key(),
        presented=(own.certificate, *own.chain),
        trusted=tuple(trusted),
        files=(),
    )
    return replace(sound, **changes)  # type: ignore[arg-type]


def node(*channels: ChannelFacts, name: str = "node1", addresses: Sequence[str] = (), **changes: object) -> NodeFacts:
    hosts = {one.name: tuple(addresses) for one in channels}
    sound = NodeFacts(name=name, where=f"/etc/{name}", channels=channels, addresses=hosts)
    return replace(sound, **changes)  # type: ignore[arg-type]


def file(kind: str = "key", **changes: object) -> FileFacts:
    sound = FileFacts(path="/etc/node.file", setting="some.setting", kind="key", format="PEM", mode=0o600)
    return replace(sound, kind=kind, **changes)  # type: ignore[arg-type]


def found(
    rule: str, what: NodeFacts | ChannelFacts | Sequence[NodeFacts], circumstances: Circumstances = NOW_HERE
) -> list[Finding]:
    """Give what `rule` finds of a node, of a node that has this channel alone, or of several nodes."""
    if isinstance(what, Sequence):
        all_found = judge_cluster(what, circumstances)
    else:
        all_found = judge(what if isinstance(what, NodeFacts) else node(what), circumstances)
    return [one for one in all_found if one.rule == rule]


def severity(
    rule: str, what: NodeFacts | ChannelFacts | Sequence[NodeFacts], circumstances: Circumstances = NOW_HERE
) -> str:
    """Give the severity of the one finding of `rule`, an empty text if it finds nothing."""
    all_found = found(rule, what, circumstances)
    assert len(all_found) <= 1, all_found
    return all_found[0].severity if all_found else ""
