"""The application: one pipeline for every request of a table of routes.

Judge the head, authenticate, find the route, agree on the representation, check the parameters, read the body, call
the handler, filter and encode its answer. Every error leaves by the same door. What an unexpected one says stays in the
log.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from functools import partial

import msgspec
from aiohttp import web

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.expressions import names_only_others
from isthmus.rest.answers import Answer, Json, encode_json
from isthmus.rest.audited import asked_by
from isthmus.rest.connection import SERVER, Connection
from isthmus.rest.errors import (
    ContentTooLargeError,
    TooSlowError,
    UnexpectedError,
    challenges,
    error_body,
    simple_body,
)
from isthmus.rest.expectation import check_expectation, meet_expectation
from isthmus.rest.filter_path import compile_filter
from isthmus.rest.head import check_head
from isthmus.rest.media import Representation, check_content_type, negotiate
from isthmus.rest.parameters import COMMON, Parameters, check_values, refuse_unknown
from isthmus.rest.routing import Request, Route
from isthmus.security.acting import Acting, acting_as
from isthmus.security.audit.trail import RequestTrail, Trail
from isthmus.security.authenticator import RUN_AS, Asking, Authenticator
from isthmus.security.authorization.denial import AuthorizationError, run_as_denied
from isthmus.security.authorization.permission import Permission
from isthmus.security.errors import AuthenticationError
from isthmus.security.roles.registry import built_in_permission
from isthmus.security.subject import Authentication

log = logging.getLogger(__name__)
FOR_OTHERS = (
    "indices:data/read/search",
    "indices:data/read/async_search/submit",
    "indices:data/read/field_caps",
    "indices:admin/resolve/cluster",
    "indices:admin/resolve/index",
)
"""Actions that may be on indices of other clusters alone."""

BODY_SECONDS = 60.0
PRODUCT = ("X-elastic-product", "Elasticsearch")
OPAQUE_ID = "X-Opaque-Id"

_VARIABLE = re.compile(r"\{(\w+)\}")  # may be any text, also one with braces, unlike aiohttp's own

Permissions = Callable[[Authentication], Permission]
Gate = Callable[[web.Request], Awaitable[Authentication]]
_WHO: web.RequestKey[Authentication] = web.RequestKey("authentication", Authentication)
_TRAIL: web.RequestKey[RequestTrail] = web.RequestKey("trail", RequestTrail)


def make_app(
    routes: Iterable[Route],
    gate: Gate,
    *,
    max_content_length: int,
    permissions: Permissions = built_in_permission,
    trail: Trail | None = None,
    challenges_anonymous: bool = False,
) -> web.Application:
    """Return an application that serves `routes` to those whom `gate` lets in (it raises AuthenticationError).

    `max_content_length` bounds a request's body, in bytes. `permissions` tells what somebody may do; by default what
    the built-in roles grant. `trail` is told of every request; None: no trail is kept. `challenges_anonymous`: who
    brings no credentials is asked who he is (401) where others are told what they may not (403).
    """
    app = web.Application(
        client_max_size=max_content_length, middlewares=[_pipeline(gate if trail is None else _audited(gate, trail))]
    )
    serving = partial(_serve, permissions=permissions, challenges_anonymous=challenges_anonymous)
    for route in routes:
        pattern = _VARIABLE.sub(r"{\1:[^/]+}", route.path)
        for path in {pattern, pattern.rstrip("/") + "/"}:
            app.router.add_route(route.method, path, serving(route))
            if route.method == "GET":
                app.router.add_route("HEAD", path, serving(route if route.head is None else _head(route)))
    return app


def _head(route: Route) -> Route:
    return replace(route, handler=route.head or route.handler, kinds=("text", "json"))


def basic_gate(authenticator: Authenticator) -> Gate:
    """Return the gate that asks for an Authorization header, or takes the client's certificate."""

    async def gate(request: web.Request) -> Authentication:
        headers = request.headers.getall("Authorization", [])
        if len(headers) > 1:
            raise UsageError("the request has more than one Authorization header")
        return await authenticator.authenticate(
            Asking(
                authorization=next(iter(headers), None),
                run_as=request.headers.get(RUN_AS),
                target=request.raw_path,
                origin=request.remote or "",
                certificate=request.protocol.identity if isinstance(request.protocol, Connection) else None,
            )
        )

    return gate


def _audited(gate: Gate, trail: Trail) -> Gate:
    """Return a gate that tells `trail` who came, or that it is not known."""

    async def audited(request: web.Request) -> Authentication:
        told = request[_TRAIL] = trail.begin(asked_by(request))
        try:
            who = await gate(request)
        except AuthenticationError as refused:
            told.nobody(request.headers.get("Authorization"), refused.claimed)
            raise
        except UsageError:
            told.tampered()
            raise
        told.came(who)
        return who

    return audited


def _pipeline(gate: Gate) -> Callable[..., Awaitable[web.StreamResponse]]:
    @web.middleware
    async def pipeline(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if isinstance(request.protocol, Connection):
            request.protocol.request_began()
        response = await _guarded(request, handler, gate)
        response.headers["Server"] = SERVER
        response.headers.add(*PRODUCT)
        if OPAQUE_ID in request.headers:
            response.headers[OPAQUE_ID] = request.headers[OPAQUE_ID]
        return response

    return pipeline


async def _guarded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]], gate: Gate
) -> web.StreamResponse:
    try:
        check_head(request)
        request[_WHO] = await gate(request)
        check_expectation(request)
        if request.match_info.http_exception is not None:
            return _no_route(request, request.match_info.http_exception)
        return await handler(request)
    except IsthmusError as error:
        if error.status >= web.HTTPInternalServerError.status_code:
            log.warning("%s %s failed: %s", request.method, request.rel_url.raw_path, error, exc_info=error.__cause__)
        return _refusal(request, error)
    except Exception:
        log.exception("%s %s failed unexpectedly", request.method, request.rel_url.raw_path)
        return _refusal(request, UnexpectedError("the request failed for an unexpected reason, see the node's log"))


