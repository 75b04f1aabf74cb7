"""Who asks on the port for other clusters, and what he may. Pure.

It is what the API key's own role grants, and no more than every set of roles that the other side sends along.

The key is judged first; nothing that is said of a user is read before it is known to be good (es-wire §3).
https://www.elastic.co/guide/en/elasticsearch/reference/8.19/remote-clusters-api-key.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from isthmus.remote.server.errors import RemoteAccessError, RemoteHeaderError
from isthmus.security.api_keys.realm import ApiKeys
from isthmus.security.authorization.permission import MAX_KEPT
from isthmus.security.credentials import ApiKeyCredentials, read_authorization
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import ApiKeyRef, Authentication, User
from isthmus.wire.authentication import is_system
from isthmus.wire.cross_cluster_access import CREDENTIALS, SUBJECT_INFO, SubjectInfo, decode_subject_info

if TYPE_CHECKING:
    from isthmus.tls.witness import PeerIdentity

ALLOWED: Final = frozenset(
    {
        CREDENTIALS,
        SUBJECT_INFO,
        "_xpack_audit_request_id",
        "tracestate",
        "traceparent",
        "trace.id",
        "X-Opaque-Id",
        "X-elastic-product-origin",
    }
)
SYSTEM_ROLE: Final = b'{"_system":{"cluster":["cross_cluster_search","cross_cluster_replication"]}}'
"""What a node of another cluster does on its own behalf: it asks who is here, and cancels."""
_SHOWN: Final = 100


class RemoteAccess:
    """Judges the headers of requests; `keys` are this cluster's API keys."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    def judge(self, headers: Mapping[str, str], identity: PeerIdentity | None) -> Authentication:
        """Return who asks. His API key's `limits` hold what the other side leaves of the key.

        Raises RemoteHeaderError, RemoteAccessError, MalformedError and UsageError; none holds the key's secret.
        """
        _check_names(headers)
        known = self._key(headers, identity)
        return _of_subject(known, decode_subject_info(headers[SUBJECT_INFO]))

    def _key(self, headers: Mapping[str, str], identity: PeerIdentity | None) -> Authentication:
        credentials = read_authorization(headers[CREDENTIALS])
        if not isinstance(credentials, ApiKeyCredentials):
            raise RemoteAccessError(
                f"the header [{CREDENTIALS}] holds no API key",
                hint="cluster.remote.<alias>.credentials is the [encoded] value of a cross-cluster API key",
            )
        found = self._keys.authenticate(credentials, "cross_cluster")
        if isinstance(found, str):
            raise RemoteAccessError(found)
        if found.api_key is not None:
            _check_certificate(found.api_key, identity)
        return found


def _check_names(headers: Mapping[str, str]) -> None:
    for name in (CREDENTIALS, SUBJECT_INFO):
        if name not in headers:
            raise RemoteAccessError(
                "Cross cluster requests through the dedicated remote cluster server port require transport header "
                f"[{name}] but none found. Please ensure you have configured remote cluster credentials on the cluster "
                "originating the request."
            )
    unknown = next((name for name in headers if name not in ALLOWED), None)
    if unknown is not None:
        raise RemoteHeaderError(
            f"Transport request header [{unknown[:_SHOWN]}] is not allowed for cross cluster requests through the "
            "dedicated remote cluster server port"
        )


def _check_certificate(key: ApiKeyRef, identity: PeerIdentity | None) -> None:
    if key.certificate_identity is None:
        return
    if identity is None or not identity.verified:
        raise RemoteAccessError(
            f"API key [{key.id}] goes with a certificate, and the other cluster showed none that is trusted here",
            hint="xpack.security.remote_cluster_client.ssl.certificate is for the searching side, "
            "xpack.security.remote_cluster_server.ssl.client_authentication for this one",
        )
    if re.fullmatch(key.certificate_identity, identity.subject) is None:
        raise RemoteAccessError(
            f"DN from provided certificate [{identity.subject[:_SHOWN]}] does not match API Key certificate identity "
            f"pattern [{key.certificate_identity[:_SHOWN]}]"
        )


def _of_subject(key: Authentication, subject: SubjectInfo) -> Authentication:
    """Return who came with a good key, limited to what the other side says of him."""
    ref = key.api_key
    if ref is None:
        raise TypeError("somebody came with a key that is none")
    authentication = subject.authentication
    if is_system(authentication):
        if subject.role_descriptors:
            raise RemoteAccessError("another cluster asks on its own behalf and sends roles, of which it has none")
        return _limited(key, ref, "_system", (SYSTEM_ROLE,))
    if authentication.user.internal or authentication.type == "internal":
        raise RemoteAccessError(
            f"received cross cluster request from an unexpected internal user [{authentication.user.username[:_SHOWN]}]"
        )
    for descriptors in subject.role_descriptors:
        if not _is_plain(descriptors):
            raise RemoteAccessError(
                "Role descriptor for cross cluster access can only contain index and cluster privileges but other "
                f"privileges found for subject [{authentication.user.username[:_SHOWN]}]"
            )
    # Of a user about whom nothing is said nothing is granted.
    return _limited(key, ref, authentication.user.username, subject.role_descriptors or (b"{}",))


@lru_cache(maxsize=MAX_KEPT)
def _is_plain(descriptors: bytes) -> bool:
    """Whether roles say of indices and of the cluster alone. Raises UsageError for what cannot be read."""
    bodies: dict[str, Any] = msgspec.json.decode(descriptors, type=dict[str, Any])
    roles = [parse_role(name, body) for name, body in bodies.items()]
    others = [(one.run_as, one.applications, one.global_privileges, one.remote_indices) for one in roles]
    return not any(any(one) for one in others)


def _limited(key: Authentication, ref: ApiKeyRef, username: str, limits: tuple[bytes, ...]) -> Authentication:
    return replace(key, user=User(username=username), api_key=replace(ref, limits=limits))
