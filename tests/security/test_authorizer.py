"""Until roles are compared with actions, a superuser may do everything and nobody else anything."""

from __future__ import annotations

import pytest

from isthmus.security.authorizer import AuthorizationError, check_authorized
from isthmus.security.subject import ApiKeyRef, Authentication, RealmRef, User

SEARCH = "indices:data/read/search"
NATIVE = RealmRef("default_native", "native")


def who(*roles: str, key: ApiKeyRef | None = None) -> Authentication:
    return Authentication(user=User(username="jo", roles=roles), authenticated_by=NATIVE, api_key=key)


def test_a_superuser_may_do_everything() -> None:
    check_authorized(who("viewer", "superuser"), SEARCH)


def test_everybody_may_ask_who_he_is() -> None:
    check_authorized(who(), "cluster:admin/xpack/security/user/authenticate")


@pytest.mark.parametrize(
    "somebody",
    [
        who(),
        who("viewer"),
        who("superuser", key=ApiKeyRef(id="k", name="n", role_descriptors=b'{"r": {}}')),
    ],
)
def test_nobody_else_may_do_anything(somebody: Authentication) -> None:
    with pytest.raises(AuthorizationError, match=r"action .indices:data/read/search. is unauthorized for .*\[jo\]"):
        check_authorized(somebody, SEARCH)
