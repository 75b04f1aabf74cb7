"""`node.portsfile`: the bound addresses, a `host:port` a line, for those who asked for any free port."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from isthmus.node.addresses import Bound, joined


def write_ports(folder: Path, channel: str, bound: Sequence[Bound]) -> None:
    """Write `folder/<channel>.ports` whole or not at all."""
    target = folder / f"{channel}.ports"
    partial = target.with_suffix(".ports.tmp")
    partial.write_text("".join(f"{joined(host, port)}\n" for host, port in bound))
    partial.replace(target)
