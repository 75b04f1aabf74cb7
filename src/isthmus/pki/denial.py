"""Whether a certificate, or one that vouches for it, is on a list of denied ones. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cryptography import x509

from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.verify import build_chain


def implicated(presented: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return every certificate that speaks for a peer, its own first: what it presented, and who vouches for that.

    A peer may leave out a CA that is trusted here, so its chain is carried on with `trusted`.
    """
    if not presented:
        return []
    return list(dict.fromkeys([*presented, *build_chain(presented[0], [*presented[1:], *trusted])]))


def denial(certificates: Sequence[x509.Certificate], denied: Collection[str]) -> str | None:
    """Say which of `certificates` is denied and by which entry, or None.

    `denied` holds `sha256:<lower-case hex>` and `serial:<lower-case hex>` as `isthmus.tls.denied_certificates` reads
    them. A serial number counts whoever the issuer is.
    """
    for certificate in certificates if denied else ():
        for mark in (f"sha256:{fingerprint(certificate)}", f"serial:{certificate.serial_number:x}"):
            if mark in denied:
                return f"certificate [{distinguished_name_text(certificate.subject)}] is denied by the entry [{mark}]"
    return None
