"""The yml file: forms, duplicates, places, bounds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import ConfigError, NoInputError
from isthmus.settings.mistakes import Mistake
from isthmus.settings.yaml_file import MAX_BYTES, MAX_DEPTH, from_file

segments = st.text(alphabet="abcdefgh_", min_size=1, max_size=4)
leaves = st.one_of(
    st.text(alphabet="abcXYZ0123456789 ./:-", min_size=1).filter(lambda text: text.strip() == text),
    st.lists(st.text(alphabet="abc0123456789", min_size=1), min_size=1, max_size=3),
)
trees = st.recursive(
    st.dictionaries(segments, leaves, max_size=4),
    lambda inner: st.dictionaries(segments, st.one_of(leaves, inner), max_size=4),
    max_leaves=12,
)


def parse(tmp_path: Path, text: str) -> tuple[dict[str, Any], list[Mistake]]:
    path = tmp_path / "isthmus.yml"
    path.write_text(text, encoding="utf-8")
    mistakes: list[Mistake] = []
    entries = from_file(path, mistakes)
    return {name: entry.value for name, entry in entries.items()}, mistakes


def flattened(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat.update(flattened(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = tuple(value) if isinstance(value, list) else value
    return flat


def written(tree: Mapping[str, Any], indent: str = "") -> str:
    lines = ""
    for key, value in tree.items():
        if isinstance(value, dict) and value:
            lines += f"{indent}{key}:\n{written(value, indent + '  ')}"
        elif isinstance(value, dict):
            lines += f"{indent}{key}: {{}}\n"
        elif isinstance(value, list):
            lines += f"{indent}{key}: [{', '.join(repr(item) for item in value)}]\n"
        else:
            lines += f"{indent}{key}: '{value}'\n"
    return lines


@given(tree=trees)
def test_nested_and_dotted_forms_say_the_same(tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("forms")
    flat = flattened(tree)
    nested, nested_mistakes = parse(folder, written(tree))
    dotted, dotted_mistakes = parse(
        folder, written({k: list(v) if isinstance(v, tuple) else v for k, v in flat.items()})
    )
    assert nested == dotted == flat
    assert nested_mistakes == dotted_mistakes == []


def test_nested_and_dotted_forms_mix(tmp_path: Path) -> None:
    entries, mistakes = parse(tmp_path, "node:\n  attr.rack: r1\n  attr:\n    zone: z\nnode.name: n\n")
    assert entries == {"node.attr.rack": "r1", "node.attr.zone": "z", "node.name": "n"}
    assert mistakes == []


def test_scalars_stay_as_they_are_written(tmp_path: Path) -> None:
    text = "a: 012\nb: yes\nc: 1.10\nd: True\ne: 2001-01-01\nf: 'null'\ng: 0x1F\nh: 1_000\ni: 12:30\n"
    entries, mistakes = parse(tmp_path, text)
    assert list(entries.values()) == ["012", "yes", "1.10", "True", "2001-01-01", "null", "0x1F", "1_000", "12:30"]
    assert mistakes == []


@pytest.mark.parametrize(
    ("text", "line", "first"),
    [
        ("node.name: a\n\nnode.name: b\n", 3, 1),
        ("node.name: a\nnode:\n  name: b\n", 3, 1),
        ("node:\n  name: b\nnode.name: a\n", 3, 2),
        ("node:\n  name: a\nnode:\n  attr.x: b\n", 3, 1),
    ],
)
def test_a_duplicate_is_a_mistake_in_any_form(tmp_path: Path, text: str, line: int, first: int) -> None:
    _, mistakes = parse(tmp_path, text)
    assert [str(mistake).partition(" (")[0] for mistake in mistakes] == [
        f"{tmp_path}/isthmus.yml:{line}: [{mistakes[0].reason[1:].partition(']')[0]}] is set twice, "
        f"first at {tmp_path}/isthmus.yml:{first}"
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a:\n", "has no value"),
        ("a: ~\n", "has no value"),
        ("a: &x 1\nb: *x\n", "alias or a tag"),
        ("a: !!python/object:os.system x\n", "alias or a tag"),
        ("a: !secret [1]\n", "alias or a tag"),
        ("a: [b, {c: d}]\n", "plain values"),
        ("a: [b, [c]]\n", "plain values"),
        ("a: [b, null]\n", "plain values"),
        ("? [a]\n: b\n", "name is expected"),
        ("? {a: b}\n: {c: [d]}\n", "name is expected"),
        ("~: b\n", "name is expected"),
    ],
)
def test_what_is_no_setting_is_a_mistake_and_the_rest_is_read(tmp_path: Path, text: str, rule: str) -> None:
    entries, mistakes = parse(tmp_path, text + "node.name: n\n")
    assert len(mistakes) == 1
    assert rule in mistakes[0].reason
    assert entries["node.name"] == "n"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a: [1\n", "not YAML"),
        ("a: 'x\n", "not YAML"),
        ("\ta: b\n", "not YAML"),
        ("a: b: c\n", "not YAML"),
        ("a: *none\n---\nb: c\n", "more than one document"),
        ("- a\n", "settings are expected"),
        ("word\n", "settings are expected"),
        ("a: \x00\n", "not YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(ConfigError, match=rule) as caught:
        parse(tmp_path, text)
    assert str(tmp_path / "isthmus.yml") in str(caught.value.where)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n", "{}\n", "\ufeff# with a mark\n"])
def test_an_empty_file_sets_nothing(tmp_path: Path, text: str) -> None:
    assert parse(tmp_path, text) == ({}, [])


def test_broken_yaml_is_told_without_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(tmp_path, "node.name: a\nbootstrap.password: 'hunter2\n")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "isthmus.yml").write_bytes(b"node.name: a\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r":2: the file is not UTF-8"):
        from_file(tmp_path / "isthmus.yml", [])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match=r"none\.yml"):
        from_file(tmp_path / "none.yml", [])


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * MAX_BYTES,
        "a: " + "[" * (MAX_BYTES - 3),
        "{a: " * (MAX_BYTES // 4),
        "? " * (MAX_BYTES // 2),
        "".join(f"{' ' * depth}a:\n" for depth in range(MAX_DEPTH + 2)),
        "x" * (MAX_BYTES + 1),
    ],
    ids=["brackets", "list in list", "map in map", "keys in keys", "indented", "large"],
)
def test_a_deep_or_large_file_is_refused_soon(tmp_path: Path, bomb: str) -> None:
    before = time.process_time()
    with pytest.raises(ConfigError):
        parse(tmp_path, bomb)
    assert time.process_time() - before < 5


def test_a_billion_laughs_expand_to_nothing(tmp_path: Path) -> None:
    rounds = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    entries, mistakes = parse(tmp_path, f"a0: &a0 [lol]\n{rounds}")
    assert entries == {"a0": ("lol",)}
    assert len(mistakes) == 29


@given(text=st.text(alphabet="ab.: \n-[]{}?&*!|>'\"#%~,0\t", max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with suppress(ConfigError):
        entries, _ = parse(tmp_path_factory.mktemp("any"), text)
        assert all(isinstance(value, (str, tuple)) for value in entries.values())
