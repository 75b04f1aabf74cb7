"""The blocks of the page "Add remote clusters using API key authentication", in its order, as it prints them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).with_name("remote_clusters.txt")
KINDS = ("console", "javascript", "json", "python", "ruby", "shell", "yml")


class Block(NamedTuple):
    """A block: its place on the page, from 1, its kind (one of KINDS), and its text."""

    number: int
    kind: str
    text: str

    @property
    def is_of_security(self) -> bool:
        """Whether it asks for a role or a user."""
        return re.search(r"client\.security\.|/_security/", self.text) is not None


def read_blocks(text: str) -> list[Block]:
    """Return the blocks: each begins with a line `### kind`."""
    parts = re.split(r"^### (\w+)\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [Block(number, kind, body.strip("\n") + "\n") for number, (kind, body) in enumerate(pairs, 1)]


def page_blocks() -> list[Block]:
    """Return the blocks of the page."""
    return read_blocks(PAGE.read_text())
