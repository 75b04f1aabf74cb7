"""Media types: what a client sends and what it wants back. Pure.

JSON goes by two names, its own and Elasticsearch's with a version (`compatible-with`); it is answered under the name
that was asked for. YAML, CBOR and SMILE, which Elasticsearch also knows, are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from isthmus.errors import IsthmusError

Kind = Literal["json", "text"]

JSON = "application/json"
VENDOR_JSON = "application/vnd.elasticsearch+json"
LINES = "application/x-ndjson"
VENDOR_LINES = "application/vnd.elasticsearch+x-ndjson"
TEXT = "text/plain"
VERSIONS = ("9", "8")
FORMATS: Mapping[str, str] = {"json": JSON, "text": TEXT, "txt": TEXT, "yaml": "", "cbor": "", "smile": ""}
_PARAMETER = re.compile(r"""\s*([\w-]{1,64})\s*=\s*"?([\w.+-]{1,64})"?\s*""", re.ASCII)
_TYPE = re.compile(r"[\w.+*-]{1,100}/[\w.+*-]{1,100}", re.ASCII)


class NotAcceptableError(IsthmusError):
    """No representation that the client accepts can be made, or its body is of a kind that is not read."""

    type = "not_acceptable_exception"
    status = 406


class MediaTypeHeaderError(IsthmusError):
    """A media type cannot be read, or asks for a version of the API that is not served."""

    type = "media_type_header_exception"
    status = 400


@dataclass(frozen=True)
class Representation:
    """How to answer: as JSON or text, under which media type."""

    kind: Kind
    media_type: str


@dataclass(frozen=True)
class _Range:
    name: str
    version: str | None
    quality: float


def negotiate(accept: str | None, format_parameter: str | None, offered: Sequence[Kind]) -> Representation:
    """Return how to answer a request with this Accept header and `format` parameter (which wins).

    `offered` is what the handler can give, the default first; of two that the client likes the same it is the default,
    as with Elasticsearch. Raises NotAcceptableError, MediaTypeHeaderError.
    """
    if format_parameter is not None:
        return _of_format(format_parameter, offered)
    if accept is None:
        return _default(offered)
    liked = [one for one in _parse(accept, "Accept") if one.quality > 0]
    served = [(one.quality, found) for one in liked if (found := _serve(one, offered)) is not None]
    if not served:
        raise NotAcceptableError(
            f"Accept header [{accept[:200]}] is not supported", hint=f"accept {' or '.join(map(_name, offered))}"
        )
    return min(served, key=lambda pair: (-pair[0], offered.index(pair[1].kind)))[1]


def check_content_type(content_type: str | None, *, ndjson: bool = False) -> None:
    """Raise NotAcceptableError unless a body of this type is JSON (MediaTypeHeaderError if it cannot be read).

    `ndjson`: lines of JSON are taken too.
    """
    known = (JSON, VENDOR_JSON, LINES, VENDOR_LINES) if ndjson else (JSON, VENDOR_JSON)
    if content_type is None:
        raise NotAcceptableError("Content-Type header is missing", hint=f"send {LINES if ndjson else JSON}")
    (found,) = _parse(content_type, "Content-Type")[:1]
    if found.name not in known:
        raise NotAcceptableError(f"Content-Type header [{content_type[:200]}] is not supported", hint=f"send {JSON}")


def _of_format(name: str, offered: Sequence[Kind]) -> Representation:
    found = _serve(_Range(FORMATS.get(name, ""), None, 1.0), offered)
    if found is None:
        known = " or ".join(f"[{_short(kind)}]" for kind in offered)
        raise NotAcceptableError(f"the format [{name[:50]}] is not supported", hint=f"ask for {known}")
    return found


def _serve(wanted: _Range, offered: Sequence[Kind]) -> Representation | None:
    if wanted.name == "*/*":
        return _default(offered)
    if wanted.name in (JSON, "application/*") and "json" in offered:
        return Representation("json", JSON)
    if wanted.name == VENDOR_JSON and "json" in offered:
        return Representation("json", f"{VENDOR_JSON};compatible-with={wanted.version}" if wanted.version else JSON)
    if wanted.name in (TEXT, "text/*") and "text" in offered:
        return Representation("text", TEXT)
    return None


def _default(offered: Sequence[Kind]) -> Representation:
    return Representation(offered[0], _name(offered[0]))


def _parse(header: str, name: str) -> list[_Range]:
    return [_parse_one(part, name) for part in header.split(",") if part.strip()] or [_Range("", None, 0.0)]


def _parse_one(part: str, header_name: str) -> _Range:
    media_type, *rest = part.split(";")
    if not _TYPE.fullmatch(media_type.strip()):
        raise MediaTypeHeaderError(f"Invalid media-type value on headers [{header_name}]")
    parameters = {found[1].lower(): found[2] for found in map(_PARAMETER.fullmatch, rest) if found}
    version = parameters.get("compatible-with")
    if version is not None and version not in VERSIONS:
        raise MediaTypeHeaderError(
            f"Invalid media-type value on headers [{header_name}]",
            hint=f"compatible-with is {' or '.join(VERSIONS)}, not {version}",
        )
    return _Range(media_type.strip().lower(), version, _quality(parameters.get("q", "1"), header_name))


def _quality(text: str, header_name: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError as cause:
        raise MediaTypeHeaderError(f"Invalid media-type value on headers [{header_name}]") from cause


def _name(kind: Kind) -> str:
    return JSON if kind == "json" else TEXT


def _short(kind: Kind) -> str:
    return "json" if kind == "json" else "text"
