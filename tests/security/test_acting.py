"""Who acts sees what is granted to him as a whole, and where nobody acts nothing is done."""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Any

import pytest

from isthmus.query.tree import Bool, MatchNone
from isthmus.security.acting import Acting, acting, acting_as, check_seen, doing
from isthmus.security.authorization.denial import AuthorizationError
from isthmus.security.authorization.permission import user_permission
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import Authentication, RealmRef, User

SEARCH = "indices:data/read/search"
JO = Authentication(user=User(username="jo", roles=("r",)), authenticated_by=RealmRef("n", "native"))


def who(action: str = SEARCH, **group: Any) -> Acting:
    role = parse_role("r", {"indices": [{"names": ["logs-*"], "privileges": ["read"], **group}]})
    return Acting(JO, user_permission([role]), action)


def test_where_nobody_acts_nothing_is_done() -> None:
    with pytest.raises(LookupError):
        Context().run(acting)


def test_a_name_is_seen_by_the_action_that_is_granted_on_it() -> None:
    assert who().sees("logs-a")
    assert not who().sees("other")
    assert not who("indices:data/write/index").sees("logs-a")


def test_who_sees_all_of_an_index_has_no_limits_there() -> None:
    assert who().limits(SEARCH, ("logs-a",)) is None


@pytest.mark.parametrize("limit", [{"query": {"match_all": {}}}, {"field_security": {"grant": ["a"]}}])
def test_who_sees_a_part_of_an_index_sees_its_name_and_has_limits(limit: dict[str, Any]) -> None:
    asker = who(**limit)
    assert asker.sees("logs-a")
    limits = asker.limits(SEARCH, ("logs-a",))
    assert limits is not None
    assert (limits.documents is not None, limits.hides_fields) == ("query" in limit, "field_security" in limit)


def test_of_what_is_not_granted_nothing_is_seen() -> None:
    limits = who().limits(SEARCH, ("other",))
    assert limits is not None
    assert limits.documents == Bool(filter=(MatchNone(),))
    assert not limits.fields.sees("any")


def test_an_action_that_is_granted_nowhere_is_refused_before_any_name_is_looked_at() -> None:
    who().check()
    for action in ("indices:data/write/index", "cluster:monitor/health"):
        with pytest.raises(AuthorizationError, match=r"unauthorized for user \[jo\]"):
            who(action).check()


async def test_what_one_begins_is_done_as_oneself_and_ends_with_the_block() -> None:
    before = acting()
    with acting_as(who()):
        task = asyncio.create_task(_later())
        with doing("indices:data/write/index"):
            assert not acting().sees("logs-a")
        check_seen(["logs-a"])
        with pytest.raises(AuthorizationError, match=r"on indices \[other\]"):
            check_seen(["logs-a", "other"])
    assert acting() is before
    assert await task == "jo"


async def _later() -> str:
    await asyncio.sleep(0)
    return acting().authentication.user.username
