"""What another node asks for is judged where it runs: for whom, as a part of which action, and on which indices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import msgspec
import pytest

from isthmus.errors import IsthmusError
from isthmus.security.acting import Acting, acting, acting_as
from isthmus.security.authorization.denial import AuthorizationError
from isthmus.security.authorization.permission import Permission, user_permission
from isthmus.security.forwarding.asking import headers_of
from isthmus.security.forwarding.guard import ForwardedError, Guard
from isthmus.security.forwarding.header import HEADER, encode_header
from isthmus.security.forwarding.system import SYSTEM, as_system
from isthmus.security.roles.descriptor import RoleDescriptor
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import Authentication, RealmRef, User
from isthmus.transport.messages import FOR_NODES, Action, ForUsers
from isthmus.wire.errors import MalformedError

SEARCH = "indices:data/read/search"
JO = Authentication(user=User(username="jo", roles=("reader",)), authenticated_by=RealmRef("n", "native"))
ALIASES = {"logs-1": ["logs"], "other-1": ["others"]}


class Ask(msgspec.Struct, frozen=True):
    names: tuple[str, ...] = ()
    does: tuple[str, ...] = ()


def _names(request: Ask) -> tuple[str, ...]:
    return request.names


def _does(request: Ask) -> tuple[str, ...]:
    return request.does


def action(name: str, asked: Any) -> Action[Ask, Ask]:
    return Action(f"internal:isthmus/test/{name}", Ask, Ask, asked)


READ = action("read", ForUsers(("indices:data/read/*",), _names))
WRITE = action("write", ForUsers(("indices:data/write/*",), _names, _does))
BOTH = action("both", ForUsers(("cluster:monitor/*",), nodes=True))
OWN = action("own", FOR_NODES)


class Site:
    """A node's guard over roles that can be changed."""

    def __init__(self) -> None:
        self.roles: dict[str, RoleDescriptor] = {}
        self.guard = Guard(self._permission, lambda index: ALIASES.get(index, ()))

    def role(self, *names: str, privileges: tuple[str, ...] = ("read",), cluster: tuple[str, ...] = ()) -> None:
        groups = [{"names": list(names), "privileges": list(privileges)}] if names else []
        self.roles["reader"] = parse_role("reader", {"indices": groups, "cluster": list(cluster)})

    def _permission(self, who: Authentication) -> Permission:
        return user_permission(self.roles[name] for name in who.user.roles if name in self.roles)

    def served(
        self, asked: Action[Ask, Ask], headers: Mapping[str, str], *names: str, does: tuple[str, ...] = ()
    ) -> Acting:
        result = self.guard.serve(asked, Ask(names, does), headers, acting)
        assert isinstance(result, Acting)
        return result


@pytest.fixture
def site() -> Site:
    site = Site()
    site.role("logs-*", cluster=("monitor",))
    return site


def of(who: Authentication = JO, by: str = SEARCH) -> dict[str, str]:
    return {HEADER: encode_header(who, by)}


def test_a_handler_runs_as_the_user_for_whom_it_was_asked(site: Site) -> None:
    who = site.served(READ, of(), "logs-1", "logs-2")
    assert (who.authentication, who.action) == (JO, SEARCH)
    assert not who.sees("other")
    assert acting().authentication.user.username != "jo"


async def test_what_is_awaited_of_a_handler_is_done_as_the_user_and_ends_with_it(site: Site) -> None:
    async def handler() -> str:
        await asyncio.sleep(0)
        return acting().authentication.user.username

    before = acting()
    result = site.guard.serve(READ, Ask(("logs-1",)), of(), handler)
    assert isinstance(result, Awaitable)
    assert await asyncio.ensure_future(result) == "jo"
    assert acting() is before


def test_who_may_not_is_refused_by_the_sentence_that_users_know(site: Site) -> None:
    with pytest.raises(AuthorizationError) as caught:
        site.served(READ, of(), "logs-1", "other")
    assert str(caught.value).startswith(
        f"action [{SEARCH}] is unauthorized for user [jo] with effective roles [reader] on indices [other]"
    )


def test_rights_that_were_taken_away_are_gone_whatever_the_asking_node_still_believes(site: Site) -> None:
    headers = of()
    site.served(READ, headers, "logs-1")
    site.role("nothing")
    with pytest.raises(AuthorizationError):
        site.served(READ, headers, "logs-1")
    site.roles.clear()
    with pytest.raises(AuthorizationError, match="were not found"):
        site.served(READ, headers, "logs-1")


