"""Requests to a route, from nearly right to nonsense. Pure but for the chance given."""

from __future__ import annotations

import gzip
import random
import re
from dataclasses import dataclass, field

from isthmus.rest.routing import Route
from tests.live.fuzzing.bodies import body_of
from tests.live.fuzzing.mutating import altered, damaged, written
from tests.live.fuzzing.values import CONTENT_TYPES, METHODS, PARAMETERS, PARTS, TEXT_BYTES

_VARIABLE = re.compile(r"\{[^}]*\}")
_COMMON = ("filter_path", "format", "human", "pretty")
# A request that waits as it was told to is no hang: these are waited for shortly.
_BRIEF = {"timeout": "20ms", "master_timeout": "5s", "wait_for_completion_timeout": "50ms", "requests_per_second": "-1"}
# Who asks would lock itself out; a path may lead there by dots.
_OWN_PASSWORD = re.compile(r"user/([^/]*(\.|%2e)[^/]*/)*_password", re.IGNORECASE)


@dataclass(frozen=True)
class Wire:
    """A request as its bytes go out, made for `route`. `legal`: its head is HTTP within its bounds."""

    route: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    legal: bool = True

    def head(self, own: tuple[tuple[str, str], ...]) -> bytes:
        """Everything before the body; `own` headers are the client's."""
        lines = [
            f"{self.method} {self.target} HTTP/1.1",
            *(f"{name}: {value}" for name, value in (*own, *self.headers)),
        ]
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")

    def told(self) -> str:
        """How a failure shows it."""
        return f"{self.method} {self.target[:300]} {dict(self.headers)!s:.300} {self.body[:1500]!r}"


def make(chance: random.Random, route: Route) -> Wire:
    """Return one request to `route`."""
    method = route.method if chance.random() < 0.9 else chance.choice(METHODS)
    body, headers = _body(chance, route)
    head, legal = _more_headers(chance)
    target = _target(chance, route)
    if _OWN_PASSWORD.search(target):
        body = b"{}"
    return Wire(f"{route.method} {route.path}", method, target, (*headers, *head), body, legal)


def _target(chance: random.Random, route: Route) -> str:
    tame = chance.random() < 0.6
    path = _VARIABLE.sub(lambda _: chance.choice(PARTS[:12] if tame else PARTS), route.path)
    if chance.random() < 0.03:
        path = chance.choice(
            (path + "/", "/" + path, path.replace("/", "//"), path + "/..", "/../.." + path, "*", path + "%2f")
        )
    parameters = "&".join(_parameters(chance, route))
    return f"{path}?{parameters}" if parameters else path


def _parameters(chance: random.Random, route: Route) -> list[str]:
    known = [*route.parameters, *_COMMON]
    names = chance.sample(known, min(len(known), chance.choice((0, 0, 0, 1, 1, 2, 3))))
    if "health" in route.path or any(name.startswith("wait_for") for name in names):
        names = [*names, *(name for name in _BRIEF if name in known)]
    given = [f"{name}={_BRIEF.get(name) or chance.choice(PARAMETERS)}" for name in names]
    if chance.random() < 0.05:
        given.append(
            chance.choice(("nonsense=1", "=", "=x", "a", "%zz=1", "%00=1", "&&&", "x" * 5000, "size=1&size=x", "#f"))
        )
    return given


def _body(chance: random.Random, route: Route) -> tuple[bytes, tuple[tuple[str, str], ...]]:
    if not route.takes_body and chance.random() < 0.9:
        return b"", ()
    lines = body_of(chance, route.path)
    kind = chance.random()
    if kind > 0.15:
        lines = [altered(chance, line, chance.choice((0, 1, 1, 2, 5))) for line in lines]
    text = b"\n".join(map(written, lines)) + (b"\n" if len(lines) > 1 or chance.random() < 0.1 else b"")
    if kind > 0.75:
        text = damaged(chance, text)
    if kind > 0.97:
        text = bytes(chance.choices(TEXT_BYTES, k=chance.randrange(200)))
    usual = "application/x-ndjson" if route.ndjson else "application/json"
    content = usual if chance.random() < 0.93 else chance.choice(CONTENT_TYPES)
    if chance.random() < 0.02:
        packed = gzip.compress(text)
        return chance.choice((packed, packed[:-3], text, gzip.compress(bytes(8 << 20)))), (
            ("Content-Type", content),
            ("Content-Encoding", chance.choice(("gzip", "gzip", "deflate", "br", "zstd", "x"))),
        )
    return text, (("Content-Type", content),)


def _more_headers(chance: random.Random) -> tuple[tuple[tuple[str, str], ...], bool]:
    kind = chance.random()
    if kind > 0.08:
        return (), True
    legal: tuple[tuple[tuple[str, str], ...], ...] = (
        (("Accept", chance.choice(CONTENT_TYPES)),),
        (("X-Opaque-Id", chance.choice(("a", "é", "x" * 4000))),),
        (("Expect", chance.choice(("100-continue", "nonsense"))),),
        (("Accept-Encoding", "gzip, br;q=x, *;q=0"),),
        (("Cookie", "a=b; " * 400), ("Range", "bytes=5-1"), ("If-None-Match", "*")),
        (("X-HTTP-Method-Override", "DELETE"), ("X-Forwarded-For", "::1"), ("Upgrade", "websocket")),
        tuple((f"X-{number}", "y" * 20) for number in range(60)),
    )
    bombs: tuple[tuple[tuple[str, str], ...], ...] = (
        tuple((f"X-{number}", "y") for number in range(300)),
        (("X-Long", "y" * 9_000),),
        (("X-\x00", "y"),),
        (("X Y", "y"),),
        (("X", "a\x00b"),),
        (("Content-Length", "-1"),),
        (("Transfer-Encoding", "nonsense"),),
    )
    return (chance.choice(legal), True) if kind > 0.015 else (chance.choice(bombs), False)
