"""Which authorities of a rotation vouch for which of its leaves."""

from __future__ import annotations

from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan
from isthmus.pki.rotation import Vouchers


def vouchers_of(plan: Plan, papers: Papers) -> Vouchers:
    """Judge every leaf of the plan by its signatures. Raises NoInputError, DataError."""
    authorities = tuple(dict.fromkeys([*plan.before, *plan.after]))
    leaves = {
        leaf
        for channel in plan.channels
        for party in channel.parties
        for leaf in (party.before.leaf, party.after.leaf)
        if leaf is not None
    }
    return {leaf: papers.vouchers(leaf, authorities) for leaf in leaves}
