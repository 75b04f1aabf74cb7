"""One declared setting, and how its name is matched.

A name may hold one `*` (Elasticsearch's affix settings): at the end it stands for one or more segments
(`node.attr.*`), in the middle for exactly one of letters, digits, `_` and `-` (`cluster.remote.*.credentials`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from isthmus.settings.values import ValueType, secret

if TYPE_CHECKING:
    from isthmus.settings.resolved import Settings

T_co = TypeVar("T_co", covariant=True)
_SEGMENT = re.compile(r"[-\w]+", re.ASCII)
Scope = Literal["static", "dynamic", "secure"]
"""static: from file or `-E`, read at start. dynamic: may change while running. secure: from the keystore only."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T_co]):
    """A setting: its `name`, the `type` that reads its value, its `default` (a value, or computed from other settings).

    `default_text` is the default in words, where it is computed or depends on the machine. `reloadable`: a secure
    setting that `POST /_nodes/reload_secure_settings` reads anew; others are read when the node starts.
    """

    name: str
    type: ValueType[T_co]
    default: T_co | Callable[[Settings], T_co]
    help: str
    scope: Scope = "static"
    default_text: str | None = None
    reloadable: bool = False

    def parse(self, value: object) -> T_co:
        """Return the value of `value` (a str, or a sequence of str); raises ValueError with the rule it breaks."""
        return self.type.parse(value)

    def default_for(self, settings: Settings) -> T_co:
        """Return the default, computed from `settings` where it depends on others."""
        if callable(self.default):
            return self.default(settings)
        return self.default

    def default_in_words(self) -> str:
        """Return the default as a person would write or say it."""
        return self.default_text if self.default_text is not None else _in_words(self.default)

    def written(self, value: T_co) -> str | tuple[str, ...]:  # type: ignore[misc]  # it is what `parse` gave
        """Return `value` as a source may hold it: `parse` reads it again (but for "", which stands for none)."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            return tuple(str(item) for item in value)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float) and not value.is_integer():
            return f"{value * 1000:.0f}ms"
        return f"{value:g}{self.type.unit}" if isinstance(value, float) else f"{value}{self.type.unit}"

    def scope_in_words(self) -> str:
        """Return the scope, and whether a running node reads a secure setting anew."""
        return f"{self.scope}, reloadable" if self.reloadable else self.scope

    def match(self, name: str) -> str | None:
        """Return what the `*` stands for in `name` ("" for a plain name that is the same), None if it is another."""
        return match_name(self.name, name)


AnySetting = Setting[Any]


def secure(name: str, help: str, *, reloadable: bool = False) -> Setting[str | None]:  # noqa: A002 - the field's own name
    """Declare a setting whose value lives in the keystore and is shown nowhere."""
    return Setting(name, secret, None, help, scope="secure", default_text="none", reloadable=reloadable)


def match_name(pattern: str, name: str) -> str | None:
    """Return what the `*` of `pattern` stands for in `name` ("" if it has none), None if they do not match."""
    before, star, after = pattern.partition("*")
    if not star:
        return "" if name == pattern else None
    if len(name) <= len(before) + len(after) or not (name.startswith(before) and name.endswith(after)):
        return None
    key = name[len(before) : len(name) - len(after)]
    return None if after and _SEGMENT.fullmatch(key) is None else key


def _in_words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}s"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return str(value)
