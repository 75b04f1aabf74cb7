"""How many optional clauses must match. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/query-dsl-minimum-should-match.html
"""

from __future__ import annotations

import re

from isthmus.errors import UsageError

_ONE = re.compile(r"\s*(-?)([0-9]{1,9})(%?)\s*", re.ASCII)
_CONDITION = re.compile(r"([0-9]{1,9})<(-?[0-9]{1,9}%?)", re.ASCII)
MAX_LENGTH = 1_000


def should_match(expression: str, clauses: int) -> int:
    """Return the number of `clauses` that must match: 3, -2, 75%, -25%, or conditions such as `2<-25% 9<-3`.

    Raises UsageError for what is no such expression. More than there are may be asked for: then nothing matches.
    """
    text = expression.strip()
    if len(text) > MAX_LENGTH:
        raise UsageError(f"[minimum_should_match] is longer than {MAX_LENGTH} characters")
    if "<" in text:
        return _conditional(re.sub(r"\s*<\s*", "<", text), clauses)
    return max(0, _number(text, clauses))


def _conditional(text: str, clauses: int) -> int:
    found = clauses
    for part in text.split():
        condition = _CONDITION.fullmatch(part)
        if condition is None:
            raise _unreadable(text)
        if clauses <= int(condition[1]):
            return found
        found = max(0, _number(condition[2], clauses))
    return found


def _number(text: str, clauses: int) -> int:
    one = _ONE.fullmatch(text)
    if one is None:
        raise _unreadable(text)
    amount = int(one[2])
    if one[3]:
        # Java's cast to int cuts towards zero, for what is taken away as for what is asked.
        amount = clauses * amount // 100
    return clauses - amount if one[1] else amount


def _unreadable(text: str) -> UsageError:
    return UsageError(
        f"failed to parse [minimum_should_match] of [{text[:50]}]", hint="give a number, a percentage, or 2<75%"
    )
