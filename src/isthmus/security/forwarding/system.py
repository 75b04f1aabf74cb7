"""A node itself: what it does for nobody, it does as Elasticsearch's internal user `_system`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Final

from isthmus.security.acting import Acting, acting_as
from isthmus.security.authorization.permission import Permission, user_permission
from isthmus.security.roles.reserved import reserved_roles
from isthmus.security.subject import Authentication, RealmRef, User

SYSTEM: Final = Authentication(
    user=User(username="_system"), authenticated_by=RealmRef("__attach", "__attach"), type="internal"
)


def system(action: str) -> Acting:
    """Return a node that acts by `action`."""
    return Acting(SYSTEM, _everything(), action)


def as_system(action: str) -> AbstractContextManager[None]:
    """Do what is in the block on the node's own behalf."""
    return acting_as(system(action))


@cache
def _everything() -> Permission:
    return user_permission([reserved_roles()["superuser"]])
