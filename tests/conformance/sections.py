"""The YAML tests of Elasticsearch's clients as values: sections of steps, each an object of one key.

https://github.com/elastic/elasticsearch-clients-tests
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Step = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One test of a file: steps before, its own, and those that clean up. `serverless`: it is of that offer alone."""

    file: str
    name: str
    setup: tuple[Step, ...]
    steps: tuple[Step, ...]
    teardown: tuple[Step, ...]
    serverless: bool

    @property
    def id(self) -> str:
        return f"{self.file}/{self.name}"


def sections(path: Path) -> list[Section]:
    """Return the sections of a file."""
    parts: dict[str, Any] = {}
    for document in YAML(typ="safe").load_all(path.read_text()):
        parts |= document
    requires = parts.pop("requires", {"stack": True})
    setup, teardown = parts.pop("setup", []), parts.pop("teardown", [])
    return [
        Section(path.stem, name, tuple(setup), tuple(steps), tuple(teardown), not requires["stack"])
        for name, steps in parts.items()
    ]
