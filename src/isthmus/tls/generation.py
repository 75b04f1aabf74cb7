"""One generation of key, certificate and trust: read together, checked, and turned into contexts."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from isthmus.errors import ConfigError
from isthmus.pki.bundles import certificates_to_pem
from isthmus.pki.denial import implicated
from isthmus.pki.revocation import RevocationList, revocation
from isthmus.tls.cautions import cautions
from isthmus.tls.ciphers import choose_ciphers
from isthmus.tls.config import ChannelConfig
from isthmus.tls.handover import load_identity
from isthmus.tls.material import Source, read_material
from isthmus.tls.trust import anchors
from isthmus.tls.witness import Failed, WitnessContext

_VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
_CLIENT_AUTHENTICATION = {"required": ssl.CERT_REQUIRED, "optional": ssl.CERT_OPTIONAL, "none": ssl.CERT_NONE}


@dataclass(frozen=True)
class Generation:
    """What a channel serves (`chain`, its own certificate first) and trusts (`trusted`, but for `revocations`).

    `warnings` are sentences for the log; `sources` name the files.
    """

    chain: tuple[x509.Certificate, ...]
    trusted: tuple[x509.Certificate, ...]
    server_context: ssl.SSLContext | None
    client_context: ssl.SSLContext
    sources: tuple[Source, ...]
    warnings: tuple[str, ...]
    revocations: tuple[RevocationList, ...] = ()


def load_generation(config: ChannelConfig, on_failed: Failed | None = None) -> Generation:
    """Read the channel's files and make its contexts; `on_failed` hears of inbound handshakes that failed.

    Raises ConfigError that names the setting, the file and the mend.
    """
    material = read_material(config)
    bundle, trusted = material.bundle, anchors(config, material.trusted)
    server = _server_context(config, trusted, on_failed) if bundle is not None else None
    client = _client_context(config, trusted)
    if bundle is not None and config.identity is not None:
        load_identity([context for context in (server, client) if context is not None], bundle, config.identity.where)
    chain = (bundle.certificate, *bundle.chain) if bundle and bundle.certificate else ()
    now = datetime.now(UTC)
    return Generation(
        chain=chain,
        trusted=tuple(trusted),
        server_context=server,
        client_context=client,
        sources=material.sources,
        warnings=(
            *cautions(config, chain, material.trusted, now),
            *material.strangers,
            *_own_revocation(config, chain, trusted, material.revocations, now),
        ),
        revocations=material.revocations,
    )


def _own_revocation(
    config: ChannelConfig,
    chain: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    lists: Sequence[RevocationList],
    now: datetime,
) -> list[str]:
    found = revocation(implicated(chain, trusted), lists, now)
    return [] if found is None else [f"{config.prefix}: of what this node itself presents, {found}; others refuse it"]


def _server_context(
    config: ChannelConfig, trusted: Sequence[x509.Certificate], on_failed: Failed | None
) -> ssl.SSLContext:
    context = _context(config, ssl.PROTOCOL_TLS_SERVER, trusted, on_failed)
    context.num_tickets = 0  # a resumed session would outlive the trust it began with
    if config.verification_mode != "none":
        context.verify_mode = _CLIENT_AUTHENTICATION[config.client_authentication]
    return context


def _client_context(config: ChannelConfig, trusted: Sequence[x509.Certificate]) -> ssl.SSLContext:
    context = _context(config, ssl.PROTOCOL_TLS_CLIENT, trusted, None)
    context.check_hostname = config.verification_mode == "full"
    context.verify_mode = ssl.CERT_NONE if config.verification_mode == "none" else ssl.CERT_REQUIRED
    return context


def _context(
    config: ChannelConfig, protocol: int, trusted: Sequence[x509.Certificate], on_failed: Failed | None
) -> ssl.SSLContext:
    context = WitnessContext(protocol, on_failed)
    context.minimum_version, context.maximum_version = _versions(config)
    # VERIFY_X509_STRICT stays off: CAs of older certutils have no key usage, and their clusters must go on.
    # As in Java, a trusted intermediate CA is an anchor by itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if trusted:
        context.load_verify_locations(cadata=certificates_to_pem(trusted).decode())
    choose_ciphers(context, config.cipher_suites, config.supported_protocols, f"{config.prefix}.cipher_suites")
    return context


def _versions(config: ChannelConfig) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    versions = sorted(_VERSIONS[name] for name in config.supported_protocols)
    if not versions:
        raise ConfigError(
            "no TLS version is enabled",
            where=f"{config.prefix}.supported_protocols",
            hint="list TLSv1.3, TLSv1.2 or both, or remove it",
        )
    return versions[0], versions[-1]
