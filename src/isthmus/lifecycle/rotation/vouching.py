"""Which authorities of a rotation vouch for which of its leaves."""

from __future__ import annotations

from datetime import datetime

from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan
from isthmus.pki.rotation import Vouchers


def vouchers_of(plan: Plan, papers: Papers) -> Vouchers:
    """Judge every leaf of the plan by its signatures, whatever its dates. Raises NoInputError, DataError."""
    leaves = {leaf for channel in plan.channels for party in channel.parties for leaf in party.leaves}
    return {leaf: papers.vouchers(leaf, plan.authorities) for leaf in leaves}


def vouchers_at(vouchers: Vouchers, papers: Papers, moment: datetime) -> Vouchers:
    """Leave out whom nobody believes at that moment, since the leaf, or a CA above it, is not within its dates."""
    expired = {one for those in vouchers.values() for one in those if not papers.is_authority_valid(one, moment)}
    return {
        leaf: those - expired if papers.is_leaf_valid(leaf, moment) else frozenset() for leaf, those in vouchers.items()
    }
