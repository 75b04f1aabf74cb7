"""Values that requests are broken with. Pure."""

from __future__ import annotations

import string


class Raw(str):
    """JSON text that goes into a body as it stands."""

    __slots__ = ()


def nested(opening: str, closing: str, depth: int) -> Raw:
    """`depth` objects or arrays, one in the other."""
    return Raw(opening * depth + "1" + closing * depth)


LEAVES: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 7, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**40),
    *(0.5, -0.0, 1e308, 1.5e-320),
    *map(Raw, ("1e999", "-1e999", "NaN", "Infinity", "-Infinity", "01", "1.", "+1", "9" * 5000, "nul", "'a'")),
    *map(Raw, (r'"\ud800"', r'"\udfff\ud800"', r'"\u0000"', r'"\x"', '"\t"', r'"a\u202eb"', r'"\ud83d\ude00"')),
    *(
        "",
        " ",
        "*",
        "?",
        ".",
        "..",
        "a.b",
        ".a",
        "a.",
        "_id",
        "_source",
        "_all",
        "_doc",
        "_score",
        "__proto__",
        "a" * 300,
    ),
    *(
        "é\N{GRINNING FACE}",
        "\u2028",
        "x" * 40_000,
        "now",
        "now-1d/d",
        "now/",
        "2026-01-01",
        "2026-13-45",
        "99999-01-01",
    ),
    *("true", "NaN", "-1", "1e3", "0x10", "10%", "-200%", "5s", "1q", "-1d", "99999999999d", "AUTO", "AUTO:9,1", "1.5"),
    *(
        "+",
        "(",
        ")",
        "[",
        "a~",
        "a~9",
        "/(/",
        "[z-a]",
        "a{99999}",
        "(((((((a+)+)+)+)+)+)+)",
        "\\",
        '"',
        "a AND",
        "a:b:c",
    ),
    *("127.0.0.1", "10.0.0.0/99", "::/0", "Europe/Nowhere", "+99:00", "yyyy-QQ", "##.###", "<logs-{now/d}>"),
    *([], {}, [[]], [None], [{}], {"": {}}, {"a": {"b": 1}}, {"a": None}, [1, "a", None], {"a.b": 1, "a": 2}),
    *(nested("[", "]", 40), nested('{"a":', "}", 40), nested("[", "]", 5000), nested('{"a":', "}", 5000)),
)

KEYS: tuple[str, ...] = (
    *("", " ", ".", "a.b", "a..b", "*", "_id", "_name", "boost", "query", "field", "fields", "size", "from", "script"),
    *("type", "index", "properties", "n", "body", "é", "\ud800", "k" * 2000, "__proto__", "settings", "aggs", "order"),
)

PARAMETERS: tuple[str, ...] = (
    *(
        "",
        "true",
        "false",
        "TRUE",
        "-1",
        "0",
        "1",
        "2",
        "+1",
        "1.5",
        "99999999999999999999",
        "1e400",
        "NaN",
        "abc",
        "*",
    ),
    *(
        "%00",
        "%ff",
        "%ED%A0%80",
        "%F0%9F%98%80",
        "%",
        "%zz",
        "1s",
        "10ms",
        "-1s",
        "999999999999d",
        "1s1s",
        "a,b",
        ",,,",
    ),
    *(
        "[",
        "{",
        '{"a":1}',
        "now",
        "_all",
        "open",
        "none",
        "all",
        "wait_for",
        "n:asc",
        "n:sideways",
        "_doc",
        "docs",
        "x" * 3000,
    ),
    *(
        "%2A",
        "%2C",
        "a%20b",
        "n",
        "body",
        "id",
        "json",
        "yaml",
        "AND",
        "create",
        "index",
        "external",
        "(",
        "n:[1",
        "9" * 400,
    ),
)

PARTS: tuple[str, ...] = (
    *(
        "docs",
        "all",
        "docs",
        "all",
        "fuzz-1",
        "fuzz-2",
        "fuzz-3",
        "missing",
        "1",
        "2",
        "name",
        "docs,all",
        "fuzz-*",
        "*",
    ),
    *(
        "_all",
        "*,-docs",
        "-docs",
        "+docs",
        "_x",
        ".x",
        ".",
        "..",
        "...",
        "%2e%2e",
        "%2E%2E%2F%2E%2E%2Fetc%2Fpasswd",
        "a%2Fb",
    ),
    *(
        "%00",
        "a%00b",
        "%ff",
        "%ED%A0%80",
        "%C3%A9",
        "%F0%9F%98%80",
        "%E2%80%AE",
        "%",
        "%z",
        "%25",
        "%2500",
        "a b",
        "a%20b",
    ),
    *(
        "Upper",
        "a:b",
        "%22",
        "%23",
        "%3C",
        "%3Cfuzz-%7Bnow%2Fd%7D%3E",
        "%3C%7B",
        "a%7Cb",
        "a%5Cb",
        "a?b",
        "a;b",
        "{a}",
        "a,,b",
    ),
    *(
        "x" * 255,
        "x" * 256,
        "x" * 600,
        "%C3%A9" * 200,
        "x" * 7000,
        "remote:docs",
        "*:*",
        "~",
        "a+b",
        "a&b",
        "é",
        "\x7f",
    ),
)

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "BREW")

CONTENT_TYPES: tuple[str, ...] = (
    *("application/json", "application/x-ndjson", "application/json; charset=utf-16", "text/plain", "application/yaml"),
    *("application/vnd.elasticsearch+json;compatible-with=8", "application/vnd.elasticsearch+json;compatible-with=1"),
    *("", ";", "json", "a/b/c", "application/json;" * 40, "multipart/form-data", "application/cbor", "*/*", "é/é"),
)

TEXT_BYTES = string.printable.encode() + bytes(range(128, 256)) + b"\x00\x01\x1b"
