"""Tells each step: what was done, the command a person would type, what was seen, and whether it was right."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TextIO

INDENT = "    "
WIDTH = 116


class Narrator:
    """Writes to `out` and counts. `failed` is the number of checks that did not hold."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.passed = 0
        self.failed = 0

    def step(self, title: str) -> None:
        """Begin a step."""
        self._write(f"\n{title}")

    def command(self, line: str) -> None:
        """Show a command as a person would type it."""
        self._write(f"{INDENT}$ {line}")

    def saw(self, text: str, limit: int = 20) -> None:
        """Show what came of it, at most `limit` lines."""
        lines = text.rstrip().splitlines()
        for line in lines[:limit]:
            self._write(f"{INDENT}{line}")
        if len(lines) > limit:
            self._write(f"{INDENT}… {len(lines) - limit} lines more")

    def told(self, text: str) -> None:
        """Show a sentence of a log, folded."""
        self._write(textwrap.fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT + "  "))

    def check(self, statement: str, *, holds: bool) -> None:
        """Say whether `statement` holds."""
        self._write(f"  {'✓' if holds else '✗'} {statement}")
        self.passed += holds
        self.failed += not holds

    def summary(self, seconds: float) -> None:
        """Count, as the last line."""
        word = "all held" if not self.failed else f"{self.failed} did not hold"
        self._write(f"\n{self.passed + self.failed} checks in {seconds:.1f} s: {word}")

    def addresses(self, lines: Sequence[str]) -> None:
        """Say how to reach what goes on running."""
        for line in lines:
            self._write(line)

    def _write(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()
