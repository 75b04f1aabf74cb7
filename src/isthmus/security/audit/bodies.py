"""What a line may show of a request's body: all but passwords, hashes, tokens and keys. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

MAX_BODY: Final = 65_536
_SECRETS: Final = frozenset(
    ("access_token", "password", "password_hash", "refresh_token", "secure_settings_password", "token")
)
_WITH_SECRETS: Final = ("/_security/", "/_nodes/")


def shown_body(path: str, body: bytes) -> str | None:
    """Return the text of a body, None if there is none; of one that could hold secrets and is no JSON, a note."""
    if not body:
        return None
    if len(body) > MAX_BODY:
        return f"<{len(body)} bytes are not shown, more than {MAX_BODY}>"
    if not f"/{path.lstrip('/')}".startswith(_WITH_SECRETS):
        return body.decode(errors="replace")
    try:
        return msgspec.json.encode(_without_secrets(msgspec.json.decode(body))).decode()
    except (msgspec.DecodeError, RecursionError):
        return f"<{len(body)} bytes that are not JSON are not shown>"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(inner) for name, inner in value.items() if name.lower() not in _SECRETS}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value
