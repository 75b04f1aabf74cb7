"""Who trusts whom: what becomes of the TLS handshake when each node of a cluster dials each other on transport. Pure.

A certificate that is trusted counts only if it is a CA or signs itself. Java would take a node's own certificate too;
a rule tells of such ones.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from isthmus.pki.explain import explain_refusal
from isthmus.pki.form import extension, is_authority, may_sign_certificates
from isthmus.pki.names import names_of_extension
from isthmus.pki.rules.facts import ChannelFacts, NodeFacts
from isthmus.pki.verify import is_self_signed, trusted_path

State = Literal["ok", "refused", "unknown", "clear"]
Certificates = tuple[x509.Certificate, ...]

_UNTRUSTED, _NOT_YET, _EXPIRED, _PURPOSE, _NO_CA, _NAME = 20, 9, 10, 26, 24, 62
_CLIENT, _SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a dial. `unknown`: a file it depends on cannot be read; `clear`: neither side has TLS.

    `why` and `mend` are for a person, empty if it is ok.
    """

    state: State
    why: str = ""
    mend: str = ""


@dataclass(frozen=True)
class TrustMatrix:
    """`names` are the nodes; `rows[a][b]` tells what happens when node `a` dials node `b`, itself included."""

    names: tuple[str, ...]
    rows: tuple[tuple[Verdict, ...], ...]

    def pairs(self) -> Iterator[tuple[str, str, Verdict]]:
        """Give dialler, dialled and verdict of each pair of different nodes."""
        for dialler, (name, row) in enumerate(zip(self.names, self.rows, strict=True)):
            for dialled, verdict in enumerate(row):
                if dialler != dialled:
                    yield name, self.names[dialled], verdict


def trust_matrix(nodes: Sequence[NodeFacts], now: datetime) -> TrustMatrix:
    """Judge every ordered pair of `nodes` at the moment `now`."""
    judge = _Judge(now)
    sides = [_Side.of(node) for node in nodes]
    rows = tuple(tuple(judge.dial(dialler, dialled) for dialled in sides) for dialler in sides)
    return TrustMatrix(tuple(node.name for node in nodes), rows)


@dataclass(frozen=True)
class _Side:
    """A node as one end of a handshake. `readable`: whether all files of its transport channel could be read."""

    name: str
    channel: ChannelFacts | None
    anchors: Certificates
    hosts: tuple[str, ...]
    readable: bool

    @classmethod
    def of(cls, node: NodeFacts) -> _Side:
        channel = node.channel("transport")
        if channel is None or not channel.enabled:
            return cls(node.name, None, (), (), readable=True)
        anchors = tuple(one for one in channel.trusted if is_authority(one) or is_self_signed(one))
        readable = not any(file.fault or file.password_missing for file in channel.files)
        return cls(node.name, channel, anchors, node.addresses.get("transport", ()), readable)


