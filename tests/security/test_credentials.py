"""The Authorization header: read exactly, never repeated."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.credentials import (
    ApiKeyCredentials,
    Basic,
    BearerToken,
    Credentials,
    Unreadable,
    read_authorization,
)
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


@pytest.mark.parametrize("header", ["Negotiate c2VjcmV0", "ApiKey c2VjcmV0", "c2VjcmV0", "Own c2VjcmV0"])
def test_another_scheme_is_named_and_its_secret_is_not(header: str) -> None:
    found = read_authorization(header)
    assert isinstance(found, Unreadable)
    assert "c2VjcmV0" not in found.reason
    assert "Negotiate" not in header or "[Negotiate]" in found.reason


def test_an_api_key_is_its_id_and_its_secret() -> None:
    encoded = base64.b64encode(b"VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw").decode()
    for scheme in ("ApiKey", "apikey"):
        found = read_authorization(f"{scheme} {encoded}")
        assert found == ApiKeyCredentials("VuaCfGcBCdbkQm-e5aOx", "ui2lp2axTNmsyakw9tvNnw")


@pytest.mark.parametrize("text", [b"", b"id", b"id:", b":secret", b"\xff:x", b"a\nb:c", b"x" * 600 + b":y"])
def test_what_is_not_an_id_and_a_secret_is_no_api_key(text: bytes) -> None:
    assert isinstance(read_authorization("ApiKey " + base64.b64encode(text).decode()), Unreadable)


def test_a_bearer_token_is_taken_as_it_is() -> None:
    assert read_authorization("Bearer AAEAAWVsYXN0aWM") == BearerToken("AAEAAWVsYXN0aWM")
    assert isinstance(read_authorization("Bearer"), Unreadable)
    assert isinstance(read_authorization("Bearer " + "x" * 9000), Unreadable)


@pytest.mark.parametrize(
    "credentials", [Basic("me", "open sesame"), ApiKeyCredentials("me", "open sesame"), BearerToken("open sesame")]
)
def test_a_secret_is_not_in_the_text_of_credentials(credentials: Credentials) -> None:
    assert "open sesame" not in repr(credentials)


@given(USERNAMES, st.text())
def test_what_was_encoded_is_what_is_read(username: str, password: str) -> None:
    assert read_authorization(basic(username, password)) == Basic(username, password)


@given(st.text())
def test_no_header_makes_reading_fail(header: str) -> None:
    read_authorization(header)
    for scheme in ("Basic", "ApiKey", "Bearer"):
        read_authorization(f"{scheme} {header}")
