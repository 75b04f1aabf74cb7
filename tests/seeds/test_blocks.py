"""Every block of the page is run, or it is said why not."""

from __future__ import annotations

from tests.seeds.blocks import KINDS, Block, page_blocks, read_blocks
from tests.seeds.running import RUN

NOT_RUN = {
    "ruby": "there is no official client for Ruby here",
}
RUN_ELSEWHERE = ("json", "shell", "yml")
"""Commands, files and an answer: `test_links` runs, writes and compares them by their places."""


def test_blocks_are_read_with_their_kinds_and_places() -> None:
    assert read_blocks("### yml\na: 1\n\n### console\nGET /\n\n") == [
        Block(1, "yml", "a: 1\n"),
        Block(2, "console", "GET /\n"),
    ]


def test_the_page_has_blocks_of_every_kind() -> None:
    blocks = page_blocks()
    assert {block.kind for block in blocks} == set(KINDS)
    assert len([block for block in blocks if block.is_of_security]) == 12


def test_every_block_is_run_or_it_is_said_why_not() -> None:
    kinds = {block.kind for block in page_blocks()}
    assert kinds == {*RUN, *NOT_RUN, *RUN_ELSEWHERE}
