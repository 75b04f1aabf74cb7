"""Whom a channel trusts: what may be an anchor, and that there is one."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from isthmus.errors import ConfigError
from isthmus.pki.form import extension, is_authority
from isthmus.pki.verify import is_self_signed
from isthmus.tls.config import ChannelConfig


def anchors(config: ChannelConfig, trusted: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Return those of `trusted` that other certificates may lead to.

    Raises ConfigError if there is none for a channel that verifies others. Elsewhere the public CAs would be meant
    then; anybody can have a certificate of these, so they must not open the transport.
    """
    found = [one for one in trusted if is_anchor(one)]
    verifies = config.is_transport or config.client_authentication != "none"
    if verifies and config.verification_mode != "none" and not found:
        raise ConfigError(
            "no certificate authority is trusted",
            where=config.prefix,
            hint="set certificate_authorities or truststore.path to the CA of this cluster",
        )
    return found


def is_anchor(certificate: x509.Certificate) -> bool:
    """Tell whether it may be trusted by itself: a CA, or one that signs itself and vouches for nobody else.

    Another node's certificate in a truststore must not be an anchor: it would be trusted beyond its CA. Nor one that
    signs itself and that OpenSSL takes for a CA without basic constraints: of X.509 version 1, or by its key usage.
    """
    if is_authority(certificate):
        return True
    usage = extension(certificate, x509.KeyUsage)
    vouches = certificate.version is not x509.Version.v3 or (usage is not None and usage[0].key_cert_sign)
    return is_self_signed(certificate) and not vouches
