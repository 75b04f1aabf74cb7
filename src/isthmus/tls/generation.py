"""One generation of key, certificate and trust: read together, checked, and turned into contexts."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from isthmus.errors import ConfigError
from isthmus.pki.bundles import Bundle, certificates_to_pem
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules import is_authority, is_self_issued
from isthmus.tls.ciphers import choose_ciphers
from isthmus.tls.config import ChannelConfig
from isthmus.tls.material import Source, read_material
from isthmus.tls.witness import Failed, WitnessContext

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_CLIENT_AUTHENTICATION = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}


@dataclass(frozen=True)
class Generation:
    """What a channel serves (`chain`, its own certificate first) and trusts (`trusted`).

    `warnings` are sentences for the log; `sources` name the files.
    """

    chain: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]
    server_context: ssl.SSLContext | None
    client_context: ssl.SSLContext
    sources: tuple[Source, ...]
    warnings: tuple[str, ...]


def load_generation(config: ChannelConfig, on_failed: Failed | None = None) -> Generation:
    """Read the channel's files and make its contexts; `on_failed` hears of inbound handshakes that failed.

    Raises ConfigError that names the setting, the file and the mend.
    """
    material = read_material(config)
    _check_trust(config, material.trusted)
    bundle = material.bundle
    server = _server_context(config, material.trusted, on_failed) if bundle is not None else None
    client = _client_context(config, material.trusted)
    if bundle is not None:
        _load_identity([context for context in (server, client) if context is not None], bundle)
    return Generation(
        chain=(bundle.certificate, *bundle.chain) if bundle and bundle.certificate else (),
        trusted=material.trusted,
        server_context=server,
        client_context=client,
        sources=material.sources,
        warnings=tuple(_warnings(config, bundle)),
    )


def _check_trust(config: ChannelConfig, trusted: tuple[x509.Certificate, ...]) -> None:
    """A channel that verifies others must be told whom to trust: a public CA must never open it by default."""
    trusted = tuple(one for one in trusted if _is_anchor(one))
    verifies = config.prefix.endswith(".transport.ssl") or config.client_authentication != "none"
    if verifies and config.verification_mode != "none" and not trusted:
        raise ConfigError(
            "no certificate authority is trusted",
            where=config.prefix,
            hint="set certificate_authorities or truststore.path to the CA of this cluster",
        )


def _server_context(
    config: ChannelConfig, trusted: tuple[x509.Certificate, ...], on_failed: Failed | None
) -> ssl.SSLContext:
    context = _context(config, ssl.PROTOCOL_TLS_SERVER, trusted, on_failed)
    context.num_tickets = 0  # a resumed session would outlive the trust it began with
    if config.verification_mode != "none":
        context.verify_mode = _CLIENT_AUTHENTICATION[config.client_authentication]
    return context


def _client_context(config: ChannelConfig, trusted: tuple[x509.Certificate, ...]) -> ssl.SSLContext:
    context = _context(config, ssl.PROTOCOL_TLS_CLIENT, trusted, None)
    context.check_hostname = config.verification_mode == "full"
    context.verify_mode = ssl.CERT_NONE if config.verification_mode == "none" else ssl.CERT_REQUIRED
    return context


def _context(
    config: ChannelConfig, protocol: int, trusted: tuple[x509.Certificate, ...], on_failed: Failed | None
) -> ssl.SSLContext:
    context = WitnessContext(protocol, on_failed)
    versions = sorted(_VERSIONS[name] for name in config.supported_protocols)
    context.minimum_version, context.maximum_version = versions[0], versions[-1]
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    # as in Java, a trusted intermediate CA is an anchor by itself
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    anchors = [one for one in trusted if _is_anchor(one)]
    if anchors:
        context.load_verify_locations(cadata=certificates_to_pem(anchors).decode())
    choose_ciphers(
        context,
        config.cipher_suites,
        tls13="TLSv1.3" in config.supported_protocols,
        setting=f"{config.prefix}.cipher_suites",
    )
    return context


def _is_anchor(certificate: x509.Certificate) -> bool:
    """A node's own certificate in its truststore must not become an anchor, unless it signs itself."""
    return is_authority(certificate) or is_self_issued(certificate)


def _load_identity(contexts: list[ssl.SSLContext], bundle: Bundle) -> None:
    """Python loads a key from a file only: it lies there encrypted, under a passphrase that is never written."""
    if bundle.key is None or bundle.certificate is None:
        raise ConfigError("the keystore holds no private key")
    passphrase = secrets.token_bytes(24).hex().encode()
    key = bundle.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase))
    handle, path = tempfile.mkstemp(prefix="isthmus-", suffix=".pem")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(certificates_to_pem((bundle.certificate, *bundle.chain)) + key)
        for context in contexts:
            context.load_cert_chain(path, password=passphrase)
    except ssl.SSLError as cause:
        raise ConfigError(
            f"the TLS library does not take the certificate or its key: {cause.reason}",
            where=distinguished_name_text(bundle.certificate.subject),
            hint="issue it anew with `isthmus certutil cert` (EC P-256, SHA-256)",
        ) from cause
    finally:
        os.unlink(path)  # noqa: PTH108  mkstemp speaks in text


def _warnings(config: ChannelConfig, bundle: Bundle | None) -> list[str]:
    if bundle is None or bundle.certificate is None:
        return []
    leaf, now = bundle.certificate, datetime.now(UTC)
    subject = distinguished_name_text(leaf.subject)
    if leaf.not_valid_after_utc < now:
        expired = f"{leaf.not_valid_after_utc:%Y-%m-%d}"
        return [f"{config.prefix}: the certificate [{subject}] expired on {expired}; other nodes refuse it: renew it"]
    if leaf.not_valid_before_utc > now:
        begins = f"{leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        return [f"{config.prefix}: the certificate [{subject}] is valid only from {begins}; check the clock"]
    return []
