"""Log lines of about 300 bytes, made by rule: the same seed gives the same lines.

They are made to be searched: a few services and many addresses, fields that are sometimes absent, arrays, objects in
objects, and now and then text that is not ASCII.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from typing import Any

from isthmus.demo.prose import phrase

Document = dict[str, Any]

BEGINNING = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SERVICES = ("cart", "checkout", "search", "login", "billing", "catalog", "gateway", "mailer")
LEVELS = ("INFO", "DEBUG", "WARN", "ERROR")
REGIONS = ("eu-west", "eu-north", "us-east", "ap-south")
TAGS = ("prod", "canary", "edge", "batch", "mobile", "beta")
AGENTS = (
    "Mozilla/5.0 (Linux) Firefox/128.0",
    "Mozilla/5.0 (Windows) Chrome/126.0",
    "curl/8.5.0",
    "python-requests/2.32",
)
_STATUSES = (200, 201, 204, 301, 304, 400, 401, 403, 404, 429, 500, 502, 503)
_FREQUENT_STATUSES = (60, 5, 4, 2, 6, 3, 2, 2, 8, 1, 3, 2, 2)
_SUBJECTS = ("the request", "a session", "the connection", "the upstream", "a worker", "the cache", "the queue")
_VERBS = ("finished", "timed out", "was refused", "opened", "closed", "was retried", "expired", "failed", "returned")
_PLACES = ("after a retry", "without an answer", "in the background", "for a new customer", "during the nightly run")
_FOREIGN = (
    "Größe überschritten",
    "café fermé",
    "сервер недоступен",
    "接続が切れました",
    "naïve coöperation",
    "ошибка 🚧",
)

LOG_MAPPING: Document = {
    "properties": {
        "@timestamp": {"type": "date"},
        "level": {"type": "keyword"},
        "service": {"type": "keyword"},
        "host": {"properties": {"name": {"type": "keyword"}, "region": {"type": "keyword"}}},
        "client_ip": {"type": "ip"},
        "status": {"type": "integer"},
        "bytes": {"type": "long"},
        "duration": {"type": "double"},
        "cached": {"type": "boolean"},
        "message": {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}},
        "agent": {"type": "text"},
        "tags": {"type": "keyword"},
        "user": {"properties": {"id": {"type": "keyword"}, "visits": {"type": "integer"}}},
        "sequence": {"type": "long"},
    }
}


def log_lines(count: int, seed: int = 1) -> Iterator[Document]:
    """Return `count` log lines, one every few seconds from the year's beginning; `sequence` counts them from 0."""
    chance = random.Random(seed)  # noqa: S311 - nothing is to be kept secret
    hosts = [f"{region}-{number:02d}" for region in REGIONS for number in range(1, 9)]
    at = BEGINNING
    for sequence in range(count):
        at += datetime.timedelta(milliseconds=chance.randint(1, 20_000))
        yield _log_line(chance, sequence, at, chance.choice(hosts))


def _log_line(chance: random.Random, sequence: int, at: datetime.datetime, host: str) -> Document:
    status = chance.choices(_STATUSES, _FREQUENT_STATUSES)[0]
    line: Document = {
        "@timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": _level(chance, status),
        "service": chance.choices(SERVICES, range(len(SERVICES), 0, -1))[0],
        "host": {"name": host, "region": host.rpartition("-")[0]},
        "client_ip": _address(chance),
        "status": status,
        "bytes": int(chance.lognormvariate(7, 1.5)),
        "duration": round(chance.lognormvariate(2, 1.2), 3),
        "message": _message(chance, status),
        "sequence": sequence,
    }
    _add_what_is_optional(line, chance)
    return line


def _add_what_is_optional(line: Document, chance: random.Random) -> None:
    if chance.random() < 0.6:
        line["agent"] = chance.choice(AGENTS)
    if chance.random() < 0.7:
        line["tags"] = sorted(chance.sample(TAGS, chance.randint(1, 3)))
    if chance.random() < 0.5:
        line["user"] = {"id": f"u{int(chance.paretovariate(0.6)) % 5000}", "visits": chance.randint(1, 400)}
    if chance.random() < 0.4:
        line["cached"] = chance.random() < 0.3


def _level(chance: random.Random, status: int) -> str:
    if status >= 500:
        return "ERROR"
    if status >= 400:
        return "WARN"
    return "DEBUG" if chance.random() < 0.2 else "INFO"


def _address(chance: random.Random) -> str:
    if chance.random() < 0.1:
        return f"2001:db8::{chance.randint(1, 0xFFFF):x}"
    return f"10.{chance.randint(0, 3)}.{chance.randint(0, 255)}.{chance.randint(1, 254)}"


def _message(chance: random.Random, status: int) -> str:
    parts = [chance.choice(_SUBJECTS), chance.choice(_VERBS)]
    if chance.random() < 0.5:
        parts.append(chance.choice(_PLACES))
    parts.append(f"with {status} on /{chance.choice(SERVICES)}/{'/'.join(phrase(chance)[:2])}")
    if chance.random() < 0.02:
        parts.append(chance.choice(_FOREIGN))
    return " ".join(parts)
