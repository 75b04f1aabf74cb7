# ruff: noqa: E501
"""Steps that a real Elasticsearch was led through: a mapping, then documents and further mappings."""

from __future__ import annotations

from typing import Any, Final

Step = dict[str, Any]


def field(**definition: Any) -> dict[str, Any]:
    return {"mappings": {"properties": {"f": definition}}}


def doc(*values: Any) -> list[Step]:
    return [{"doc": {"f": value}} for value in values]


def grow(**definition: Any) -> list[Step]:
    return [{"grow": {"properties": {"f": definition}}}]


NUMBERS: Final = (
    1,
    1.5,
    "1",
    "1.5",
    "x",
    True,
    1e40,
    "",
    [1, 2],
    {"a": 1},
    None,
    -129,
    128,
    40000,
    3000000000,
    2**63,
    [[1], [2]],
)
CASES: Final[dict[str, list[Step]]] = {
    **{name: [field(type=name), *doc(*NUMBERS)] for name in ("long", "integer", "short", "byte", "double", "float", "half_float")},
    **{f"{name} without coerce": [field(type=name, coerce=False), *doc(*NUMBERS[:6])] for name in ("long", "double")},
    "malformed": [field(type="integer", ignore_malformed=True), *doc("x", True, {"a": 1}, 3000000000, [1, "y"])],
    "text": [field(type="text"), *doc("a", 1, True, 1.5, None, ["a", "b"], {"a": 1}, [["a"], "b"])],
    "keyword": [field(type="keyword", ignore_above=3), *doc("a", "abcd", 1, True, {"a": 1}, ["a", "abcd"])],
    "keyword null": [field(type="keyword", null_value="none"), *doc(None, [None, "a"])],
    "boolean": [field(type="boolean"), *doc(True, "true", "false", "", "yes", 1, 0, None, "TRUE", {"a": 1})],
    "date": [field(type="date"), *doc("2024-01-02", "2024-01-02T03:04:05Z", 1700000000000, "1700000000000", "2024", "x", True, 1.5, "2024-13-01", "2024/01/02", {"a": 1}, "2024-01-02T03:04:05.123456789+02:00")],
    "date format": [field(type="date", format="yyyy/MM/dd||epoch_second"), *doc("2024/01/02", 1700000000, "2024-01-02")],
    "date wrong format": [field(type="date", format="qqqq")],
    "ip": [field(type="ip"), *doc("10.0.0.1", "::1", "::ffff:1.2.3.4", "1.2.3", "x", 1, True, "10.0.0.1/8", {"a": 1}, "1.2.3.04")],
    "object": [{"mappings": {"properties": {"f": {"properties": {"a": {"type": "long"}}}}}}, *doc({"a": 1}, 1, "x", [{"a": 1}, {"a": 2}], None, [1], {"a": {"b": 1}})],
    "disabled": [field(type="object", enabled=False), *doc({"a": 1}, 1, "x", [1, {"b": 2}], None)],
    "alias": [{"mappings": {"properties": {"g": {"type": "long"}, "f": {"type": "alias", "path": "g"}}}}, *doc(1)],
    "alias of nothing": [field(type="alias", path="nothing")],
    "alias without path": [field(type="alias")],
    "copy": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "g"}, "g": {"type": "keyword"}}}}, *doc(1, [1, 2])],
    "copy to nothing yet": [field(type="long", copy_to="all"), *doc(1)],
    "copy to something deep": [field(type="long", copy_to="deep.all"), *doc(1)],
    "copy to nothing, dynamic false": [{"mappings": {"dynamic": False, "properties": {"f": {"type": "long", "copy_to": "all"}}}}, *doc(1)],
    "copy to nothing, strict": [{"mappings": {"dynamic": "strict", "properties": {"f": {"type": "long", "copy_to": ["all", "deep.all"]}}}}, *doc(1, None, [])],
    "copy to an object that is not strict": [{"mappings": {"dynamic": "strict", "properties": {"f": {"type": "long", "copy_to": "deep.all"}, "deep": {"type": "object", "dynamic": True}}}}, *doc(1)],
    "copy from where all is mapped": [{"mappings": {"dynamic": False, "properties": {"o": {"dynamic": True, "properties": {"f": {"type": "long", "copy_to": "all"}}}}}}, {"doc": {"o": {"f": 1}}}],
    "copy of texts to nothing yet": [field(type="text", copy_to="all"), *doc(None, "x", ["a", "b"])],
    "copy of a coerced number": [field(type="long", copy_to="all"), *doc("1")],
    "copy to an object": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "o"}, "o": {"properties": {"a": {"type": "long"}}}}}}],
    "copy to what becomes an object": [field(type="long", copy_to="o"), {"doc": {"o": {"a": 1}}}],
    "copy to a multi-field": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "g.raw"}, "g": {"type": "text", "fields": {"raw": {"type": "keyword"}}}}}}],
    "copy to an alias": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "a"}, "g": {"type": "long"}, "a": {"type": "alias", "path": "g"}}}}, *doc(1)],
    "copy to below a field": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "g.x"}, "g": {"type": "long"}}}}, *doc(1)],
    "copy to a copy": [{"mappings": {"properties": {"f": {"type": "long", "copy_to": "g"}, "g": {"type": "long", "copy_to": "h"}}}}, *doc(1)],
    "multi": [field(type="text", fields={"raw": {"type": "keyword"}, "n": {"type": "long", "ignore_malformed": True}}), *doc("a", 1)],
    "multi of numbers": [field(type="keyword", fields={"n": {"type": "long"}}), *doc("1", "a")],
    "not indexed": [field(type="long", index=False, doc_values=False), *doc(1, "x")],
    "dynamic false": [{"mappings": {"dynamic": False, "properties": {"o": {"dynamic": True, "properties": {}}}}}, {"doc": {"a": 1, "o": {"b": 1}}}],
    "dynamic strict": [{"mappings": {"dynamic": "strict", "properties": {"o": {"type": "object"}}}}, {"doc": {"a": 1}}, {"doc": {"o": {"b": 1}}}, {"doc": {"o": {}}}],
    "dynamic wrong": [{"mappings": {"dynamic": "maybe"}}],
    "inference": [{"mappings": {}}, {"doc": {"a": 1, "b": 1.5, "c": True, "d": "x", "e": "2024-01-02", "f": None, "g": [], "h": {}, "i": {"j": {"k": 1}}, "l.m": 1, "n": [1, "a"][:1], "o": "1", "p": "2024/01/02", "q": ["2024-01-02"]}}],
    "mixed list": [{"mappings": {}}, {"doc": {"a": [1, 1.5]}}, {"doc": {"b": [1, "x"]}}, {"doc": {"c": ["x", 1]}}, {"doc": {"d": [None, 1]}}, {"doc": {"e": [{"x": 1}, {"y": 2}]}}, {"doc": {"g": [[1], [2]]}}, {"doc": {"h": [1, {"x": 1}]}}],
    "not detected": [{"mappings": {"date_detection": False, "numeric_detection": True}}, {"doc": {"a": "2024-01-02", "b": "1", "c": "1.5", "d": "x"}}],
    "own dates": [{"mappings": {"dynamic_date_formats": ["dd.MM.yyyy"]}}, {"doc": {"a": "02.01.2024", "b": "2024-01-02"}}],
    "dots": [{"mappings": {"properties": {"a.b": {"type": "long"}}}}, {"doc": {"a.b": 1, "a": {"b": 2, "c": 3}}}, {"doc": {"a.b.c": 1}}, {"doc": {"a": 1}}, {"doc": {".": 1}}, {"doc": {"x..y": 1}}, {"doc": {"": 1}}, {"doc": {" ": 1}}, {"doc": {".a": 1}}, {"doc": {"a.": 1}}],
    "first of its kind": [{"mappings": {}}, {"doc": {"a": 1}}, {"doc": {"a": {"b": 1}}}, {"doc": {"a": "x"}}, {"doc": {"a": "2"}}, {"doc": {"b": {"c": 1}}}, {"doc": {"b": 1}}, {"doc": {"a.b": 1}}],
    "metadata": [{"mappings": {}}, {"doc": {"_id": "1"}}, {"doc": {"_source": 1}}, {"doc": {"_foo": 1}}, {"doc": {"a": {"_id": 1}}}],
    "merge": [field(type="text"), *grow(type="keyword"), *grow(type="text", fields={"raw": {"type": "keyword"}}), *grow(type="text"), *grow(type="text", analyzer="simple"), *grow(type="text", search_analyzer="simple"), *grow(type="text", norms=False), *grow(properties={"a": {"type": "long"}}), *grow(type="text", index=False)],
    "merge keyword": [field(type="keyword"), *grow(type="keyword", ignore_above=5), *grow(type="keyword", doc_values=False), *grow(type="keyword", null_value="a"), *grow(type="keyword", meta={"unit": "x"}), *grow(type="long")],
    "merge object": [field(properties={"a": {"type": "long"}}), *grow(type="long"), *grow(properties={"b": {"type": "long"}}), *grow(enabled=False), *grow(dynamic="strict"), *grow(type="nested"), *grow(properties={"a": {"type": "text"}})],
    "merge date": [field(type="date"), *grow(type="date", format="yyyy"), *grow(type="date", ignore_malformed=True), *grow(type="long")],
    "wrong root": [{"mappings": {"propertys": {}}}],
    "wrong type": [field(type="strnig")],
    "no type": [field(ignore_above=1)],
    "wrong parameter": [field(type="long", analyzr="x")],
    "wrong analyzer": [field(type="text", analyzer="nothing")],
    "wrong flag": [field(type="long", index="maybe")],
    "empty name": [{"mappings": {"properties": {"": {"type": "long"}}}}],
    "blank name": [{"mappings": {"properties": {" ": {"type": "long"}}}}],
    "dotted blank": [{"mappings": {"properties": {"a..b": {"type": "long"}}}}],
    "not an object": [{"mappings": {"properties": {"a": "long"}}}],
    "multi of multi": [field(type="text", fields={"a": {"type": "text", "fields": {"b": {"type": "keyword"}}}})],
    "too deep": [{"mappings": {}}, {"doc": {".".join("x" * 20): 1}}, {"doc": {".".join("y" * 21): 1}}],
    "too many": [{"mappings": {}}, {"doc": {f"f{n}": 1 for n in range(999)}}, {"doc": {"a": 1}}, {"doc": {"b": 1}}],
    "flattened": [field(type="flattened"), *doc({"a": {"b": 1}}, "x", 1, [{"a": 1}], {"a": [1, None, True]})],
}  # fmt: skip
