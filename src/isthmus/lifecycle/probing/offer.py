"""What a dial offers a port: the contexts of the probe, from careful to such that take whatever there is."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Sequence

from cryptography import x509

from isthmus.pki.bundles import certificates_to_pem
from isthmus.tls.ciphers import choose_ciphers
from isthmus.tls.trust import is_anchor
from isthmus.tls.witness import WitnessContext

_PROTOCOLS = ("TLSv1.2", "TLSv1.3")
_NO_SECURITY_LEVEL = "@SECLEVEL=0"
_ANY = "ALL"

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # they are deprecated, and that is why we ask
    VERSIONS = {
        "TLSv1": ssl.TLSVersion.TLSv1,
        "TLSv1.1": ssl.TLSVersion.TLSv1_1,
        "TLSv1.2": ssl.TLSVersion.TLSv1_2,
        "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    }

Versions = tuple[ssl.TLSVersion, ssl.TLSVersion]


def verifying(trusted: Sequence[x509.Certificate], versions: Versions) -> ssl.SSLContext:
    """Offer what a node offers, and verify by `trusted`; `versions` are the oldest and the newest."""
    context = _context(versions)
    # As on the node itself: a trusted intermediate CA is an anchor, and CAs of older tools have no key usage.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    choose_ciphers(context, (), _PROTOCOLS, "the probe")
    anchors = [one for one in trusted if is_anchor(one)]
    if anchors:
        context.load_verify_locations(cadata=certificates_to_pem(anchors).decode())
    return context


def unverifying(versions: Versions, suites: str = _ANY) -> ssl.SSLContext:
    """Offer `suites` (OpenSSL's words) of any strength, and take any certificate: what is there is to be seen."""
    context = _context(versions)
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(f"{suites}:{_NO_SECURITY_LEVEL}")
    return context


def _context(versions: Versions) -> WitnessContext:
    context = WitnessContext(ssl.PROTOCOL_TLS_CLIENT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # a probe offers old versions to see them refused
        context.minimum_version, context.maximum_version = versions
    context.check_hostname = False
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def can_offer(version: ssl.TLSVersion) -> bool:
    """Tell whether our TLS library can begin a handshake in `version` only."""
    try:
        unverifying((version, version)).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).do_handshake()
    except ssl.SSLWantReadError:
        return True
    except ssl.SSLError:
        return False
    return False
