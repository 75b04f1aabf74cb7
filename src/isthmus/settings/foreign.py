"""Settings of Elasticsearch that mean nothing here, each with its reason.

A real `elasticsearch.yml` shall be usable. What is harmless to ignore is accepted with a warning. What an
administrator relies on for security, or what would leave the node doing something else than asked, is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from isthmus.settings.entries import Value
from isthmus.settings.setting import match_name


@dataclass(frozen=True, slots=True)
class Foreign:
    """A name, or a pattern with one `*`, and why it means nothing here.

    `harmless` values are accepted also where others are refused. `keystore_name` gives the name of the secure setting
    that takes its place.
    """

    pattern: str
    reason: str
    refused: bool = False
    harmless: frozenset[str] = frozenset()
    keystore_name: Callable[[str], str] | None = None

    def refuses(self, value: Value) -> bool:
        """Tell whether this value of the setting stops the start."""
        return self.refused and not (isinstance(value, str) and value.lower() in self.harmless)


def find(name: str) -> Foreign | None:
    """Return the first rule that `name` falls under."""
    return next((rule for rule in TABLE if match_name(rule.pattern, name) is not None), None)


def _ignored(reason: str, *patterns: str) -> list[Foreign]:
    return [Foreign(pattern, reason) for pattern in patterns]


def _refused(reason: str, *patterns: str, harmless: tuple[str, ...] = ()) -> list[Foreign]:
    return [Foreign(pattern, reason, refused=True, harmless=frozenset(harmless)) for pattern in patterns]


def _secret(plain: str, secure: str) -> Foreign:
    def keystore_name(name: str) -> str:
        return name.removesuffix(plain) + secure

    return Foreign(f"xpack.security.*.ssl.{plain}", "it is a secret", refused=True, keystore_name=keystore_name)


TABLE: tuple[Foreign, ...] = (
    # Who may connect, who may log in, and what is recorded of it.
    *_refused(
        "which certificates are trusted is decided by the authorities and isthmus.transport.node_role_pattern alone",
        "xpack.security.*.ssl.trust_restrictions.path",
        "xpack.security.*.ssl.trust_restrictions.x509_fields",
    ),
    *_refused(
        "connections are not filtered by address; use a firewall",
        "xpack.security.http.filter.*",
        "xpack.security.transport.filter.*",
        "xpack.security.remote_cluster.filter.*",
        harmless=("false",),
    ),
    *_refused("there is one transport listener, with one set of rules", "transport.profiles.*"),
    *_refused("there is no mode for FIPS 140", "xpack.security.fips_mode.*", harmless=("false",)),
    *_refused(
        "passwords are hashed with bcrypt",
        "xpack.security.authc.password_hashing.algorithm",
        harmless=("bcrypt", "bcrypt10"),
    ),
    *_refused(
        "the user elastic cannot be switched off", "xpack.security.authc.reserved_realm.enabled", harmless=("true",)
    ),
    *_refused(
        "API keys and tokens are always served",
        "xpack.security.authc.api_key.enabled",
        "xpack.security.authc.token.enabled",
        harmless=("true",),
    ),
    *_ignored(
        "how API keys and tokens are kept cannot be set",
        "xpack.security.authc.api_key.*",
        "xpack.security.authc.token.*",
    ),
    *_ignored(
        "what a certificate maps to is kept until the mappings change",
        "xpack.security.authc.realms.pki.*.cache.ttl",
        "xpack.security.authc.realms.pki.*.cache.max_users",
    ),
    *_refused(
        "the roles of a PKI realm's users come from role mappings",
        "xpack.security.authc.realms.pki.*.authorization_realms",
        "xpack.security.authc.realms.pki.*.files.role_mapping",
    ),
    *_refused(
        "the realms are reserved, native and file, in this order, and PKI realms",
        *(
            f"xpack.security.authc.realms.{kind}.*"
            for kind in ("active_directory", "file", "jwt", "kerberos", "ldap", "native", "oidc", "saml")
        ),
    ),
    *_refused("acting as another is always served", "xpack.security.authc.run_as.enabled", harmless=("true",)),
    *_refused("roles are not checked by rules of this kind", "xpack.security.authz.*", "xpack.security.dls_fls.*"),
    _secret("key_passphrase", "secure_key_passphrase"),
    _secret("keystore.password", "keystore.secure_password"),
    _secret("keystore.key_password", "keystore.secure_key_password"),
    _secret("truststore.password", "truststore.secure_password"),
    # What the node would not do although it was asked to.
    *_refused("name the nodes to ask in discovery.seed_hosts", "discovery.seed_providers", "discovery.zen.*"),
    *_refused("say it with node.roles", "node.master", "node.data", "node.ingest", "node.ml", "node.voting_only"),
    *_refused("requests of other web sites are not answered", "http.cors.enabled", harmless=("false",)),
    *_ignored("requests of other web sites are not answered", "http.cors.*"),
    # What there is none of here.
    *_ignored("there are no licences", "xpack.license.*"),
    *_ignored("there is no Java heap to lock", "bootstrap.memory_lock"),
    *_ignored("the process makes no system call that had to be filtered", "bootstrap.system_call_filter"),
    *_ignored("nothing is written by mmap of its own", "node.store.allow_mmap"),
    *_ignored("there are no thread pools to size", "thread_pool.*", "node.processors"),
    *_ignored("the Java TLS library's algorithms do not apply", "xpack.security.*.ssl.keystore.algorithm"),
    *_ignored("the Java TLS library's algorithms do not apply", "xpack.security.*.ssl.truststore.algorithm"),
    *_ignored("a refused certificate is always explained", "xpack.security.ssl.diagnose.trust"),
    *_ignored(
        "certificates are made by `isthmus certutil`",
        "xpack.security.autoconfiguration.enabled",
        "xpack.security.enrollment.enabled",
    ),
    *_ignored(
        "the feature does not exist here",
        "xpack.apm_data.*",
        "xpack.ccr.*",
        "xpack.eql.*",
        "xpack.graph.*",
        "xpack.ilm.*",
        "xpack.ml.*",
        "xpack.monitoring.*",
        "xpack.profiling.*",
        "xpack.rollup.*",
        "xpack.searchable.snapshot.*",
        "xpack.slm.*",
        "xpack.sql.*",
        "xpack.watcher.*",
        "ingest.geoip.*",
        "monitor.*",
        "script.*",
        "reindex.*",
    ),
    *_ignored("there are no snapshots", "path.repo", "snapshot.*", "s3.client.*", "gcs.client.*", "azure.client.*"),
    *_ignored(
        "there are no indices or shards whose placement or limits it could govern",
        "cluster.indices.*",
        "cluster.max_shards_per_node",
        "cluster.routing.*",
        "gateway.*",
        "indices.breaker.*",
        "indices.cache.*",
        "indices.fielddata.*",
        "indices.id_field_data.*",
        "indices.lifecycle.*",
        "indices.mapping.*",
        "indices.memory.*",
        "indices.query.query_string.*",
        "indices.queries.*",
        "indices.recovery.*",
        "indices.replication.*",
        "indices.requests.*",
        "indices.store.*",
        "search.aggs.*",
        "search.allow_expensive_queries",
        "search.default_keep_alive",
        "search.keep_alive_interval",
        "search.low_level_cancellation",
        "search.max_async_search_response_size",
        "search.max_keep_alive",
        "search.max_open_pit_context",
        "search.worker_threads_enabled",
    ),
    *_ignored(
        "the connection is tuned by the operating system and the transport itself",
        "http.compression",
        "http.compression_level",
        "http.tcp.*",
        "network.tcp.*",
        "transport.compress",
        "transport.compression_scheme",
        "transport.ping_schedule",
        "transport.tcp.*",
    ),
    *_ignored(
        "all files are looked at every resource.reload.interval.high",
        "resource.reload.interval.medium",
        "resource.reload.interval.low",
    ),
    *_ignored("the log holds what an operator needs, at one level", "logger.*"),
)
