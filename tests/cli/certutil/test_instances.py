from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.cli.certutil.instances import (
    MAX_INSTANCES,
    gather_instances,
    is_safe_filename,
    make_instance,
    parse_instances,
    split_commas,
)
from isthmus.errors import DataError, NoInputError

DOCUMENTED = b"""
instances:
  - name: "node1"
    ip:
      - "192.0.2.1"
    dns:
      - "node1.mydomain.com"
  - name: "node2"
    ip: ["192.0.2.2", "2001:db8::1"]
    cn: ["node2.role.data"]
  - name: "node3"
  - name: "node4"
    dns: node4.mydomain.com
  - name: "CN=node5,OU=IT,DC=mydomain,DC=com"
    filename: "node5"
"""


def test_the_documented_file_is_read() -> None:
    one, two, three, four, five = parse_instances(DOCUMENTED, "instances.yml")
    assert one.names.dns == ("node1.mydomain.com",)
    assert [str(ip) for ip in two.names.ips] == ["192.0.2.2", "2001:db8::1"]
    assert two.names.common_names == ("node2.role.data",)
    assert three.names.subject.rfc4514_string() == "CN=node3"
    assert four.names.dns == ("node4.mydomain.com",)
    assert (five.filename, five.names.subject.rfc4514_string()) == ("node5", "CN=node5,OU=IT,DC=mydomain,DC=com")


def listed(*lines: str) -> bytes:
    return ("instances:\n" + "".join(f"  {line}\n" for line in lines)).encode()


BAD = {
    "unknown key": (listed("- name: a", "  dsn: x"), r"instance \[a\]: unknown key \[dsn\] \(known are name, filename"),
    "unknown key at the top": (b"instances:\n- name: a\nnodes: 1\n", r"unknown key \[nodes\]"),
    "no instances": (b"nodes: []", r"has no list \[instances\]"),
    "empty list": (b"instances: []", "is empty"),
    "null list": (b"instances:", "is empty"),
    "empty file": (b"", "has no list"),
    "a text": (b"instances", "has no list"),
    "no name": (listed("- dns: a"), "instance number 1: the name is missing"),
    "a number as name": (listed("- name: 7"), "instance number 1: the name is missing or no text .*quotes"),
    "an empty name": (listed('- name: ""'), "has no name"),
    "a path": (listed("- name: ../x"), r"instance \[\.\./x\]: \[\.\./x\] is no safe filename"),
    "an absolute path": (listed("- name: a", "  filename: /etc/x"), r"instance \[a\]: \[/etc/x\] is no safe filename"),
    "a filename of dots": (listed("- name: a", "  filename: .."), "no safe filename"),
    "a backslash": (listed("- name: a", r"  filename: 'b\c'"), "no safe filename"),
    "a hidden file": (listed("- name: .ssh"), "no safe filename"),
    "the CA's folder": (listed("- name: CA"), "is kept for the CA"),
    "a double filename": (listed("- name: a", "- name: A"), r"instance \[A\]: the filename \[A\] is already that of"),
    "a double name": (listed("- name: a", "- name: a"), r"instance \[a\]: the filename \[a\] is already"),
    "a bad address": (listed("- name: a", "  ip: [1.2.3.400]"), r"instance \[a\]: \[1.2.3.400\] is not an IP address"),
    "a bad DNS name": (listed("- name: a", "  dns: ['a b']"), r"instance \[a\]: \[a b\] is not a DNS name"),
    "an address as DNS name": (listed("- name: a", "  dns: [1.2.3.4]"), "give it as an IP address"),
    "a number as address": (listed("- name: a", "  ip: 12"), "is not text"),
    "a map as DNS name": (listed("- name: a", "  dns: {b: c}"), "is not text"),
    "an instance that is a text": (listed("- a"), "number 1: is not a map"),
    "a double key": (listed("- name: a", "  name: b"), r"^instances\.yml:3: is not valid YAML"),
    "broken YAML": (b"instances: [", r"^instances\.yml:\d+: is not valid YAML"),
    "deep YAML": (b"instances: " + b"[" * 50_000, "nested deeper than"),
    "binary": (b"\x00\xff\xfe", "is not valid YAML"),
    "a foreign tag": (b"!!python/object/apply:os.system [id]", "is not valid YAML"),
    "a huge file": (b"#" * (8 * 1024 * 1024 + 1), "larger than"),
    "too many names": (listed("- name: a", f"  dns: [{'a, ' * 1001}]"), "more than 1000"),
}


@pytest.mark.parametrize(("data", "sentence"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_gets_one_line_with_file_instance_and_mend(data: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=f"(?s){sentence}") as caught:
        parse_instances(data, "instances.yml")
    assert str(caught.value).startswith("instances.yml")
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_ten_thousand_instances_are_the_limit() -> None:
    many = b"instances: [" + b"{name: a}," * (MAX_INSTANCES + 1) + b"]"
    with pytest.raises(DataError, match="more than 10000 instances"):
        parse_instances(many, "instances.yml")


def test_aliases_that_would_grow_without_end_do_no_harm() -> None:
    bomb = b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (i, i, i - 1, i - 1) for i in range(1, 60))
    with pytest.raises(DataError):
        parse_instances(bomb + b"instances: *a59\n", "instances.yml")


def test_a_file_that_is_missing_is_told() -> None:
    with pytest.raises(NoInputError, match=r"nowhere\.yml: does not exist"):
        gather_instances("nowhere.yml", None, (), ())


def test_flags_hold_commas_or_are_repeated() -> None:
    assert split_commas(["a,b", " c ,", ""]) == ["a", "b", "c"]
    (one,) = gather_instances(None, None, ("a,b", "c"), ("::1,127.0.0.1",))
    assert one.name == "instance"
    assert one.names.dns == ("a", "b", "c")
    assert len(one.names.ips) == 2


@given(st.text(max_size=30))
def test_a_safe_filename_never_leaves_its_folder(text: str) -> None:
    if is_safe_filename(text):
        assert text
        assert not set(text) & set('/\\\0\n:*?"<>|')
        assert text.strip(". ") == text or text[0] not in ". "
        assert text not in (".", "..")


KEYS = st.sampled_from(["instances", "name", "dns", "ip", "cn", "filename", "x"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@given(DOCUMENTS | DOCUMENTS.map(lambda one: {"instances": [one]}))
def test_any_document_gives_instances_or_a_data_error(document: object) -> None:
    with contextlib.suppress(DataError):
        instances = parse_instances(json.dumps(document).encode(), "instances.yml")
        assert all(is_safe_filename(instance.filename) for instance in instances)


@given(st.text(max_size=30), st.lists(st.text(max_size=20), max_size=2), st.lists(st.text(max_size=20), max_size=2))
def test_any_texts_make_an_instance_or_a_data_error(name: str, dns: list[str], ip: list[str]) -> None:
    with contextlib.suppress(DataError):
        assert make_instance(name, "flags", filename="a", dns=dns, ip=ip).names.subject.rdns
