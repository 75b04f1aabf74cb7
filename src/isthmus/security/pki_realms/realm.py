"""One PKI realm: a client certificate that the HTTP port has verified says who comes.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/pki-realm.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from re import Pattern
from typing import TYPE_CHECKING, Final

from isthmus.errors import DataError
from isthmus.pki.distinguished import common_name_of, normal_name
from isthmus.pki.verify import Chain, check_chain
from isthmus.security.role_mappings.kept import RoleMappings
from isthmus.security.role_mappings.rules import Person
from isthmus.security.subject import Authentication, RealmRef, User

if TYPE_CHECKING:
    from cryptography import x509

    from isthmus.tls.witness import PeerIdentity

log = logging.getLogger(__name__)

TYPE: Final = "pki"
MAX_KEPT: Final = 10_000
"""Of how many certificates it is kept whose they are."""


class PkiRealm:
    """The realm `name`: takes certificates that lead to `trusted` (None: all that the port verified).

    The user's name is the first group of `username_pattern` in the certificate's subject; without a pattern its common
    name, which is taken as such: a pattern might find it in the middle of another part.
    """

    def __init__(
        self,
        name: str,
        username_pattern: Pattern[str] | None,
        trusted: Sequence[x509.Certificate] | None,
        mappings: RoleMappings,
        node_name: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.ref = RealmRef(name, TYPE, node_name)
        self._pattern = username_pattern
        self._trusted = trusted
        self._mappings = mappings
        self._now = now
        self._user = lru_cache(maxsize=MAX_KEPT)(self._found)

    def name_in(self, identity: PeerIdentity) -> str | None:
        """Return the name that a certificate claims to be of, None if it has none."""
        if self._pattern is None:
            return common_name_of(identity.chain[0].subject)
        found = self._pattern.search(identity.subject)
        return None if found is None else found[1] or None

    def authenticate(self, identity: PeerIdentity) -> Authentication | None:
        """Return who comes with a verified certificate that is valid now, None if this realm does not know him."""
        leaf = identity.chain[0]
        if not identity.verified or not leaf.not_valid_before_utc <= self._now() <= leaf.not_valid_after_utc:
            return None
        user = self._user(identity)
        return None if user is None else Authentication(user=user, authenticated_by=self.ref)

    def forget(self) -> None:
        """Drop what is kept of certificates."""
        self._user.cache_clear()

    def _found(self, identity: PeerIdentity) -> User | None:
        name, dn = self.name_in(identity), identity.subject
        if name is None or not self._is_trusted(identity.chain):
            return None
        fields = {"username": name, "dn": dn, "groups": (), "metadata.pki_dn": dn, "realm.name": self.ref.name}
        roles = self._mappings.roles_of(Person(fields, normal_name(identity.chain[0].subject)))
        return User(username=name, roles=roles, metadata={"pki_dn": dn})

    def _is_trusted(self, chain: Chain) -> bool:
        if self._trusted is None:
            return True
        try:
            check_chain(chain, self._trusted, f"the realm [{self.ref.name}]", moment=self._now(), judge_issuers=False)
        except DataError as refused:
            log.debug("a certificate is not taken: %s", refused)
            return False
        return True
