"""What the head of a request may hold, judged before anybody is asked who he is."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from isthmus.errors import UsageError

MAX_HEADER_BYTES: Final = 16 << 10
"""All headers together, as in Elasticsearch (`http.max_header_size`)."""
_REFUSED: Final = {
    "es-secondary-authorization": "nobody is authenticated besides who asks",
}


class TooLongHeaderError(UsageError):
    """The headers of a request are too long, all together."""

    type = "too_long_http_header_exception"


def check_head(request: web.Request) -> None:
    """Raise TooLongHeaderError, or UsageError for a header that would have to be obeyed and is not."""
    if sum(len(name) + len(value) for name, value in request.raw_headers) > MAX_HEADER_BYTES:
        raise TooLongHeaderError(f"HTTP header is larger than {MAX_HEADER_BYTES} bytes.")
    for name, reason in _REFUSED.items():
        if name in request.headers:
            raise UsageError(f"the header [{name}] is not supported: {reason}", hint="leave it out")
