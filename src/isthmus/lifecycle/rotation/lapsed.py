"""Which old leaves of a rotation have had their time: nobody lets them in, which proves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from cryptography import x509

from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan
from isthmus.pki.rotation import Vouchers


def lapsed_leaves(plan: Plan, papers: Papers, vouchers: Vouchers, now: datetime) -> frozenset[str]:
    """Return the ids of old leaves that have expired themselves, or with their chain, or with all who vouched for them.

    Raises NoInputError, DataError if a paper of the rotation cannot be read.
    """
    before = set(plan.before)
    return frozenset(leaf for leaf in old_leaves(plan) if _is_over(leaf, vouchers[leaf] & before, papers, now))


def old_leaves(plan: Plan) -> frozenset[str]:
    """Return the ids of the leaves that every party shows before the rotation."""
    parties = (party for channel in plan.channels for party in channel.parties)
    return frozenset(party.before.leaf for party in parties if party.before.leaf is not None)


def _is_over(leaf: str, vouched: Collection[str], papers: Papers, now: datetime) -> bool:
    bundle = papers.leaf(leaf)
    own = [one for one in (bundle.certificate, *bundle.chain) if one is not None]
    authorities = [papers.authority(one) for one in vouched]
    return _any_expired(own, now) or (bool(authorities) and all(_any_expired([one], now) for one in authorities))


def _any_expired(certificates: Iterable[x509.Certificate], now: datetime) -> bool:
    return any(one.not_valid_after_utc <= now for one in certificates)
