"""What a change of generation means for the connections that are open. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography import x509

from isthmus.pki.names import distinguished_name_text
from isthmus.pki.verify import trusted_path
from isthmus.tls.judging import Judge

if TYPE_CHECKING:
    from isthmus.tls.generation import Generation
    from isthmus.tls.witness import PeerIdentity

_REMEMBERED = 4_096


def identity_changed(old: Generation, new: Generation) -> bool:
    """Tell whether another certificate or chain is shown."""
    return old.chain != new.chain


def trust_shrank(old: Generation, new: Generation) -> bool:
    """Tell whether somebody who was trusted is no longer."""
    return not set(old.trusted) <= set(new.trusted)


def is_same(old: Generation, new: Generation) -> bool:
    """Tell whether two generations show, trust and name the same; a key is the same if its certificate is."""
    shown = (old.chain, old.trusted, old.sources) == (new.chain, new.trusted, new.sources)
    return shown and old.revocations == new.revocations


def trusts(trusted: Callable[[], tuple[x509.Certificate, ...]]) -> Judge:
    """Return the judge who says of a peer that was verified once why what is `trusted` now no longer vouches for it.

    Trust is asked for at each judgement: a judge of latecomers may outlive the generation that he was called for, and
    whom a later one trusts must not be shown the door.
    """

    @lru_cache(_REMEMBERED)
    def leads_to(chain: tuple[x509.Certificate, ...], anchors: tuple[x509.Certificate, ...]) -> bool:
        return bool(trusted_path(chain[0], chain[1:], anchors))

    def judge(identity: PeerIdentity) -> str | None:
        if not identity.verified or leads_to(identity.chain, trusted()):
            return None
        leaf = identity.chain[0]
        return (
            f"its certificate [{distinguished_name_text(leaf.subject)}], issued by "
            f"[{distinguished_name_text(leaf.issuer)}], no longer leads to a CA that is trusted here"
        )

    return judge
