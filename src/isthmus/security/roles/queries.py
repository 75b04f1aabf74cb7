"""The queries of roles, which say what documents are seen: judged when a role is put, and read for a user. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/document-level-security.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.query.lookups import lookups_of
from isthmus.query.parsing import Bounds, parse_query
from isthmus.query.tree import Query
from isthmus.security.roles.descriptor import IndicesPrivileges, RoleDescriptor
from isthmus.security.roles.templates import Template, parse_template
from isthmus.security.subject import User

MAX_KEPT: Final = 256
_TEMPLATE: Final = "template"
_BOUNDS: Final = Bounds()


class RoleQueryError(UsageError):
    """A role's query that is none, or that may not limit documents."""

    type = "parse_exception"


def check_queries(role: RoleDescriptor) -> None:
    """Raise RoleQueryError for a role with a query that cannot be run; of a template only its own form is known."""
    for group in (*role.indices, *(one.indices for one in role.remote_indices)):
        if group.query is not None:
            _check(role.name, group, group.query)


def rendered(query: str, user: User) -> str:
    """Return a role's query as it is for a user. Raises UsageError where its template cannot be filled."""
    template = _template(query)
    return query if template is None else template.render(user)


@lru_cache(maxsize=MAX_KEPT)
def parse_role_query(query: str) -> Query:
    """Return the tree of a role's query, filled already. Raises UsageError for what is none."""
    tree = parse_query(_object(query), bounds=_BOUNDS)
    if lookups_of(tree):
        raise RoleQueryError("terms query with terms lookup isn't supported as part of a role query")
    return tree


def _check(role: str, group: IndicesPrivileges, query: str) -> None:
    try:
        if _template(query) is None:
            parse_role_query(query)
    except UsageError as cause:
        names = ",".join(group.names)[:200]
        raise RoleQueryError(
            f"failed to parse field 'query' for indices [{names}] of role [{role[:100]}]: {cause.reason}",
            hint=cause.hint,
        ) from cause


@lru_cache(maxsize=MAX_KEPT)
def _template(query: str) -> Template | None:
    body = _object(query)
    if _TEMPLATE not in body:
        return None
    if len(body) > 1:
        raise RoleQueryError(f"[{_TEMPLATE}] stands alone in a role query")
    return parse_template(body[_TEMPLATE])


def _object(query: str) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(query)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise RoleQueryError(f"the query is no JSON: {cause}") from cause
    if not isinstance(body, dict) or not body:
        raise RoleQueryError("the query is no object with the name of a query, or of a template")
    return body