def _serve(
    route: Route, permissions: Permissions, *, challenges_anonymous: bool
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        who = request[_WHO]
        trail = request.get(_TRAIL)
        asker = Acting(who, permissions(who), route.action, trail)
        if who.authenticating is not None:
            _check_run_as(who, permissions, route.action, trail)
        try:
            with acting_as(asker):
                if not (route.own and _is_of(request, who)) and not _is_for_others(request, route):
                    asker.check()
                return await answered(request)
        except AuthorizationError as denied:
            if challenges_anonymous and who.type == "anonymous":
                raise AuthenticationError(f"action [{route.action}] requires authentication") from denied
            raise
        finally:
            if trail is not None:
                trail.end(who, route.action)

    async def answered(request: web.Request) -> web.StreamResponse:
        parameters = Parameters(dict(request.query.items()))
        shape = negotiate(_accept(request), parameters.text("format"), route.kinds)
        refuse_unknown(request.path, request.query, (*COMMON, *route.parameters))
        check_values(parameters)
        wanted = _filter(parameters.text("filter_path") or "")
        pretty = parameters.boolean("pretty")
        body = await _body(request, route)
        if _TRAIL in request:
            request[_TRAIL].sent(request[_WHO], body)
        asked = Request(request.path, request.match_info, parameters, shape.kind, request[_WHO], body)
        answer = await route.handler(asked)
        log.debug("[%s] %s: %d", route.action, asked.authentication.user.username, answer.status)
        return _encode(answer, shape, wanted, pretty=pretty)

    return serve


def _is_for_others(request: web.Request, route: Route) -> bool:
    """Whether only indices of other clusters are meant: what may be done there is not said by rights to any here."""
    return route.action in FOR_OTHERS and names_only_others(
        request.match_info.get("index") or request.match_info.get("name")
    )


def _check_run_as(who: Authentication, permissions: Permissions, action: str, trail: RequestTrail | None) -> None:
    """Refuse somebody who may not act as the user that he named, or named nobody."""
    himself = permissions(who.by_himself)
    granted = who.lookup_by is not None and himself.allows_run_as(who.user.username)
    if trail is not None:
        trail.ran_as(who, action, granted=granted)
    if not granted:
        raise run_as_denied(who, himself, action)


def _is_of(request: web.Request, who: Authentication) -> bool:
    name: str | None = request.match_info.get("username")
    return name in (None, who.user.username)


def _filter(paths: str) -> Callable[[object], object]:
    """Parts of an answer that are JSON already, such as sources, are looked into like the rest."""
    wanted = compile_filter(paths)
    return (lambda value: wanted(msgspec.json.decode(msgspec.json.encode(value)))) if paths else wanted


def _encode(answer: Answer, shape: Representation, wanted: Callable[[object], object], *, pretty: bool) -> web.Response:
    if isinstance(answer, Json):
        body = encode_json(wanted(answer.value), pretty=pretty)
        headers = {"Content-Type": shape.media_type}
        if answer.location is not None:
            headers["Location"] = answer.location
        return web.Response(status=answer.status, body=body, headers=headers)
    return web.Response(status=answer.status, body=answer.value.encode(), headers={"Content-Type": answer.media_type})


async def _body(request: web.Request, route: Route) -> bytes:
    if not request.body_exists:
        return b""
    if not route.takes_body:
        raise UsageError(f"request [{request.method} {request.path}] does not support having a body")
    check_content_type(request.headers.get("Content-Type"), ndjson=route.ndjson)
    await meet_expectation(request)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as cause:
        raise ContentTooLargeError("the request's body is larger than [http.max_content_length]") from cause
    except web.RequestPayloadError as cause:
        raise UsageError("the request's body cannot be read") from cause
    except TimeoutError as cause:
        raise TooSlowError("the request's body did not arrive in time") from cause


def _no_route(request: web.Request, found: web.HTTPException) -> web.Response:
    if not isinstance(found, web.HTTPMethodNotAllowed):
        reason = f"no handler found for uri [{request.raw_path}] and method [{request.method}]"
        return _json(request, simple_body(reason), 400)
    allowed = sorted(found.allowed_methods)
    if request.method == "OPTIONS":
        return web.Response(headers={"Allow": ",".join(allowed)})
    reason = f"Incorrect HTTP method for uri [{request.raw_path}] and method [{request.method}]"
    response = _json(request, simple_body(f"{reason}, allowed: [{', '.join(allowed)}]", 405), 405)
    response.headers["Allow"] = ",".join(allowed)
    return response


def _refusal(request: web.Request, error: IsthmusError) -> web.Response:
    trace = _WHO in request and request.query.get("error_trace", "false") != "false"
    response = _json(request, error_body(error, trace=trace), error.status)
    for name, value in challenges(error):
        response.headers.add(name, value)
    return response


def _json(request: web.Request, value: object, status: int) -> web.Response:
    try:
        media_type = negotiate(_accept(request), None, ("json",)).media_type
    except IsthmusError:
        media_type = "application/json"
    pretty = request.query.get("pretty", "false") != "false"
    body = encode_json(value, pretty=pretty)
    return web.Response(status=status, body=body, headers={"Content-Type": media_type})


def _accept(request: web.Request) -> str | None:
    values = request.headers.getall("Accept", [])
    return ",".join(values) if values else None
