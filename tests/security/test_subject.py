"""Who began something is the one who may go on with it."""

from __future__ import annotations

import pytest

from isthmus.security.subject import ApiKeyRef, Authentication, RealmRef, User, is_same

NATIVE, FILE = RealmRef("native", "native"), RealmRef("file", "file")


def who(name: str = "jo", realm: RealmRef = NATIVE, key: str | None = None, as_by: str | None = None) -> Authentication:
    found = User(username=name)
    return Authentication(
        user=found,
        authenticated_by=FILE if as_by else realm,
        lookup_by=realm if as_by else None,
        authenticating=User(username=as_by) if as_by else None,
        api_key=None if key is None else ApiKeyRef(id=key, name="k"),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (who(), who(), True),
        (who(), who("al"), False),
        (who(), who(realm=FILE), False),
        (who(), who(as_by="boss"), True),
        (who(), who(key="1"), False),
        (who(key="1"), who(), False),
        (who(key="1"), who("al", key="1"), True),
        (who(key="1"), who(key="2"), False),
    ],
)
def test_a_user_of_a_realm_and_an_api_key_are_somebody(one: Authentication, other: Authentication, same: bool) -> None:
    assert is_same(one, other) is same
