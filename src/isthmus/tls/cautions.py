"""What is doubtful in a generation that TLS can run with all the same: sentences for the log. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from isthmus.pki.form import extension
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.verify import trusted_path
from isthmus.tls.config import ChannelConfig
from isthmus.tls.trust import is_anchor

_BOTH_WAYS = {ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth", ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth"}


def cautions(
    config: ChannelConfig, chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime
) -> Iterator[str]:
    """Give a sentence for each doubt; `chain` is what the channel presents, perhaps nothing, `trusted` what it read."""
    found = [*_verification(config), *_own(config, chain, trusted, now), *_trust(trusted, now)]
    yield from (f"{config.prefix}: {sentence}" for sentence in found)


def _verification(config: ChannelConfig) -> Iterator[str]:
    if config.verification_mode == "none":
        yield "verification_mode is none, so that anybody may pass for anybody"


def _own(
    config: ChannelConfig, chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], now: datetime
) -> Iterator[str]:
    for at, one in enumerate(chain):
        kind = "CA certificate" if at else "certificate"
        yield from _dates(f"the {kind} [{_name(one)}]", one, now)
    if chain and config.is_transport:
        yield from _purposes(chain[0])
        yield from _stranger(chain, trusted)


def _dates(what: str, certificate: x509.Certificate, now: datetime) -> Iterator[str]:
    """The end of certificates is watched while the node runs: `isthmus.lifecycle.expiry`."""
    if certificate.not_valid_before_utc > now:
        yield f"{what} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC; check the clock"


def _purposes(leaf: x509.Certificate) -> Iterator[str]:
    """A node both dials and is dialled, with one certificate."""
    usage = extension(leaf, x509.ExtendedKeyUsage)
    missing = [] if usage is None else [name for oid, name in _BOTH_WAYS.items() if oid not in usage[0]]
    if missing:
        yield (
            f"the certificate [{_name(leaf)}] lacks the extended key usage {' and '.join(missing)}; other nodes "
            "refuse it: issue it with both (public CAs no longer give clientAuth)"
        )


def _stranger(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> Iterator[str]:
    anchors = [one for one in trusted if is_anchor(one)]
    if anchors and not trusted_path(chain[0], chain[1:], anchors):
        yield (
            f"the certificate [{_name(chain[0])}] leads to no CA that is trusted here; nodes that trust the same CAs "
            "refuse it"
        )


def _trust(trusted: Sequence[x509.Certificate], now: datetime) -> Iterator[str]:
    for one in trusted:
        if is_anchor(one):
            yield from _dates(f"the trusted CA [{_name(one)}]", one, now)
        else:
            yield f"[{_name(one)}] is among the trusted certificates, but it is no CA, and is not trusted"


def _name(certificate: x509.Certificate) -> str:
    return distinguished_name_text(certificate.subject)
