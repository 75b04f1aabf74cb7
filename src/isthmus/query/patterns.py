"""Wildcards and Lucene's regular expressions, as the regular expressions of Tantivy's automata. Pure.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/regexp-syntax.html
"""

from __future__ import annotations

from isthmus.errors import UsageError

_SPECIAL = frozenset(r"\.+*?()|[]{}^$#&-~/<>@\"")
MAX_LENGTH = 1_000
MAX_DEPTH = 50


class PatternError(UsageError):
    """A pattern that cannot be read, is too long, or says what is not supported."""

    type = "illegal_argument_exception"


def literal(text: str, *, case_insensitive: bool = False) -> str:
    """Return the expression that matches `text` alone."""
    return "".join(_character(one, case_insensitive=case_insensitive) for one in text)


def prefix_expression(text: str, *, case_insensitive: bool = False) -> str:
    """Return the expression for what begins with `text`."""
    return literal(text, case_insensitive=case_insensitive) + _ANYTHING


def wildcard_expression(pattern: str, *, case_insensitive: bool = False) -> str:
    """Return the expression for a pattern of `*` (any text), `?` (any character), and escapes by a backslash."""
    parts: list[str] = []
    characters = iter(pattern)
    for one in characters:
        if one == "*":
            if parts[-1:] != [_ANYTHING]:
                parts.append(_ANYTHING)
        elif one == "?":
            parts.append(_ANY)
        else:
            escaped = next(characters, "\\") if one == "\\" else one
            parts.append(_character(escaped, case_insensitive=case_insensitive))
    return "".join(parts)


def range_expression(low: str | None, high: str | None, *, include_low: bool, include_high: bool) -> str | None:
    """Return the expression for texts between two bounds, in the order of code points; None if there are none."""
    above = _ANYTHING if low is None else _above(low, include=include_low)
    if high is None:
        return above
    if low is None:
        return _below(high, include=include_high)
    if low > high or (low == high and not (include_low and include_high)):
        return None
    if low == high:
        return literal(low)
    return _between(low, high, include_low=include_low, include_high=include_high)


def regexp_expression(pattern: str, flags: str = "ALL", *, case_insensitive: bool = False) -> str | None:
    """Return the expression for one of Lucene's, which matches terms as a whole; None if it matches none (`#`).

    `flags` are the optional operators in force. Those that automata of this kind cannot say (complement, intersection,
    numeric intervals) are refused by name. Raises PatternError.
    """
    if len(pattern) > MAX_LENGTH:
        raise PatternError(
            f"The length of regex [{len(pattern)}] used in the Regexp Query request has exceeded the allowed maximum "
            f"of [{MAX_LENGTH}]. This maximum can be set by changing the [index.max_regex_length] index level setting."
        )
    return _Regexp(pattern, _operators(flags), case_insensitive=case_insensitive).expression()


_ANY = r"(?s:.)"
_ANYTHING = r"(?s:.)*"
_LAST = "\U0010ffff"
_FLAGS = {
    "ALL": frozenset('~@&<#"'),
    "NONE": frozenset(),
    "": frozenset('~@&<#"'),
    "COMPLEMENT": frozenset("~"),
    "INTERVAL": frozenset("<"),
    "INTERSECTION": frozenset("&"),
    "ANYSTRING": frozenset("@"),
    "EMPTY": frozenset("#"),
    "STRING": frozenset('"'),
}