def test_who_may_use_an_alias_may_have_its_index_asked_for(site: Site) -> None:
    site.role("logs")
    site.served(READ, of(), "logs-1")
    with pytest.raises(AuthorizationError):
        site.served(READ, of(), "other-1")


def test_a_request_without_indices_needs_the_action_somewhere(site: Site) -> None:
    site.served(READ, of(by="indices:data/read/scroll"))
    site.served(BOTH, of(by="cluster:monitor/nodes/info"))
    site.role("logs-*", privileges=("write",))
    for asked, by in ((READ, "indices:data/read/scroll"), (BOTH, "cluster:monitor/nodes/info")):
        with pytest.raises(AuthorizationError):
            site.served(asked, of(by=by))


def test_what_a_request_tells_that_it_does_counts_more_than_the_action_that_it_claims(site: Site) -> None:
    site.role("logs-*", privileges=("create_doc",))
    create, delete = "indices:data/write/index:op_type/create", "indices:data/write/delete"
    bulk = of(by="indices:data/write/bulk")
    site.served(WRITE, bulk, "logs-1", does=(create,))
    with pytest.raises(AuthorizationError, match="data/write/delete"):
        site.served(WRITE, bulk, "logs-1", does=(create, delete))


def test_an_action_that_the_user_cannot_have_meant_is_refused(site: Site) -> None:
    with pytest.raises(ForwardedError, match=r"is no part of the action \[indices:data/write/bulk\]"):
        site.served(READ, of(by="indices:data/write/bulk"), "logs-1")


def test_without_a_header_only_what_nodes_ask_for_is_served(site: Site) -> None:
    for asked in (READ, WRITE, BOTH):
        with pytest.raises(ForwardedError, match="missing authentication credentials") as caught:
            site.served(asked, {}, "logs-1")
        assert (caught.value.type, caught.value.status) == ("security_exception", 403)
    assert site.served(OWN, {}).authentication == SYSTEM


def test_what_only_nodes_ask_for_is_refused_to_users_a_superuser_too(site: Site) -> None:
    king = Authentication(user=User(username="king", roles=("superuser",)), authenticated_by=RealmRef("r", "reserved"))
    with pytest.raises(ForwardedError, match=r"for nodes of the cluster, not for the user \[king\]"):
        site.served(OWN, of(king))
    assert site.served(OWN, headers_of(OWN)).authentication == SYSTEM


def test_a_node_asks_on_its_own_behalf_only_for_what_says_so(site: Site) -> None:
    with as_system("cluster:monitor/nodes/info"):
        assert site.served(BOTH, headers_of(BOTH)).authentication == SYSTEM
    with as_system(SEARCH), pytest.raises(ForwardedError, match=r"not for the internal user \[_system\]"):
        site.served(READ, headers_of(READ), "logs-1")


@pytest.mark.parametrize("asked", [READ, BOTH, OWN])
def test_nobody_is_a_node_because_he_says_that_he_is_internal(site: Site, asked: Action[Ask, Ask]) -> None:
    claim = msgspec.structs.replace(JO, type="internal")
    by = "cluster:monitor/nodes/info" if asked is BOTH else SEARCH
    with pytest.raises(ForwardedError):
        site.served(asked, of(claim, by), "logs-1")


def test_a_header_that_cannot_be_read_is_refused(site: Site) -> None:
    for asked in (READ, OWN):
        with pytest.raises(MalformedError):
            site.served(asked, {HEADER: "1:nonsense"}, "logs-1")


def test_the_asking_side_says_who_acts_by_which_action(site: Site) -> None:
    permission = user_permission([site.roles["reader"]])
    with acting_as(Acting(JO, permission, "indices:data/read/mget")):
        headers = headers_of(READ)
        assert headers_of(OWN) == of(SYSTEM, OWN.name)
    who = site.served(READ, headers, "logs-1")
    assert (who.authentication, who.action) == (JO, "indices:data/read/mget")


def test_a_refusal_is_an_answer_like_any_other(site: Site) -> None:
    with pytest.raises(IsthmusError) as caught:
        site.served(READ, of(), "other")
    assert (caught.value.type, caught.value.status) == ("security_exception", 403)
    assert caught.value.hint
