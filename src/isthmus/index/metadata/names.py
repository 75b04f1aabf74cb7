"""Which names indices and aliases may have. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/indices-create-index.html#indices-create-api-path-params
"""

from __future__ import annotations

from isthmus.index.metadata.errors import InvalidAliasNameError, InvalidIndexNameError

MAX_BYTES = 255
FORBIDDEN = ' "*\\<|,>/?'


def check_index_name(name: str) -> str:
    """Return `name`. Raises InvalidIndexNameError, which says what is wrong with it."""
    fault = "must be lowercase" if name.lower() != name else _fault(name)
    if fault is not None:
        raise InvalidIndexNameError(name, fault)
    return name


def check_alias_name(name: str) -> str:
    """Return `name`, which may have capitals. Raises InvalidAliasNameError, which says what is wrong with it."""
    fault = _fault(name)
    if fault is not None:
        raise InvalidAliasNameError(name, fault)
    return name


def _fault(name: str) -> str | None:
    if not name:
        return "must not be empty"
    if any(one in FORBIDDEN or one.isspace() for one in name):
        shown = ", ".join(f"'{one}'" for one in FORBIDDEN)
        return f"must not contain the following characters [{shown}]"
    for one in "#:":
        if one in name:
            return f"must not contain '{one}'"
    if name[0] in "_-+":
        return "must not start with '_', '-', or '+'"
    if name in (".", ".."):
        return "must not be '.' or '..'"
    size = len(name.encode(errors="surrogatepass"))
    return f"index name is too long, ({size} > {MAX_BYTES})" if size > MAX_BYTES else None
