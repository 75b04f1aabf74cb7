"""What the tests saw, printed at the end of the run."""

from __future__ import annotations

LINES: list[str] = []


def tell(title: str, *lines: str) -> None:
    """Keep lines for the end, under a title."""
    LINES.extend([title, *(f"  {line}" for text in lines for line in text.splitlines()), ""])
