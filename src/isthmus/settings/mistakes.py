"""What is wrong with the settings: collected from all sources, then told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.errors import ConfigError

MAX_TOLD = 50
MAX_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong, the place, and what to do."""

    reason: str
    where: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" + (f" ({self.hint})" if self.hint else "")


def refuse(mistakes: Sequence[Mistake]) -> None:
    """Raise one ConfigError that tells of all `mistakes`, a line each; do nothing if there are none."""
    if not mistakes:
        return
    if len(mistakes) == 1:
        only = mistakes[0]
        raise ConfigError(only.reason, hint=only.hint, where=only.where)
    told = [f"  {mistake}" for mistake in mistakes[:MAX_TOLD]]
    if len(mistakes) > MAX_TOLD:
        told.append(f"  and {len(mistakes) - MAX_TOLD} more")
    raise ConfigError("\n".join([f"{len(mistakes)} mistakes in the settings:", *told]))


def shown(text: str) -> str:
    """Return `text` fit for a line on a terminal: printable and short."""
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return printable if len(printable) <= MAX_SHOWN else printable[:MAX_SHOWN] + "…"
