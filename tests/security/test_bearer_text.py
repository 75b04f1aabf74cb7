"""The texts of bearer tokens."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.security.bearer_text import bearer_text, read_bearer_text

MARK = b"\x01isa"
NAMES = st.text(st.characters(codec="ascii", exclude_characters=":"))
SECRETS = st.text(st.characters(codec="ascii"), min_size=1)


@given(NAMES, SECRETS)
def test_what_was_written_is_read_by_its_own_mark_alone(name: str, secret: str) -> None:
    text = bearer_text(MARK, name, secret)
    assert "=" not in text
    assert read_bearer_text(MARK, text) == (name, secret)
    assert read_bearer_text(b"\x01isr", text) is None


@pytest.mark.parametrize("raw", [MARK, MARK + b"name", MARK + b"name:", b"name:secret", MARK + b"\xff:secret"])
def test_what_lacks_a_part_is_no_token(raw: bytes) -> None:
    assert read_bearer_text(MARK, base64.urlsafe_b64encode(raw).decode()) is None


@given(st.text())
def test_no_text_makes_reading_fail(text: str) -> None:
    read_bearer_text(MARK, text)
