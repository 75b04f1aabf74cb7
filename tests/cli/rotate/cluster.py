"""Configuration folders of a cluster that nobody runs, and the command line on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from isthmus.cli.main import run
from tests.certificates import Authority, make_ca

CHANNELS = ("transport", "http")


@dataclass
class Folders:
    """A cluster of `names` under `root`, whose certificates `ca` signed; each channel has its own."""

    root: Path
    ca: Authority
    names: Sequence[str] = ("n1", "n2")
    days: tuple[int, int] = (-1, 365)

    def write(self) -> Folders:
        for at, name in enumerate(self.names):
            self._write_node(name, 9300 + at)
        return self

    @property
    def paths(self) -> list[str]:
        return [str(self.root / name) for name in self.names]

    def _write_node(self, name: str, port: int) -> None:
        folder = self.root / name
        folder.mkdir(parents=True)
        settings: dict[str, object] = {
            "node.name": name,
            "network.host": "127.0.0.1",
            "transport.port": port,
            "http.port": port - 100,
        }
        for channel in CHANNELS:
            self.ca.issue(name, days=self.days).write(folder, channel)
            prefix = f"xpack.security.{channel}.ssl"
            settings |= {
                f"{prefix}.enabled": True,
                f"{prefix}.certificate": f"{channel}.crt",
                f"{prefix}.key": f"{channel}.key",
                f"{prefix}.certificate_authorities": ["ca.crt"],
            }
        (folder / "ca.crt").write_bytes(self.ca.certificate_pem)
        (folder / "isthmus.yml").write_text(json.dumps(settings))


@dataclass
class Rotate:
    """`isthmus rotate` on a work folder; what it said is in `said` and `erred`, which never hold a trace."""

    work: Path
    capsys: pytest.CaptureFixture[str]
    said: str = ""
    erred: str = ""

    def __call__(self, command: str, *arguments: str) -> int:
        status = run(["rotate", command, "--work", str(self.work), *arguments])
        self.said, self.erred = self.capsys.readouterr()
        assert "Traceback" not in self.said + self.erred
        assert "the program failed" not in self.erred
        return status


def new_folders(root: Path, names: Sequence[str] = ("n1", "n2"), days: tuple[int, int] = (-1, 365)) -> Folders:
    return Folders(root / "conf", make_ca("cluster CA"), names, days).write()
