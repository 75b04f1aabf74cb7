"""A node of this project, as a process like the others."""

from __future__ import annotations

from pathlib import Path

from isthmus.demo.nodes import NodeProcess
from tests.interop.cluster import free_ports
from tests.interop.sides.side import Address, Side
from tests.live.site import PASSWORD, Site


def isthmus(root: Path, *, is_measured: bool = False) -> Side:
    """Configure a node in `root`."""
    root.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    folder = Site(root).folder("side", password=PASSWORD, settings={"http.port": port})
    address = Address(port, root / "ca.crt", "elastic", PASSWORD)
    return Side("isthmus", "Isthmus", address, IsthmusProcess(folder), folder / "data")


class IsthmusProcess:
    """The node's process."""

    def __init__(self, folder: Path) -> None:
        self._node = NodeProcess(folder, folder / "logs")

    @property
    def pid(self) -> int:
        """Its id; only a started process has one."""
        return self._node.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._node.is_alive

    def start(self) -> None:
        """Start it; nobody waits for it here."""
        self._node.start()

    def stop(self) -> None:
        """End it cleanly."""
        self._node.stop(60.0)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._node.kill()

    def log(self) -> list[str]:
        """What it wrote to its terminal, line by line."""
        return self._node.output().splitlines()
