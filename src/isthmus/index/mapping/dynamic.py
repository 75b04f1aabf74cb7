"""What a field that is new becomes. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/dynamic-field-mapping.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from isthmus.index.mapping.errors import MapperParsingError
from isthmus.index.mapping.field_types import flag
from isthmus.query.date_formats import Format, formats

DATE_FORMATS: Final = ("strict_date_optional_time", "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis")
_OPTIONAL: Final = "strict_date_optional_time"
_LONGEST_DATE: Final = 40


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether texts are looked at for dates, by which formats, and for numbers."""

    dates: tuple[tuple[str, tuple[Format, ...]], ...]
    numbers: bool

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> Detection:
        """Return what the root of a mapping says. Raises MapperParsingError."""
        given = mapping.get("dynamic_date_formats", DATE_FORMATS)
        if isinstance(given, str):
            given = (given,)
        if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
            raise MapperParsingError("[dynamic_date_formats] is a list of formats")
        looks = flag("_doc", mapping, "date_detection", default=True)
        dates = tuple((one, formats(one)) for one in given) if looks else ()
        return cls(dates, flag("_doc", mapping, "numeric_detection", default=False))

    def field(self, value: object) -> dict[str, Any] | None:
        """Return the definition of a field that a value makes; None if the value tells nothing."""
        if isinstance(value, bool):
            return {"type": "boolean"}
        if isinstance(value, int):
            return {"type": "long"}
        if isinstance(value, float):
            return {"type": "float"}
        return self._text(value) if isinstance(value, str) else None

    def _text(self, value: str) -> dict[str, Any]:
        # A number is too likely to be none of the dates that its format could read in it.
        if len(value) <= _LONGEST_DATE and any(one.isdecimal() for one in value[:5]) and _number(value) is None:
            for name, known in self.dates:
                if any(one.parse(value, None, up=False) is not None for one in known):
                    return {"type": "date"} if name == _OPTIONAL else {"type": "date", "format": name}
        if self.numbers:
            number = _number(value)
            if number is not None:
                return {"type": number}
        return {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}


def _number(value: str) -> str | None:
    for kind, read in (("long", int), ("float", float)):
        try:
            read(value)
        except ValueError:
            continue
        return kind
    return None
