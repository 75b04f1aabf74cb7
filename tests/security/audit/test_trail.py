"""One request's events: each decision once, in the shape and order of Elasticsearch's lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isthmus.security.acting import Acting, acting_as, check_seen, doing
from isthmus.security.audit.bodies import MAX_BODY, shown_body
from isthmus.security.audit.events import Asked, rendered
from isthmus.security.audit.policy import Policy
from isthmus.security.audit.trail import Trail
from isthmus.security.authorization.denial import AuthorizationError
from isthmus.security.authorization.permission import user_permission
from isthmus.security.roles.parsing import parse_role
from isthmus.security.subject import Authentication, RealmRef, User

SEARCH = "indices:data/read/search"
NATIVE = RealmRef("default_native", "native")
JO = Authentication(user=User(username="jo", roles=("r",)), authenticated_by=NATIVE)
ASKED = Asked(id="q1", method="GET", path="/_search", query="size=1", origin="192.0.2.7:5000", opaque_id="case")
ROLE = parse_role("r", {"indices": [{"names": ["logs-*"], "privileges": ["read"]}]})


class Lines:
    """A trail that keeps its lines."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.trail = Trail(Policy(["_all"]), self.kept.append, lambda: {"node.id": "n1"}, clock=lambda: 1.5)
        self.request = self.trail.begin(ASKED)

    @property
    def told(self) -> list[tuple[str, str, list[str] | None]]:
        read = [json.loads(line) for line in self.kept]
        return [(one["event.action"], one.get("action", ""), one.get("indices")) for one in read]

    def acting(self, action: str = SEARCH) -> Acting:
        return Acting(JO, user_permission([ROLE]), action, self.request)


@pytest.fixture
def lines() -> Lines:
    return Lines()


def test_a_line_of_elasticsearch_is_written_as_it_is() -> None:
    recorded = Path(__file__).parent / "recorded.jsonl"
    for one in map(json.loads, recorded.read_text().splitlines()):
        for line in one["lines"]:
            # It is not told of which kind a token is, as nobody here knows it.
            line.pop("authentication.token.type", None)
            assert list(json.loads(rendered(dict(reversed(line.items()))))) == list(line)


def test_each_decision_is_told_once(lines: Lines) -> None:
    with acting_as(lines.acting()):
        check_seen(["logs-b", "logs-a"])
        check_seen(["logs-a", "logs-b"])
        with doing("indices:data/read/get"):
            check_seen(["logs-a"])
        for _ in range(2):
            with pytest.raises(AuthorizationError):
                check_seen(["logs-a", "other"])
    assert lines.told == [
        ("access_granted", SEARCH, ["logs-a", "logs-b"]),
        ("access_granted", "indices:data/read/get", ["logs-a"]),
        ("access_denied", SEARCH, ["other"]),
    ]


def test_what_named_no_index_is_told_in_the_end(lines: Lines) -> None:
    lines.request.came(JO)
    lines.request.end(JO, SEARCH)
    assert lines.told == [("authentication_success", "", None), ("access_granted", SEARCH, None)]


def test_what_was_denied_is_not_granted_in_the_end(lines: Lines) -> None:
    lines.request.came(JO)
    with pytest.raises(AuthorizationError):
        lines.acting("cluster:monitor/health").check()
    lines.request.end(JO, "cluster:monitor/health")
    assert lines.told[1:] == [("access_denied", "cluster:monitor/health", None)]


@pytest.mark.parametrize("granted", [True, False])
def test_who_acts_as_another_is_told_with_both(lines: Lines, granted: bool) -> None:
    other = Authentication(
        user=User(username="other", roles=("x",)), authenticated_by=NATIVE, lookup_by=NATIVE, authenticating=JO.user
    )
    lines.request.ran_as(other, SEARCH, granted=granted)
    told = json.loads(lines.kept[0])
    assert told["event.action"] == ("run_as_granted" if granted else "run_as_denied")
    assert (told["user.name"], told["user.run_as.name"], told["user.roles"]) == ("jo", "other", ["r"])


def test_a_line_tells_when_and_where(lines: Lines) -> None:
    lines.trail.connection_denied("192.0.2.7:5000", ".http", "deny CN=gone")
    told = json.loads(lines.kept[0])
    assert (told["timestamp"], told["node.id"]) == ("1970-01-01T00:00:01,500+0000", "n1")
    assert (told["event.type"], told["rule"]) == ("ip_filter", "deny CN=gone")


def test_bodies_are_shown_without_secrets_and_not_endlessly() -> None:
    assert shown_body("/_search", b"") is None
    assert shown_body("/_search", b"{not json") == "{not json"
    body = b'{"a": [{"PASSWORD": "s", "n": 1}], "password_hash": "h", "api_key": {"name": "k"}}'
    assert json.loads(shown_body("/_security/api_key/grant", body) or "") == {"a": [{"n": 1}], "api_key": {"name": "k"}}
    for hidden in (b'{"password": "s', b"x" * (MAX_BODY + 1), b"[" * 60_000):
        assert "not" in (shown_body("/_security/user/jo", hidden) or "")[:60]
