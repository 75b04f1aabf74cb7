"""`GET` and `PUT /_cluster/settings`: the settings that change while nodes run.

https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-put-settings
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from isthmus.errors import UnavailableError, UsageError
from isthmus.rest.answers import Json
from isthmus.rest.routing import Request, Route
from isthmus.settings.entries import Value
from isthmus.settings.updates import Change, flatten, nest, shape
from isthmus.state.dynamic_settings import KINDS, DynamicSettings, Kind

log = logging.getLogger(__name__)

PATH = "/_cluster/settings"
MAX_BODY = 1 << 20
DEFAULT_SECONDS = 30.0
MAX_SECONDS = 3600.0
_READ = ("flat_settings", "include_defaults", "local", "master_timeout", "timeout")
_WRITE = ("flat_settings", "master_timeout", "timeout")


class NothingToUpdateError(UsageError):
    """A request that names no setting."""

    type = "action_request_validation_exception"


class UnreadableSettingsError(UsageError):
    """A body that is no JSON object of settings."""

    type = "x_content_parse_exception"


class OwnerTooSlowError(UnavailableError):
    """The owner of the state did not take the change in `master_timeout`."""

    type = "process_cluster_event_timeout_exception"


def settings_routes(settings: DynamicSettings) -> tuple[Route, ...]:
    """Return the routes by which `settings` are read and changed."""
    return (
        Route("GET", PATH, "cluster:monitor/settings", partial(get_settings, settings), _READ),
        Route("PUT", PATH, "cluster:admin/settings/update", partial(put_settings, settings), _WRITE, takes_body=True),
    )


async def get_settings(settings: DynamicSettings, request: Request) -> Json:
    """Answer what the cluster has set, and with `include_defaults` all other settings of this node."""
    flat = request.parameters.boolean("flat_settings")
    told: dict[str, Any] = {kind: _told(settings.stored(kind), flat=flat) for kind in reversed(KINDS)}
    if request.parameters.boolean("include_defaults"):
        told["defaults"] = _told(settings.unset(), flat=flat)
    return Json(told)


async def put_settings(settings: DynamicSettings, request: Request) -> Json:
    """Change settings and answer what was set; `acknowledged` is false if not every node had it in `timeout`."""
    changes = _changes(request.body)
    flat = request.parameters.boolean("flat_settings")
    seconds = request.parameters.seconds("timeout", DEFAULT_SECONDS, MAX_SECONDS)
    owner_seconds = request.parameters.seconds("master_timeout", DEFAULT_SECONDS, MAX_SECONDS)
    changing = asyncio.create_task(settings.update(changes))
    finished, _ = await asyncio.wait([changing], timeout=min(seconds, owner_seconds))
    if not finished:
        changing.add_done_callback(_tell_late)
        if owner_seconds <= seconds:
            raise OwnerTooSlowError(f"the change was not made within {owner_seconds:g} s", hint="ask what is in force")
        return Json({"acknowledged": False, "persistent": {}, "transient": {}})
    done = changing.result()
    told = {kind: _told(done.get(kind, {}), flat=flat) for kind in reversed(KINDS)}
    return Json({"acknowledged": True, **told})


def _changes(body: bytes) -> dict[Kind, Change]:
    given = _object(body)
    unknown = [name for name in given if name not in KINDS]
    if unknown:
        raise UnreadableSettingsError(
            f"unknown field [{unknown[0][:100]}]", hint="put settings under [persistent] or [transient]"
        )
    changes: dict[Kind, Change] = {kind: flatten(_section(kind, given[kind])) for kind in KINDS if given.get(kind)}
    if not any(changes.values()):
        raise NothingToUpdateError("Validation Failed: 1: no settings to update;")
    return changes


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY:
        raise UsageError(f"the request's body is larger than {MAX_BODY} bytes")
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as cause:
        raise UnreadableSettingsError(f"the request's body is no JSON object: {cause}") from cause


def _section(kind: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableSettingsError(f"[{kind}] is no object")
    return value


def _told(settings: Mapping[str, Value], *, flat: bool) -> dict[str, Any]:
    return {name: shape(settings[name]) for name in sorted(settings)} if flat else nest(settings)


def _tell_late(changing: asyncio.Task[Any]) -> None:
    if not changing.cancelled() and (error := changing.exception()) is not None:
        log.warning("a change of the cluster's settings that took too long was not made: %s", error)
