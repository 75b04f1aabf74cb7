"""The Authorization header: read exactly, never repeated."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.credentials import Basic, Unreadable, read_authorization
from tests.security.doubles import basic

USERNAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=":"), min_size=1)


def test_the_example_of_the_rfc_is_read() -> None:
    assert read_authorization("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==") == Basic("Aladdin", "open sesame")


def test_a_password_may_hold_colons_and_any_script() -> None:
    assert read_authorization(basic("elastic", "a:b:ü😀")) == Basic("elastic", "a:b:ü😀")


@pytest.mark.parametrize("header", [None, "", "   "])
def test_no_header_is_no_credentials(header: str | None) -> None:
    assert read_authorization(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ????",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b":no name").decode(),
        "Basic " + base64.b64encode(b"line\nbreak:x").decode(),
        "Basic " + base64.b64encode(b"x" * 508 + b":x").decode(),
    ],
)
def test_what_is_not_basic_credentials_is_unreadable(header: str) -> None:
    assert isinstance(read_authorization(header), Unreadable)


@pytest.mark.parametrize("header", ["ApiKey c2VjcmV0", "Bearer c2VjcmV0", "c2VjcmV0", "Own c2VjcmV0"])
def test_another_scheme_is_named_and_its_secret_is_not(header: str) -> None:
    found = read_authorization(header)
    assert isinstance(found, Unreadable)
    assert "c2VjcmV0" not in found.reason
    assert "ApiKey" not in header or "[ApiKey]" in found.reason


def test_a_password_is_not_in_the_text_of_credentials() -> None:
    assert "open sesame" not in repr(Basic("Aladdin", "open sesame"))


@given(USERNAMES, st.text())
def test_what_was_encoded_is_what_is_read(username: str, password: str) -> None:
    assert read_authorization(basic(username, password)) == Basic(username, password)


@given(st.text())
def test_no_header_makes_reading_fail(header: str) -> None:
    read_authorization(header)
    read_authorization(f"Basic {header}")