class _Judge:
    """Judges dials; a chain is followed once for each set of anchors, however many nodes share them."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[tuple[Certificates, Certificates, ObjectIdentifier], int | None] = {}
        self._covered: dict[tuple[x509.Certificate, tuple[str, ...]], bool] = {}

    def dial(self, dialler: _Side, dialled: _Side) -> Verdict:
        """Judge what happens when `dialler` dials `dialled`."""
        if dialler.channel is None or dialled.channel is None:
            return _without_tls(dialler, dialled)
        fault = self._server(dialler, dialler.channel, dialled, dialled.channel) or self._client(
            dialler.channel, dialler, dialled.channel, dialled
        )
        if fault is None:
            return Verdict("ok")
        if not (dialler.readable and dialled.readable):
            return Verdict(
                "unknown",
                f"files of [{dialler.name if not dialler.readable else dialled.name}] could not be read",
                "mend what is said of these files first",
            )
        return fault

    def _server(self, dialler: _Side, verifier: ChannelFacts, dialled: _Side, shown: ChannelFacts) -> Verdict | None:
        if not shown.presented:
            return Verdict("refused", f"[{dialled.name}] has no certificate to show", "give it a key and a certificate")
        if verifier.verification_mode == "none":
            return None
        code = self._code(shown.presented, dialler.anchors, _SERVER)
        if (
            code is None
            and verifier.verification_mode == "full"
            and not self._covers(shown.presented[0], dialled.hosts)
        ):
            code = _NAME
        return None if code is None else _refused(dialler, dialled, shown.presented, code)

    def _client(self, shown: ChannelFacts, dialler: _Side, verifier: ChannelFacts, dialled: _Side) -> Verdict | None:
        if verifier.client_authentication == "none" or verifier.verification_mode == "none":
            return None
        if not shown.presented:
            if verifier.client_authentication == "optional":
                return None
            why = f"[{dialled.name}] demands a certificate and [{dialler.name}] has none"
            return Verdict("refused", why, f"give [{dialler.name}] a key and a certificate")
        code = self._code(shown.presented, dialled.anchors, _CLIENT)
        return None if code is None else _refused(dialled, dialler, shown.presented, code)

    def _code(self, presented: Certificates, anchors: Certificates, purpose: ObjectIdentifier) -> int | None:
        key = (presented, anchors, purpose)
        if key not in self._known:
            self._known[key] = next(iter(self._faults(presented, anchors, purpose)), None)
        return self._known[key]

    def _faults(self, presented: Certificates, anchors: Certificates, purpose: ObjectIdentifier) -> Iterable[int]:
        path = trusted_path(presented[0], presented[1:], anchors)
        if not path:
            yield _UNTRUSTED
        for one in path:
            if one.not_valid_after_utc < self._now:
                yield _EXPIRED
            if one.not_valid_before_utc > self._now:
                yield _NOT_YET
        if not all(may_sign_certificates(issuer) for issuer in path[1:]):
            yield _NO_CA
        usage = extension(presented[0], x509.ExtendedKeyUsage)
        if usage is not None and purpose not in usage[0]:
            yield _PURPOSE

    def _covers(self, certificate: x509.Certificate, hosts: tuple[str, ...]) -> bool:
        key = (certificate, hosts)
        if key not in self._covered:
            self._covered[key] = not hosts or any(covers(certificate, host) for host in hosts)
        return self._covered[key]


def covers(certificate: x509.Certificate, host: str) -> bool:
    """Tell whether a subject alternative name stands for `host`, a name or an address (RFC 6125, section 6.4)."""
    names = extension(certificate, x509.SubjectAlternativeName)
    dns, ips, _ = names_of_extension(names[0]) if names else ((), (), ())
    try:
        return ipaddress.ip_address(host) in ips
    except ValueError:
        return any(_matches(name.lower(), host.lower().rstrip(".")) for name in dns)


def _matches(name: str, host: str) -> bool:
    if name.startswith("*."):
        first, dot, rest = host.partition(".")
        return bool(first and dot) and rest == name[2:]
    return name == host


def _without_tls(dialler: _Side, dialled: _Side) -> Verdict:
    if dialler.channel is None and dialled.channel is None:
        return Verdict("clear", "neither side has TLS on transport", "switch it on, on every node at once")
    with_tls, without = (dialler, dialled) if dialler.channel else (dialled, dialler)
    return Verdict(
        "refused",
        f"[{with_tls.name}] speaks TLS on transport and [{without.name}] does not",
        f"set xpack.security.transport.ssl.enabled on [{without.name}]",
    )


def _refused(refuser: _Side, shower: _Side, presented: Certificates, code: int) -> Verdict:
    hosts = ", ".join(shower.hosts)
    refusal = explain_refusal(code, f"'{hosts}'", presented, refuser.anchors, shower.name)
    return Verdict("refused", f"[{refuser.name}] refuses [{shower.name}]: {refusal.why}", refusal.mend)
