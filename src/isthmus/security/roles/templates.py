"""Role queries with holes that are filled with what is known of a user: the part of Mustache that this takes. Pure.

`{{name}}` is a value, escaped for the JSON text that it stands in; `{{#toJson}}name{{/toJson}}` a value as JSON. Names
are those of `_user` and of the template's own `params`. Everything else of Mustache is refused.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/field-and-document-access-control.html#templating-role-query
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from isthmus.errors import UsageError
from isthmus.security.subject import User

USER: Final = "_user"
OF_USER: Final = ("email", "full_name", "metadata", "roles", "username")
_KEYS: Final = ("lang", "options", "params", "source")
_TO_JSON: Final = "toJson"
_TAG: Final = re.compile(r"\{\{(\{[^{}]*\}|[^{}]*)\}\}")
_MEANINGS: Final = {
    "{": "a value that is not escaped",
    "&": "a value that is not escaped",
    "#": "a section",
    "^": "an inverted section",
    "/": "the end of a section",
    ">": "a partial",
    "!": "a comment",
    "=": "other delimiters",
}


class TemplateError(UsageError):
    """A template that cannot be, or that cannot be filled for a user."""

    type = "general_script_exception"


@dataclass(frozen=True, slots=True)
class _Value:
    """A hole: the names that lead to its value, and whether the value is put in as JSON."""

    path: tuple[str, ...]
    as_json: bool


@dataclass(frozen=True)
class Template:
    """Texts and holes, and the values of `params`."""

    parts: tuple[str | _Value, ...]
    params: Mapping[str, Any]

    def render(self, user: User) -> str:
        """Return the text for a user. Raises TemplateError where a value cannot stand in its hole."""
        known = {**self.params, USER: _of(user)}
        return "".join(part if isinstance(part, str) else _filled(part, known) for part in self.parts)


def parse_template(body: Any) -> Template:
    """Return the template that `{"template": …}` holds. Raises TemplateError that names what is not supported."""
    if not isinstance(body, dict):
        raise TemplateError("[template] of a role query is an object")
    if "id" in body:
        raise TemplateError(
            "[id] of a template is not supported: there are no stored scripts", hint="give its [source]"
        )
    for key in body:
        if key not in _KEYS:
            raise TemplateError(f"[{str(key)[:100]}] of a template is not known", hint=f"known are {', '.join(_KEYS)}")
    if body.get("lang", "mustache") != "mustache":
        raise TemplateError(f"[lang] of a template is [mustache], not [{str(body['lang'])[:100]}]")
    if body.get("options") not in (None, {}, {"content_type": "application/json"}):
        raise TemplateError("[options] of a template are not supported")
    params = {} if body.get("params") is None else body["params"]
    if not isinstance(params, dict) or USER in params:
        raise TemplateError(f"[params] of a template is an object without [{USER}], which is the user's")
    source = body.get("source")
    if isinstance(source, dict):
        source = msgspec.json.encode(source).decode()
    if not isinstance(source, str) or not source:
        raise TemplateError("[source] of a template is a text or an object, and is missing")
    return Template(_parts(source, params), params)


def _parts(source: str, params: Mapping[str, Any]) -> tuple[str | _Value, ...]:
    parts: list[str | _Value] = []
    at, inside = 0, False
    for tag in _TAG.finditer(source):
        name, text = tag[1].strip(), source[at : tag.start()]
        if inside and name != f"/{_TO_JSON}":
            raise TemplateError(f"[{_TO_JSON}] of a template holds a name, not [{tag[0][:100]}]")
        _add_text(parts, text, inside=inside, params=params)
        at = tag.end()
        if name in (f"#{_TO_JSON}", f"/{_TO_JSON}"):
            if inside == name.startswith("#"):
                raise TemplateError(f"[{tag[0]}] of the template has no counterpart")
            inside = not inside
        else:
            parts.append(_Value(_path(name, params), as_json=False))
    if inside:
        raise TemplateError(f"[{{{{#{_TO_JSON}}}}}] of the template has no end")
    _add_text(parts, source[at:], inside=False, params=params)
    return tuple(parts)


def _add_text(parts: list[str | _Value], text: str, *, inside: bool, params: Mapping[str, Any]) -> None:
    if inside:
        parts.append(_Value(_path(text.strip(), params), as_json=True))
    elif "{{" in text:
        raise TemplateError(f"[{text[text.index('{{') :][:50]}] of the template has no end")
    elif text:
        parts.append(text)


def _path(name: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    if name[:1] in _MEANINGS:
        raise TemplateError(
            f"[{{{{{name[:100]}}}}}] of the template is not supported: {_MEANINGS[name[0]]}",
            hint="only values, and {{#toJson}}name{{/toJson}}",
        )
    path = tuple(name.split("."))
    of_user = path[0] == USER and len(path) > 1 and path[1] in OF_USER and (len(path) == 2 or path[1] == "metadata")
    if not of_user and path[0] not in params:
        raise TemplateError(
            f"[{name[:100]}] of the template is not known",
            hint=f"known are {', '.join(f'{USER}.{one}' for one in OF_USER)} and the names of [params]",
        )
    return path


def _of(user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "full_name": user.full_name,
        "email": user.email,
        "roles": list(user.roles),
        "metadata": user.metadata,
    }


def _filled(hole: _Value, known: Mapping[str, Any]) -> str:
    value = _found(known, hole.path)
    if hole.as_json:
        return msgspec.json.encode(value).decode()
    if value is None:
        return ""
    if isinstance(value, dict | list):
        raise TemplateError(
            f"[{'.'.join(hole.path)[:100]}] is no single value",
            hint=f"put it in {{{{#{_TO_JSON}}}}}…{{{{/{_TO_JSON}}}}}",
        )
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return msgspec.json.encode(text).decode()[1:-1]


def _found(known: Any, path: tuple[str, ...]) -> Any:
    """Return the value at a path; a name with dots in it counts like the names between them."""
    if not path:
        return known
    if not isinstance(known, Mapping):
        return None
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        if name in known:
            return _found(known[name], path[length:])
    return None
