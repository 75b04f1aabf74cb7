"""Orders to the running node of this machine, through the admin socket in its data folder."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isthmus.errors import DataError, IsthmusError, PermissionDeniedError, UnavailableError
from isthmus.rest.unix_socket import connect

if TYPE_CHECKING:
    from isthmus.settings import Settings

SOCKET_NAME = "admin.sock"
SECONDS = 60.0
MAX_ANSWER = 1 << 20
_EXIT_CODES = {401: 77, 403: 77, 409: 69, 503: 69}


class RefusedByNodeError(IsthmusError):
    """The node refused an order; the exit status follows from its HTTP status."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.exit_code = _EXIT_CODES.get(status, DataError.exit_code if status < 500 else IsthmusError.exit_code)  # type: ignore[misc]


class NoNodeError(UnavailableError):
    """No node runs on the data folder."""


def order(
    name: str, values: Mapping[str, Any], overrides: Sequence[str] = (), *, seconds: float = SECONDS
) -> dict[str, Any]:
    """Give the order `name` with `values` to the node of the configuration folder, and return its answer.

    `overrides` are settings as of `-E`, `seconds` is how long it may take. Raises ConfigError, NoNodeError,
    UnavailableError, PermissionDeniedError, RefusedByNodeError.
    """
    path = data_folder(settings_of(overrides)) / SOCKET_NAME
    connection = _UnixConnection(path, seconds)
    try:
        connection.request("POST", f"/_admin/{name}", json.dumps(values), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read(MAX_ANSWER)
    except (FileNotFoundError, ConnectionRefusedError) as cause:
        raise NoNodeError("no node runs on this data folder", where=str(path.parent), hint="start it") from cause
    except PermissionError as cause:
        raise PermissionDeniedError(
            "the node's admin socket may not be used", where=str(path), hint="call it as the user that runs the node"
        ) from cause
    except (OSError, http.client.HTTPException) as cause:
        raise UnavailableError("the node did not answer", where=str(path)) from cause
    finally:
        connection.close()
    return _read(answer.status, body)


def settings_of(overrides: Sequence[str]) -> Settings:
    """Return the settings of the configuration folder, without its secure ones. Raises ConfigError."""
    from isthmus.settings import find_conf_dir, load

    return load(find_conf_dir(os.environ), overrides=overrides, environ=os.environ)


def data_folder(settings: Settings) -> Path:
    """Return where the node of these settings keeps its data."""
    from isthmus.settings.node_settings import PATH_DATA

    return settings.resolve(settings.get(PATH_DATA))


def _read(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(body)
        if status < http.client.BAD_REQUEST:
            return answer
        error = answer["error"]
        reason = error if isinstance(error, str) else error["reason"]
    except (ValueError, LookupError, TypeError) as cause:
        raise UnavailableError(f"the node gave an answer that cannot be read (status {status})") from cause
    raise RefusedByNodeError(str(reason), status)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, seconds: float) -> None:
        super().__init__("localhost")
        self._path = path
        self._seconds = seconds

    def connect(self) -> None:
        self.sock = connect(self._path, self._seconds)
