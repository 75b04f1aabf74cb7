"""The page that lists what is served says what the code serves."""

from __future__ import annotations

from tests.docs.api_page import PAGE, page


def test_the_page_of_what_is_served_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "write it anew with: python -m tests.docs.api_page"
