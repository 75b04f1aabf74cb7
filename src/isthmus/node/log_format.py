"""How a log entry is written: in ECS shape for the file, in one line for the terminal. Pure."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass

ECS_VERSION = "1.2.0"
LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}


@dataclass
class Origin:
    """Who writes the log. What is not known yet is None and left out."""

    cluster_name: str
    node_name: str
    node_id: str | None = None
    cluster_uuid: str | None = None


class ServerFormatter(logging.Formatter):
    """One JSON object a line, with the names of ECS and of Elasticsearch's server log; stack traces included."""

    def __init__(self, origin: Origin) -> None:
        super().__init__()
        self._origin = origin

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        entry = {
            "@timestamp": f"{_utc(record)}.{int(record.msecs):03d}Z",
            "log.level": _level(record),
            "message": record.getMessage(),
            "ecs.version": ECS_VERSION,
            "service.name": "ES_ECS",
            "event.dataset": "elasticsearch.server",
            "process.thread.name": record.threadName,
            "log.logger": record.name,
            "elasticsearch.cluster.uuid": self._origin.cluster_uuid,
            "elasticsearch.cluster.name": self._origin.cluster_name,
            "elasticsearch.node.id": self._origin.node_id,
            "elasticsearch.node.name": self._origin.node_name,
            **self._error(record),
        }
        return json.dumps({name: value for name, value in entry.items() if value is not None}, ensure_ascii=False)

    def _error(self, record: logging.LogRecord) -> dict[str, str]:
        error = _exception(record)
        if error is None or record.exc_info is None:
            return {}
        return {
            "error.type": f"{type(error).__module__}.{type(error).__qualname__}",
            "error.message": str(error),
            "error.stack_trace": self.formatException(record.exc_info),
        }


class LineFormatter(logging.Formatter):
    """One readable line an entry: time, level, logger, node, message, and an error's own words but no stack trace."""

    def __init__(self, origin: Origin) -> None:
        super().__init__()
        self._origin = origin

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end. What came from outside cannot steer the terminal or feign an entry."""
        error = _exception(record)
        told = record.getMessage() + (f": {str(error) or type(error).__name__}" if error is not None else "")
        head = f"[{_utc(record)},{int(record.msecs):03d}][{_level(record):5}][{record.name}] [{self._origin.node_name}]"
        return f"{head} {_one_line(told)}"


def _exception(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _level(record: logging.LogRecord) -> str:
    return LEVELS.get(record.levelname, record.levelname)


def _utc(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))


def _one_line(text: str) -> str:
    line = " / ".join(part.strip() for part in text.splitlines() if part.strip())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
