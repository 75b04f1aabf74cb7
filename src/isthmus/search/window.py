"""How many hits of an index may be asked for at once.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/index-modules.html#index-max-result-window
"""

from __future__ import annotations

from isthmus.errors import UsageError
from isthmus.query.search_request import SearchRequest


def check_window(request: SearchRequest, page: int | None, maximum: int) -> None:
    """Raise UsageError for more than `maximum` hits, of a search or of a page of a scroll."""
    asked = request.from_ + request.size if page is None else page
    if asked <= maximum:
        return
    if page is not None:
        raise UsageError(
            f"Batch size is too large, size must be less than or equal to: [{maximum}] but was [{asked}]. Scroll batch "
            "sizes cost as much memory as result windows so they are controlled by the [index.max_result_window] "
            "index level setting."
        )
    raise UsageError(
        f"Result window is too large, from + size must be less than or equal to: [{maximum}] but was [{asked}]. See "
        "the scroll api for a more efficient way to request large data sets. This limit can be set by changing the "
        "[index.max_result_window] index level setting."
    )