def _operators(flags: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for name in flags.upper().split("|"):
        if name not in _FLAGS:
            raise PatternError(
                f"Unknown regexp flag [{name[:50]}]", hint=f"known are {', '.join(filter(None, _FLAGS))}"
            )
        found |= _FLAGS[name]
    return found


def _character(one: str, *, case_insensitive: bool) -> str:
    if case_insensitive and one.lower() != one.upper() and len(one.lower()) == len(one.upper()) == 1:
        return f"[{one.lower()}{one.upper()}]"
    return f"\\{one}" if one in _SPECIAL and one not in '<>@"' else _plain(one)


def _plain(one: str) -> str:
    return f"\\x{{{ord(one):x}}}" if one in '<>@"' or not one.isprintable() else one


def _span(first: str, last: str) -> str:
    """The class of characters from `first` to `last`; the surrogates are no characters."""
    return f"[\\x{{{ord(first):x}}}-\\x{{{ord(last):x}}}]"


def _next(one: str) -> str | None:
    following = ord(one) + 1
    if following > ord(_LAST):
        return None
    return chr(0xE000 if 0xD800 <= following <= 0xDFFF else following)


def _before(one: str) -> str | None:
    previous = ord(one) - 1
    if previous < 0:
        return None
    return chr(0xD7FF if 0xD800 <= previous <= 0xDFFF else previous)


def _above(low: str, *, include: bool) -> str:
    """What is greater than `low`: the same beginning and then more, or a greater character somewhere."""
    expression = _ANYTHING if include else f"{_ANY}{_ANYTHING}"
    for one in reversed(low):
        greater = _next(one)
        step = f"{literal(one)}(?:{expression})"
        expression = step if greater is None else f"{step}|{_span(greater, _LAST)}{_ANYTHING}"
    return f"(?:{expression})"


def _below(high: str, *, include: bool) -> str | None:
    """What is less than `high`: a beginning of it, or a smaller character somewhere; None if nothing is."""
    expression = "" if include else None
    for one in reversed(high):
        smaller = _before(one)
        ways = [""]
        if expression is not None:
            ways.append(f"{literal(one)}(?:{expression})")
        if smaller is not None:
            ways.append(f"{_span(chr(0), smaller)}{_ANYTHING}")
        expression = "|".join(ways)
    return None if expression is None else f"(?:{expression})"


def _between(low: str, high: str, *, include_low: bool, include_high: bool) -> str:
    shared = 0
    while shared < len(low) and low[shared] == high[shared]:
        shared += 1
    start = literal(low[:shared])
    first, last = low[shared : shared + 1], high[shared]
    below = _below(high[shared + 1 :], include=include_high)
    ways = [] if below is None else [f"{literal(last)}{below}"]
    if not first:
        # `low` is a beginning of `high`: itself, and what goes on with less than `high` does
        smaller = _before(last)
        ways += [f"{_span(chr(0), smaller)}{_ANYTHING}"] if smaller is not None else []
        ways += [""] if include_low else []
        return f"{start}(?:{'|'.join(ways)})"
    ways.append(f"{literal(first)}{_above(low[shared + 1 :], include=include_low)}")
    least, most = _next(first), _before(last)
    if least is not None and most is not None and least <= most:
        ways.append(f"{_span(least, most)}{_ANYTHING}")
    return f"{start}(?:{'|'.join(ways)})"


class _Regexp:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str, operators: frozenset[str], *, case_insensitive: bool) -> None:
        self._pattern = pattern
        self._operators = operators
        self._case_insensitive = case_insensitive
        self._at = 0

    def expression(self) -> str | None:
        if not self._pattern:
            return ""
        found = self._union(0)
        if self._at < len(self._pattern):
            raise self._wrong(f"has a ) that closes nothing, at position {self._at}")
        return found

    def _union(self, depth: int) -> str | None:
        if depth > MAX_DEPTH:
            raise self._wrong(f"has more than {MAX_DEPTH} groups within each other")
        ways = [self._sequence(depth)]
        while self._peek() == "|":
            self._take()
            ways.append(self._sequence(depth))
        possible = [way for way in ways if way is not None]
        return "|".join(possible) if possible else None

    def _sequence(self, depth: int) -> str | None:
        parts = [self._repeated(depth)]
        while self._at < len(self._pattern) and self._peek() not in (")", "|"):
            parts.append(self._repeated(depth))
        certain = [part for part in parts if part is not None]
        return "".join(certain) if len(certain) == len(parts) else None

    def _repeated(self, depth: int) -> str | None:
        found = self._part(depth)
        while (one := self._peek()) and one in "?*+{":
            self._take()
            times = self._repetition() if one == "{" else one
            if found is not None:
                found = f"(?:{found}){times}"
            elif times in ("?", "*") or times.startswith(("{0,", "{0}")):
                found = "(?:)"
        return found

    def _part(self, depth: int) -> str | None:
        """Return one thing that may be repeated, None for what matches nothing.

        What would be an operator is a character where none can stand.
        """
        one = self._take_or("ends where something must follow")
        if one == "\\":
            return self._escape()
        if one == "[":
            return self._set()
        if one == ".":
            return _ANY
        if one == "(":
            return self._group(depth)
        if one in self._operators:
            return self._operator(one)
        return _character(one, case_insensitive=self._case_insensitive)

    def _group(self, depth: int) -> str | None:
        if self._peek() == ")":
            self._take()
            return "(?:)"
        inner = self._union(depth + 1)
        if self._take_or("has a ( that is not closed") != ")":
            raise self._wrong("has a ( that is not closed")
        return None if inner is None else f"(?:{inner})"

    def _escape(self) -> str:
        if self._at >= len(self._pattern):
            raise self._wrong("ends with a backslash")
        one = self._take()
        classes = {"d": "[0-9]", "D": "[^0-9]", "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "w": "[A-Za-z0-9_]"}
        classes["W"] = "[^A-Za-z0-9_]"
        return classes.get(one) or _character(one, case_insensitive=self._case_insensitive)

    def _set(self) -> str:
        negated = self._peek() == "^"
        if negated:
            self._take()
        members: list[str] = []
        while (one := self._take_or("has a [ that is not closed")) != "]" or not members:
            if one == "\\":
                one = self._take_or("has a [ that is not closed")
            last = one
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._take()
                last = self._take()
                if last == "\\":
                    last = self._take_or("has a [ that is not closed")
                if last < one:
                    raise self._wrong(f"has the range [{one}-{last}], which is the wrong way round")
            members.append(_span(one, last)[1:-1])
            if self._case_insensitive and one == last:
                members += [_span(other, other)[1:-1] for other in {one.lower(), one.upper()} if len(other) == 1]
        return f"[{'^' if negated else ''}{''.join(members)}]"

    def _repetition(self) -> str:
        end = self._pattern.find("}", self._at)
        bounds = self._pattern[self._at : end] if end > 0 else ""
        numbers = bounds.split(",")
        if not (1 <= len(numbers) <= 2 and numbers[0].isdecimal() and (not numbers[-1] or numbers[-1].isdecimal())):
            raise self._wrong("has a { that is no repetition")
        if any(number and int(number[:9]) > MAX_LENGTH for number in numbers):
            raise self._wrong(f"repeats something more than {MAX_LENGTH} times")
        if len(numbers) == 2 and numbers[1] and int(numbers[1]) < int(numbers[0]):
            raise self._wrong(f"has the repetition {{{bounds}}}, which is the wrong way round")
        self._at = end + 1
        return f"{{{bounds}}}"

    def _operator(self, one: str) -> str | None:
        if one == "@":
            return _ANYTHING
        if one == "#":
            return None
        if one == '"':
            end = self._pattern.find('"', self._at)
            if end < 0:
                raise self._wrong('has a " that is not closed')
            text = self._pattern[self._at : end]
            self._at = end + 1
            return f"(?:{literal(text, case_insensitive=self._case_insensitive)})"
        names = {"~": "complement (~)", "&": "intersection (&)", "<": "numeric interval (<1-10>)"}
        raise PatternError(
            f"the {names[one]} in the regular expression [{self._pattern[:50]}] is not supported",
            hint=f"write \\{one} if the character is meant, or leave its flag out",
        )

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _take_or(self, problem: str) -> str:
        if self._at >= len(self._pattern):
            raise self._wrong(problem)
        return self._take()

    def _wrong(self, problem: str) -> PatternError:
        return PatternError(f"the regular expression [{self._pattern[:50]}] {problem}")
