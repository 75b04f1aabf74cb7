"""The parent task that stands at the head of every request body (es-wire §0)."""

from __future__ import annotations

from isthmus.wire.primitives import Reader, Writer


def read_task(reader: Reader) -> tuple[str, int] | None:
    """Read a task's node and id, or None for no task."""
    node_id = reader.string()
    return (node_id, reader.i64()) if node_id else None


def write_task(writer: Writer, task: tuple[str, int] | None) -> None:
    """Write a task's node and id, or that there is none."""
    writer.string(task[0] if task else "")
    if task:
        writer.i64(task[1])
