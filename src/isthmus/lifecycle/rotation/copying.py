"""Brings files to where a folder is only a copy of what a node or a client has, by the command of the inventory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from isthmus.errors import ConfigError
from isthmus.lifecycle.rotation.installing import run_command
from isthmus.lifecycle.rotation.inventory import ClientEntry, NodeEntry
from isthmus.lifecycle.rotation.layout import NewFile
from isthmus.lifecycle.rotation.leaves import write_private


async def copy_elsewhere(entry: NodeEntry | ClientEntry, name: str, files: Sequence[NewFile], work: Path) -> None:
    """Run the entry's command: of a node once for all files, so that a key can arrive together with its certificate.

    The files lie in `work` meanwhile. Raises ConfigError for a file that has no place at the node, and what the command
    raises.
    """
    what = f"copying to [{name}]"
    with TemporaryDirectory(prefix="outgoing.", dir=work) as folder:
        if isinstance(entry, NodeEntry):
            for file in files:
                await _lay_out(file, Path(folder) / _within(entry, file.path))
            await run_command(entry.copy, what, source=folder)
            return
        for file in files:
            source = await _lay_out(file, Path(folder) / file.path.name)
            await run_command(entry.copy, what, source=str(source), target=str(file.path))


def must_be_copied(entry: NodeEntry, paths: Iterable[Path]) -> None:
    """Raise ConfigError if the node's `copy` cannot bring one of these files to its place."""
    if entry.copy:
        for path in paths:
            _within(entry, path)


async def _lay_out(file: NewFile, place: Path) -> Path:
    await asyncio.to_thread(write_private, place, file.data)
    return place


def _within(entry: NodeEntry, path: Path) -> Path:
    if not path.is_relative_to(entry.folder):
        raise ConfigError(
            "the file lies outside of the node's configuration folder, so that copy cannot bring it to its place",
            where=str(path),
            hint="keep it in the configuration folder, as Elasticsearch demands too",
        )
    return path.relative_to(entry.folder)
