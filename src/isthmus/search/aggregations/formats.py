"""Numbers as text: as Java writes a double, and by patterns such as `#,##0.00`.

https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/text/DecimalFormat.html
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from isthmus.errors import UsageError

_PATTERN: Final = re.compile(r"([^#0,.]*)([#,]*[0,]*)(?:\.(0*)(#*))?([^#0,.]*)", re.DOTALL)
MAX_PATTERN: Final = 100
_EXACT: Final = Context(prec=1200)  # the digits of any double, and of its fraction


class _Pattern(NamedTuple):
    prefix: str
    suffix: str
    least_whole: int
    least_fraction: int
    most_fraction: int
    group: int
    factor: int


def java_double(number: float) -> str:
    """Return a double as Java's `Double.toString` writes it: `3.0`, `1.0E7`, `1.0E-4`."""
    if math.isnan(number) or math.isinf(number):
        return "NaN" if math.isnan(number) else ("Infinity" if number > 0 else "-Infinity")
    number = float(number)
    if number == 0 or 1e-3 <= abs(number) < 1e7:
        return repr(number) if "e" not in repr(number) else format(Decimal(repr(number)), "f")
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def decimal(number: float, pattern: str) -> str:
    """Return a number by a pattern of Java's DecimalFormat. Raises UsageError for a pattern that is none."""
    if not math.isfinite(number):
        return java_double(number)
    parts = _parsed(pattern)
    scaled = _EXACT.multiply(Decimal(float(number)), Decimal(parts.factor))
    rounded = scaled.quantize(Decimal(1).scaleb(-parts.most_fraction), rounding=ROUND_HALF_EVEN, context=_EXACT)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    fraction = fraction[: parts.least_fraction] + fraction[parts.least_fraction :].rstrip("0")
    whole = _grouped(whole.lstrip("0").rjust(parts.least_whole, "0"), parts.group)
    sign = "-" if scaled.is_signed() else ""
    return f"{sign}{parts.prefix}{whole}{'.' if fraction else ''}{fraction}{parts.suffix}"


@lru_cache(maxsize=64)
def _parsed(pattern: str) -> _Pattern:
    found = _PATTERN.fullmatch(pattern) if len(pattern) <= MAX_PATTERN else None
    if found is None or not (found[2] or found[3] or found[4]):
        raise UsageError(f"Malformed pattern [{pattern[:MAX_PATTERN]}]", hint="such as #,##0.00")
    prefix, whole, least, more, suffix = (part or "" for part in found.groups())
    factor = 100 if "%" in prefix + suffix else 1
    group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
    # A pattern without any 0 still writes one digit before the point.
    least_whole = whole.count("0") if "0" in whole + least else 1
    return _Pattern(prefix, suffix, least_whole, len(least), len(least) + len(more), group, factor)


def _grouped(digits: str, group: int) -> str:
    if not group:
        return digits
    first = len(digits) % group
    parts = [digits[:first]] if first else []
    parts.extend(digits[at : at + group] for at in range(first, len(digits), group))
    return ",".join(parts)
