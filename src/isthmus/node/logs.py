"""The node's log: JSON lines in ECS shape for machines, short lines on the terminal for people.

The shape and the names are those of Elasticsearch's server log (elastic.co/guide, "Logging"; the ECS field
reference), so that what reads its logs reads ours. Who logs only puts the entry into a queue; a thread writes.
"""

from __future__ import annotations

import logging
import queue
import sys
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any

from isthmus.errors import ConfigError, PermissionDeniedError
from isthmus.node.log_file import LogFile
from isthmus.node.log_format import LineFormatter, Origin, ServerFormatter

MAX_WAITING = 10_000
OWN_LOGGER = "isthmus"


def configure_logging(path_logs: Path, cluster_name: str, node_name: str) -> LogContext:
    """Write the log to `path_logs/<cluster_name>_server.json` and, one line an entry, to stderr.

    Own entries are told from INFO on, those of libraries from WARNING on. Raises ConfigError or PermissionDeniedError
    if the folder or the file cannot be made.
    """
    return LogContext(_open(path_logs, cluster_name), Origin(cluster_name, node_name))


class LogContext:
    """The running log. The node tells it who it is once it knows, and closes it last."""

    def __init__(self, file: LogFile, origin: Origin) -> None:
        self._origin = origin
        self._own_level = logging.getLogger(OWN_LOGGER).level
        file.setFormatter(ServerFormatter(origin))
        terminal = logging.StreamHandler(sys.stderr)
        terminal.setFormatter(LineFormatter(origin))
        self._handlers: tuple[logging.Handler, ...] = (file, terminal)
        waiting: queue.Queue[Any] = queue.Queue(MAX_WAITING)
        self._entrance = _Entrance(waiting)
        self._listener = _Listener(waiting, *self._handlers)
        self._listener.start()
        logging.getLogger(OWN_LOGGER).setLevel(logging.INFO)
        logging.getLogger().addHandler(self._entrance)

    @property
    def origin(self) -> Origin:
        """Who writes, as far as it is known by now."""
        return self._origin

    def set_node_id(self, node_id: str) -> None:
        """Name the node's id in every entry written from now on."""
        self._origin.node_id = node_id

    def set_cluster_uuid(self, cluster_uuid: str) -> None:
        """Name the cluster's id in every entry written from now on; an empty one is left out."""
        self._origin.cluster_uuid = cluster_uuid or None

    def close(self) -> None:
        """Write what waits, and stop. Calling it again does nothing."""
        root = logging.getLogger()
        if self._entrance not in root.handlers:
            return
        root.removeHandler(self._entrance)
        logging.getLogger(OWN_LOGGER).setLevel(self._own_level)
        self._listener.stop()
        self._handlers[0].close()


class _Entrance(QueueHandler):
    """Takes entries without waiting; if the writer falls far behind, they are lost, and that is told."""

    def __init__(self, waiting: queue.Queue[Any]) -> None:
        super().__init__(waiting)
        self._waiting = waiting
        self._lost = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Fix the message now, as its arguments may change; keep the exception, which the file's format needs."""
        record.msg = record.getMessage()
        record.args = None
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        """Put the entry into the queue, after word of those that were lost before it."""
        try:
            if self._lost:
                self._waiting.put_nowait(_word_of_lost(self._lost))
                self._lost = 0
            self._waiting.put_nowait(record)
        except queue.Full:
            self._lost += 1


class _Listener(QueueListener):
    def enqueue_sentinel(self) -> None:
        """Wait for room: the end must not get lost."""
        self.queue.put(None)  # type: ignore[attr-defined]  # typeshed promises only what the base class calls


def _open(path_logs: Path, cluster_name: str) -> LogFile:
    try:
        path_logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LogFile(path_logs / f"{cluster_name}_server.json")
    except PermissionError as cause:
        raise PermissionDeniedError("the log cannot be written", where=f"path.logs {path_logs}") from cause
    except OSError as cause:
        raise ConfigError(f"the log cannot be written: {cause.strerror}", where=f"path.logs {path_logs}") from cause


def _word_of_lost(count: int) -> logging.LogRecord:
    text = f"{count} log entries were lost: they came faster than they could be written"
    return logging.LogRecord(__name__, logging.WARNING, __file__, 0, text, None, None)
