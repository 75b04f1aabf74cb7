"""How far a search counts its hits where the way it is called decides that: as a plain number, or by a scroll. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isthmus.query.parsing import Bounds
from isthmus.search.call import SearchCall
from isthmus.search.parsing import parsed_search
from isthmus.search.response import check_total_as_int

NAME: Final = "track_total_hits"


def counted_parameters(call: SearchCall, bounds: Bounds) -> Mapping[str, str]:
    """Return the parameters of a call, with how far hits are counted if it wants one number.

    Raises UsageError where that number would not be exact.
    """
    if not call.total_as_int:
        return call.parameters
    given = says_how_far(call)
    check_total_as_int(parsed_search(call.body, call.parameters, bounds).request, given=given)
    return call.parameters if given else {**call.parameters, NAME: "true"}


def says_how_far(call: SearchCall) -> bool:
    """Tell whether a call says how far its hits are counted."""
    return NAME in call.parameters or NAME.encode() in call.body
