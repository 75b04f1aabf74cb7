"""What a route is, and what its handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from isthmus.rest.answers import Answer
from isthmus.rest.media import Kind
from isthmus.rest.parameters import Parameters
from isthmus.security.subject import Authentication


@dataclass(frozen=True)
class Request:
    """One request that passed the pipeline. `variables` are those of the path, `kind` how it will be answered."""

    path: str
    variables: Mapping[str, str]
    parameters: Parameters
    kind: Kind
    authentication: Authentication
    body: bytes = field(repr=False)


Handler = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """One line of a route table.

    `path` may hold variables in braces. `action` is Elasticsearch's name for what is done, the name that privileges
    are granted on. `parameters` are the query parameters that it knows besides the common ones, `kinds` what it can
    answer with, the default first; `ndjson`: its body may be lines of JSON.
    `lacks` says in one phrase what this one refuses of Elasticsearch's; one that is `refused` is not served at all.
    What is `own` everybody may do of himself: where the path names no user, or the one who asks.
    """

    method: str
    path: str
    action: str
    handler: Handler
    parameters: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ("json",)
    takes_body: bool = False
    ndjson: bool = False
    head: Handler | None = None
    own: bool = False
    lacks: str = ""
    refused: bool = False
