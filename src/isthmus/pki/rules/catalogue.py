"""All rules, in reading order."""

from __future__ import annotations

from typing import Final

from isthmus.pki.rules import authority, chain, cluster, dates, files, names, pages, protocol, strength, usage
from isthmus.pki.rules.rule import ClusterRule, Rule

RULES: Final[tuple[Rule, ...]] = (
    Rule("transport-tls-off", "warning", pages.CHANNELS, protocol.transport_disabled, of_disabled=True),
    Rule("http-tls-off", "warning", pages.CHANNELS, protocol.http_disabled, of_disabled=True),
    Rule("file-unreadable", "error", pages.HANDLING, files.readable),
    Rule("file-password-unknown", "warning", pages.HANDLING, files.password),
    Rule("certificate-missing", "error", pages.TRANSPORT, chain.nothing_presented),
    Rule("key-mismatch", "error", pages.HANDLING, chain.key_fits),
    Rule("transport-extended-key-usage", "error", pages.REQUIREMENTS, usage.transport_purposes),
    Rule("server-extended-key-usage", "error", pages.REQUIREMENTS, usage.server_purpose),
    Rule("client-extended-key-usage", "error", pages.REMOTE, usage.client_purpose),
    Rule("key-usage-without-signature", "error", pages.REQUIREMENTS, usage.signing_usage),
    Rule("http-shares-certificate", "warning", pages.HTTP_APART, usage.apart_from_http),
    Rule("public-authority", "error", pages.DEDICATED, authority.public),
    Rule("shared-authority", "warning", pages.DEDICATED, authority.shared),
    Rule("no-authority", "error", pages.REQUIREMENTS, authority.none_trusted),
    Rule("leaf-as-anchor", "error", pages.OWN_AUTHORITY, authority.leaf_as_anchor),
    Rule("duplicate-authority", "note", pages.OWN_AUTHORITY, authority.duplicates),
    Rule("authorities-of-one-name", "warning", pages.OWN_AUTHORITY, authority.same_name),
    Rule("mutual-tls-off", "warning", pages.MUTUAL, protocol.mutual),
    Rule("verification-off", "warning", pages.MUTUAL, protocol.verification),
    Rule("address-not-covered", "error", pages.TRANSPORT, names.covered),
    Rule("wildcard-name", "warning", pages.TRANSPORT, names.wildcard),
    Rule("chain-order", "warning", pages.OWN_AUTHORITY, chain.order),
    Rule("chain-incomplete", "warning", pages.OWN_AUTHORITY, chain.complete),
    Rule("chain-untrusted", "error", pages.TRANSPORT, chain.trusted_here),
    Rule("key-identifiers-differ", "error", pages.OWN_AUTHORITY, chain.identifiers),
    Rule("issuer-may-not-sign", "error", pages.OWN_AUTHORITY, chain.issuers_sign),
    Rule("path-too-long", "error", pages.OWN_AUTHORITY, chain.path_lengths),
    Rule("certificate-form", "error", pages.OWN_AUTHORITY, chain.form),
    Rule("weak-certificate", "error", pages.HANDLING, strength.strong),
    Rule("unusual-key", "warning", pages.HANDLING, strength.usual_kind),
    Rule("expired", "error", pages.RENEWAL, dates.expired),
    Rule("not-yet-valid", "error", pages.RENEWAL, dates.not_yet_valid),
    Rule("expires-soon", "error", pages.RENEWAL, dates.expires_soon),
    Rule("outlives-authority", "warning", pages.RENEWAL, dates.outlives_issuer),
    Rule("long-validity", "note", pages.RENEWAL, dates.long_validity),
    Rule("key-file-open", "error", pages.HANDLING, files.key_mode),
    Rule("trust-file-open", "error", pages.HANDLING, files.trust_mode),
    Rule("weak-encryption", "warning", pages.HANDLING, files.encryption),
    Rule("old-store-format", "note", pages.HANDLING, files.old_format),
    Rule("old-tls-version", "error", pages.VERSIONS, protocol.old_versions),
    Rule("weak-cipher-suite", "error", pages.VERSIONS, protocol.weak_suites),
)

CLUSTER_RULES: Final[tuple[ClusterRule, ...]] = (
    ClusterRule("cluster-unencrypted", "error", pages.CHANNELS, cluster.encrypted),
    ClusterRule("nodes-refuse-each-other", "error", pages.TRANSPORT, cluster.mutual_trust),
    ClusterRule("trust-differs", "warning", pages.TRANSPORT, cluster.same_trust),
    ClusterRule("nodes-share-certificate", "note", pages.TRANSPORT, cluster.shared_certificates),
)
