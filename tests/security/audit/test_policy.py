"""Which events the audit log tells."""

from __future__ import annotations

import pytest

from isthmus.security.audit.policy import IgnoreFilter, Policy

GRANTED = {
    "event.type": "transport",
    "event.action": "access_granted",
    "user.name": "jo",
    "user.realm": "native1",
    "user.roles": ["reader", "writer"],
    "indices": ["logs-a", "logs-b"],
    "action": "indices:data/read/search",
}
FAILED = {"event.type": "rest", "event.action": "authentication_failed", "user.name": "jo"}
CHANGED = {"event.type": "security_config_change", "event.action": "put_role"}


def test_what_is_included_and_not_excluded_is_told() -> None:
    assert Policy(["access_granted"]).tells(GRANTED)
    assert not Policy(["access_granted"]).tells(FAILED)
    assert Policy(["_all"]).tells(FAILED)
    assert not Policy(["_all"], ["authentication_failed"]).tells(FAILED)
    assert Policy(["security_config_change"]).tells(CHANGED)
    assert not Policy(["access_granted"]).tells(CHANGED)


@pytest.mark.parametrize(
    ("given", "left_out"),
    [
        ({"users": ("jo",)}, True),
        ({"users": ("al", "j*")}, True),
        ({"users": ("al",)}, False),
        ({"realms": ("native1",)}, True),
        ({"roles": ("reader",)}, False),
        ({"roles": ("reader", "writer")}, True),
        ({"indices": ("logs-*",)}, True),
        ({"indices": ("logs-a",)}, False),
        ({"indices": ("/logs-[ab]/",)}, True),
        ({"actions": ("indices:data/read/*",)}, True),
        ({"users": ("jo",), "actions": ("cluster:*",)}, False),
    ],
)
def test_a_filter_leaves_out_events_of_which_all_that_is_named_matches(
    given: dict[str, tuple[str, ...]], left_out: bool
) -> None:
    assert Policy(["_all"], (), [IgnoreFilter({"users": ("nobody",)}), IgnoreFilter(given)]).tells(GRANTED) != left_out


@pytest.mark.parametrize(("indices", "left_out"), [(("",), True), (("logs-*",), False), (("logs-*", ""), True)])
def test_what_names_nothing_is_matched_by_an_empty_name(indices: tuple[str, ...], left_out: bool) -> None:
    given = {"users": ("jo",), "indices": indices}
    assert Policy(["_all"], (), [IgnoreFilter(given)]).tells(FAILED) != left_out


def test_no_filter_hides_a_change_of_security() -> None:
    assert Policy(["_all"], (), [IgnoreFilter({"users": ("*", "")})]).tells(CHANGED)
