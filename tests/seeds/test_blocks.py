"""Every block of the page is run, or it is said why not."""

from __future__ import annotations

from tests.seeds.blocks import KINDS, Block, page_blocks, read_blocks
from tests.seeds.test_roles_and_users import RUN

NOT_RUN = {
    "ruby": "there is no official client for Ruby here",
    "json": "an answer, not a request",
    "shell": "commands like these run in tests/cli, under this program's names",
    "yml": "remote clusters are not served yet",
}
NOT_YET = [7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 20, 21, 22, 24, 25]
"""Settings of remote clusters, which are not served yet."""


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
    def is_run(block: Block) -> bool:
        return block.is_of_security and block.kind in RUN

    left = [block.number for block in page_blocks() if not is_run(block) and block.kind not in NOT_RUN]
    assert left == NOT_YET
