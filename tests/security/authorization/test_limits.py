"""What an access keeps from somebody: a query for documents, read for him, and fields by their paths."""

from __future__ import annotations

import pytest

from isthmus.errors import UsageError
from isthmus.query.tree import Bool, MatchNone, Term
from isthmus.security.authorization.access import UNLIMITED, IndexAccess
from isthmus.security.authorization.limits import limits_of
from isthmus.security.authorization.permission import user_permission
from isthmus.security.roles.descriptor import FieldSecurity
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import User

JO = User(username="jo")
A, B = '{"term": {"a": 1}}', '{"term": {"b": {"value": 2}}}'
MINE = '{"template": {"source": "{\\"term\\": {\\"by\\": \\"{{_user.username}}\\"}}"}}'


def test_who_sees_all_has_no_limits() -> None:
    assert limits_of(UNLIMITED, JO) is None


def test_in_each_group_one_query_matches() -> None:
    limits = limits_of(IndexAccess(((A, B), (MINE,))), JO)
    assert limits is not None
    either = Bool(should=(Term(field="a", value=1), Term(field="b", value=2)))
    assert limits.documents == Bool(filter=(either, Bool(should=(Term(field="by", value="jo"),))))
    assert not limits.hides_fields


def test_a_group_without_queries_shows_nothing() -> None:
    limits = limits_of(IndexAccess(((), (A,))), JO)
    assert limits is not None
    assert limits.documents == Bool(filter=(MatchNone(), Bool(should=(Term(field="a", value=1),))))


def test_answers_are_kept_apart_by_what_their_queries_mean_and_by_fields() -> None:
    fields = ((FieldSecurity(grant=("a",)),),)
    accesses = [IndexAccess(((A,),)), IndexAccess(((B,),)), IndexAccess(((MINE,),)), IndexAccess(((A,),), fields)]
    found = [limits_of(one, user) for one in accesses for user in (JO, User(username="al"))]
    assert len({one.key for one in found if one is not None}) == 5
    now = limits_of(IndexAccess((('{"range": {"day": {"lt": "now"}}}',),)), JO)
    assert now is not None
    assert now.key is None


@pytest.mark.parametrize(
    "query",
    [
        "{",
        '{"nope": {}}',
        '{"terms": {"a": {"index": "i", "id": "1", "path": "p"}}}',
        '{"template": {"source": "{{_user.username}}"}}',
        '{"template": {"source": "{\\"term\\": {\\"by\\": {{_user.username}} }}"}}',
    ],
)
def test_a_query_that_cannot_be_read_denies(query: str) -> None:
    with pytest.raises(UsageError):
        limits_of(IndexAccess(((query, A),)), JO)


def test_of_what_is_below_a_path_all_or_some_is_seen() -> None:
    granted = IndexAccess(fields=((FieldSecurity(grant=("a.*", "b.x*", "c"), excluded=("a.secret",)),),))
    assert [granted.sees_all_below(one) for one in ("a", "b", "c", "d", "a.b")] == [False, False, False, False, True]
    assert [granted.sees_some_below(one) for one in ("a", "b", "c", "d", "a.b")] == [True, True, False, False, True]
    both = IndexAccess(fields=(*granted.fields, (FieldSecurity(excluded=("a.*",)),)))
    assert [both.sees_some_below(one) for one in ("a", "b")] == [False, True]
    assert UNLIMITED.sees_all_below("a")
    assert UNLIMITED.sees_some_below("a")


def test_a_query_in_an_alias_of_an_index_counts_for_that_name_alone() -> None:
    role = parse_role(
        "r",
        {
            "indices": [
                {"names": ["logs"], "privileges": ["read"], "query": A},
                {"names": ["window"], "privileges": ["read"], "query": B},
                {"names": ["logs"], "privileges": ["write"]},
            ]
        },
    )
    permission = user_permission([role])
    assert permission.is_limited
    found = [permission.access(names).documents for names in (("logs",), ("window",), ("logs", "window"), ("x",))]
    assert found == [((A,),), ((B,),), (tuple(sorted((A, B))),), ((),)]
    assert permission.access(("logs",), "indices:data/write/index:op_type/index") == UNLIMITED
    assert not user_permission([parse_role("w", {"indices": [{"names": ["*"], "privileges": ["all"]}]})]).is_limited
