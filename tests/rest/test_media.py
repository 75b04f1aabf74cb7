"""Media types: answered in kind, refused by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError
from isthmus.rest.media import MediaTypeHeaderError, NotAcceptableError, check_content_type, negotiate

VENDOR = "application/vnd.elasticsearch+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=UTF-8", "application/json"),
        (VENDOR, "application/json"),
        (f"{VENDOR}; compatible-with=9", f"{VENDOR};compatible-with=9"),
        (f'{VENDOR};Compatible-With="8"', f"{VENDOR};compatible-with=8"),
        (BROWSER, "application/json"),
        ("application/yaml, application/json;q=0.5", "application/json"),
    ],
)
def test_json_is_answered_under_the_name_that_was_asked_for(accept: str | None, media_type: str) -> None:
    assert negotiate(accept, None, ("json",)).media_type == media_type


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/plain"),
        ("*/*", "text/plain"),
        (f"text/plain,{VENDOR}; compatible-with=9", "text/plain"),
        (f"{VENDOR}; compatible-with=9,text/plain", "text/plain"),
        ("application/json, */*", "text/plain"),
        (f"text/plain;q=0.5,{VENDOR}; compatible-with=9", f"{VENDOR};compatible-with=9"),
        ("application/json", "application/json"),
    ],
)
def test_a_table_is_text_unless_json_is_preferred(accept: str | None, media_type: str) -> None:
    assert negotiate(accept, None, ("text", "json")).media_type == media_type


def test_the_format_parameter_wins_over_the_header() -> None:
    assert negotiate("text/plain", "json", ("text", "json")).kind == "json"
    assert negotiate("application/json", "text", ("text", "json")).kind == "text"


@pytest.mark.parametrize(
    "accept",
    [
        "application/yaml",
        "application/cbor",
        "application/smile",
        "text/html",
        "text/plain",
        "application/json;q=0",
        ",",
    ],
)
def test_what_cannot_be_given_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptableError, match="Accept header") as refused:
        negotiate(accept, None, ("json",))
    assert refused.value.status == 406


@pytest.mark.parametrize("name", ["yaml", "cbor", "smile", "xml", ""])
def test_a_format_that_is_not_written_is_named(name: str) -> None:
    with pytest.raises(NotAcceptableError, match=rf"\[{name}\]"):
        negotiate(None, name, ("text", "json"))


@pytest.mark.parametrize("accept", [f"{VENDOR}; compatible-with=7", "no type", "a/b/c", "application/json;q=much"])
def test_a_header_that_means_nothing_here_is_a_bad_request(accept: str) -> None:
    with pytest.raises(MediaTypeHeaderError, match="Accept") as refused:
        negotiate(accept, None, ("json",))
    assert (refused.value.status, refused.value.type) == (400, "media_type_header_exception")


@pytest.mark.parametrize(
    "sent", ["application/json", f"{VENDOR}; compatible-with=8", "application/json; charset=utf-8"]
)
def test_a_json_body_is_read(sent: str) -> None:
    check_content_type(sent)


@pytest.mark.parametrize("sent", [None, "text/plain", "application/x-www-form-urlencoded", "application/yaml"])
def test_another_body_is_not(sent: str | None) -> None:
    with pytest.raises(NotAcceptableError, match="Content-Type header"):
        check_content_type(sent)


@given(st.text())
def test_any_header_is_either_served_or_refused(header: str) -> None:
    for act in (lambda: negotiate(header, None, ("json",)), lambda: check_content_type(header)):
        assert status_of(act) in (200, 400, 406)


def status_of(act: Callable[[], object]) -> int:
    try:
        act()
    except IsthmusError as refused:
        return refused.status
    return 200
