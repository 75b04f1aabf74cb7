"""What is refused with an index of which who acts sees only a part, in the words that Elasticsearch's users know.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/security-limitations.html#_security_limitations_field_and_document_level_security
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from isthmus.errors import IsthmusError
from isthmus.security.acting import acting
from isthmus.security.authorization.limits import LimitedError

READS: Final = ("indices:data/read/get", "indices:data/read/search")


class WiderAliasError(IsthmusError):
    """An alias by which somebody would do more with an index than he may."""

    type = "security_exception"
    status = 403
    exit_code = 77


def check_profile(indices: Iterable[tuple[str, ...]]) -> None:
    """Raise LimitedError if of one of the indices, given by their names, not all documents are seen."""
    permission = acting().permission
    if any(permission.access(names, READS[1]).documents for names in indices):
        raise LimitedError("A search request cannot be profiled if document level security is enabled")


def check_update(name: str, *, in_bulk: bool) -> None:
    """Raise LimitedError if an update of a document would read what is not seen: it changes what is there.

    Who may write all and read a part could otherwise read the rest; who may not read at all reads nothing by it.
    """
    if not _is_limited(name):
        return
    raise LimitedError(
        "Can't execute a bulk item request with update requests embedded if field or document level security is enabled"
        if in_bulk
        else "Can't execute an update request if field or document level security is enabled"
    )


def check_written_again(indices: Iterable[tuple[str, ...]]) -> None:
    """Raise LimitedError if documents that are read and written again would lose fields, because they are not seen."""
    permission = acting().permission
    if any(permission.access(names, READS[1]).fields for names in indices):
        raise LimitedError(
            "Can't execute an update by query if field level security is enabled",
            hint="documents would lose the fields that are not seen",
        )


def check_aliases(names: Iterable[str]) -> None:
    """Raise LimitedError if one of the names is of an index of which a part is seen: an alias could show the rest."""
    if any(_is_limited(name) for name in names):
        raise LimitedError(
            "Alias requests are not allowed for users who have field or document level security enabled on one of the "
            "indices"
        )


def check_alias_rights(index: str, added: Iterable[str]) -> None:
    """Raise WiderAliasError if who acts may do more with one of the aliases that are added than with the index."""
    permission = acting().permission
    if not all(permission.allows_as_much(index, alias) for alias in added):
        raise WiderAliasError(
            "Adding an alias is not allowed when the alias has more permissions than any of the indices",
            hint="ask for the same privileges on the index",
        )


def _is_limited(name: str) -> bool:
    """Whether a part of an index is kept from the action, or from reading, if it is read at all."""
    who = acting()
    reads = [action for action in READS if who.permission.allows_index(action, name)]
    found = [who.permission.access((name,), action) for action in (who.action, *reads)]
    return any(one.documents or one.fields for one in found)
