"""Every secret that a test of live nodes makes or uses is noted, so that the nodes' logs can be searched for it.

What is noted comes from requests and answers of the official client as `Site.client` makes it, from the keystores that
are written and from `reset-password`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from elastic_transport import Urllib3HttpNode

# Fields of requests and answers of `_security` whose text is a secret.
FIELDS = frozenset(("access_token", "api_key", "encoded", "password", "password_hash", "refresh_token", "value"))
LEAST = 8
_made: set[str] = set()


def note(*secrets: str) -> None:
    """Remember secrets; what is shorter than `LEAST` could be in a log by chance."""
    _made.update(secret for secret in secrets if len(secret) >= LEAST)


def leaked(logs: Iterable[Path]) -> list[str]:
    """Return which of the files hold a secret, and at which line; the secret itself is not told again."""
    return [
        f"{path}:{number}"
        for path in logs
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if any(secret in line for secret in _made)
    ]


class NotingNode(Urllib3HttpNode):
    """The client's own connection; notes the secrets of what a node accepts and answers."""

    def perform_request(self, method: str, target: str, *arguments: Any, **named: Any) -> Any:
        answer = super().perform_request(method, target, *arguments, **named)
        if answer.meta.status < 400:
            note(_credentials(named.get("headers") or {}))
            if target.startswith("/_security"):
                note(*_secrets(named.get("body")), *_secrets(answer.body))
        return answer


def _credentials(headers: Mapping[str, str]) -> str:
    return next((value.partition(" ")[2] for name, value in headers.items() if name.lower() == "authorization"), "")


def _secrets(body: bytes | None) -> Iterator[str]:
    try:
        yield from _in(json.loads(body or b"null"))
    except ValueError:
        return


def _in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in FIELDS and isinstance(inner, str):
                yield inner
            yield from _in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _in(inner)
