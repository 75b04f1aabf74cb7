"""Which names indices and aliases may have. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-create-index.html#indices-create-api-path-params
"""

from __future__ import annotations

from isthmus.index.metadata.errors import InvalidIndexNameError

MAX_BYTES = 255
FORBIDDEN = ' "*\\<|,>/?'


def check_index_name(name: str) -> str:
    """Return `name`. Raises InvalidIndexNameError, which says what is wrong with it."""
    if name.lower() != name:
        raise InvalidIndexNameError(name, "must be lowercase")
    return check_name(name)


def check_name(name: str) -> str:
    """Return a name that an index or alias (which may have capitals) may have. Raises InvalidIndexNameError."""
    if not name:
        raise InvalidIndexNameError(name, "must not be empty")
    if any(one in FORBIDDEN or one.isspace() for one in name):
        shown = ", ".join(f"'{one}'" for one in FORBIDDEN)
        raise InvalidIndexNameError(name, f"must not contain the following characters [{shown}]")
    if "#" in name:
        raise InvalidIndexNameError(name, "must not contain '#'")
    if ":" in name:
        raise InvalidIndexNameError(name, "must not contain ':'")
    if name[0] in "_-+":
        raise InvalidIndexNameError(name, "must not start with '_', '-', or '+'")
    if name in (".", ".."):
        raise InvalidIndexNameError(name, "must not be '.' or '..'")
    if len(name.encode(errors="surrogatepass")) > MAX_BYTES:
        raise InvalidIndexNameError(name, f"index name is too long, ({len(name.encode())} > {MAX_BYTES})")
    return name
