"""Ways of calling a search that contradict what it asks. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/search-search.html
"""

from __future__ import annotations

from isthmus.query.mistakes import ValidationError
from isthmus.query.search_request import SearchRequest
from isthmus.search.call import SearchCall


def check_point_in_time(call: SearchCall) -> None:
    """Raise ValidationError if a search of a point in time names indices: it knows its own."""
    if call.indices is not None:
        raise invalid(["[indices] cannot be used with point in time. Do not specify any index with point in time."])


def check_scroll(request: SearchRequest) -> None:
    """Raise ValidationError for what cannot be scrolled."""
    wrong = [
        ("using [point in time] is not allowed in a scroll context", request.point_in_time is not None),
        ("using [from] is not allowed in a scroll context", request.from_ > 0),
        ("[size] cannot be [0] in a scroll context", request.size == 0),
        ("disabling [track_total_hits] is not allowed in a scroll context", request.track_total_hits == 0),
        ("`search_after` cannot be used in a scroll context.", request.search_after is not None),
        ("cannot use `collapse` in a scroll context", request.collapse is not None),
    ]
    found = [reason for reason, is_wrong in wrong if is_wrong]
    if found:
        raise invalid(found)


def invalid(reasons: list[str]) -> ValidationError:
    """Return the error that tells all that is wrong."""
    listed = "".join(f" {number}: {reason};" for number, reason in enumerate(reasons, 1))
    return ValidationError(f"Validation Failed:{listed}")
