"""What somebody is told who may not."""

from __future__ import annotations

from typing import Any

from isthmus.security.authorization.denial import denied, run_as_denied
from isthmus.security.authorization.permission import Permission, user_permission
from isthmus.security.roles.parsing import parse_role
from isthmus.security.service_accounts.accounts import account_user
from isthmus.security.subject import ApiKeyRef, Authentication, RealmRef, User

SEARCH = "indices:data/read/search"
JO = User(username="jo", roles=("b", "a", "gone"))


def who(user: User = JO, **more: Any) -> Authentication:
    return Authentication(user=user, authenticated_by=RealmRef("native1", "native"), **more)


def permission(**body: Any) -> Permission:
    return user_permission([parse_role("b", body), parse_role("a", {})])


def test_a_user_is_told_his_roles_the_indices_and_what_grants_the_action() -> None:
    may = permission(indices=[{"names": "mine", "privileges": "read"}])
    error = denied(who(), may, SEARCH, ["two", "mine", "one"])
    assert error.reason == (
        "action [indices:data/read/search] is unauthorized for user [jo] with effective roles [a,b] (assigned roles "
        "[gone] were not found) on indices [one,two], this action is granted by the index privileges [read,all]"
    )
    assert (error.status, error.type) == (403, "security_exception")
    assert error.hint == "none of the roles [a,b] has the privilege [read] on [one]"


def test_an_action_of_the_cluster_is_granted_by_privileges_over_the_cluster() -> None:
    assert denied(who(User(username="jo", roles=("a", "b"))), permission(), "cluster:monitor/main").reason == (
        "action [cluster:monitor/main] is unauthorized for user [jo] with effective roles [a,b], this action is "
        "granted by the cluster privileges [monitor,manage,all]"
    )


def test_restricted_indices_are_told_apart() -> None:
    told = denied(who(), permission(), "indices:data/write/delete", [".security-7", "a"]).reason
    assert "on indices [a] and restricted indices [.security-7], this action is granted by" in told
    assert told.endswith("[delete,write,all]")


def test_an_api_key_has_an_owner_and_no_roles() -> None:
    key = who(api_key=ApiKeyRef(id="k1", name="n"))
    assert denied(key, permission(), SEARCH, ["i"]).reason.startswith(
        "action [indices:data/read/search] is unauthorized for API key id [k1] of user [jo] on indices [i], this action"
    )


def test_a_service_account_has_no_roles() -> None:
    told = denied(who(account_user("elastic/kibana")), permission(), SEARCH).reason
    assert "is unauthorized for service account [elastic/kibana], this action is" in told


def test_somebody_who_acts_as_another_is_told_both() -> None:
    acting = who(User(username="al", roles=("a", "b")), authenticating=JO)
    assert "for user [jo] run as [al] with effective roles [a,b], this" in denied(acting, permission(), SEARCH).reason
    assert run_as_denied(acting, permission(), SEARCH).reason == (
        "action [indices:data/read/search] is unauthorized for user [jo] with effective roles [a,b] (assigned roles "
        "[gone] were not found), because user [jo] is unauthorized to run as [al]"
    )
