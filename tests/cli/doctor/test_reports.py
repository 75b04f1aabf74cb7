"""The report for machines and as a page, parsed by what we did not write; nothing from files is unescaped."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.certificates import make_ca
from tests.cli.doctor.conftest import Call
from tests.lifecycle.folders.writing import pem_node

SCRIPT = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """Collects the tags, attributes and text of a page, and checks that its tags nest."""

    VOID = frozenset({"meta", "rect", "line"})

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Two nodes that trust each other, and a stranger with a wicked name."""
    ca = make_ca("east CA")
    nodes = [pem_node(tmp_path / name, ca, name) for name in ("n1", "n2")]
    return [*nodes, pem_node(tmp_path / "alien", make_ca(SCRIPT[:60]), SCRIPT)]


def test_json_has_the_shape_that_is_promised(isthmus: Call, folders: list[Path]) -> None:
    done = isthmus("doctor", "--json", *folders)
    told = json.loads(done.out)
    assert told["format_version"] == 1
    assert told["status"] == done.status == 2
    assert [one["name"] for one in told["subjects"]] == ["n1", "n2", SCRIPT]
    assert sum(told["counts"].values()) == len(told["findings"])
    fields = {"rule", "severity", "page", "node", "channel", "where", "sentence", "mend"}
    assert all(finding.keys() == fields for finding in told["findings"])
    assert [row[0] for row in told["trust"]["states"]] == ["ok", "ok", "refused"]
    assert {(one["dialler"], one["dialled"]) for one in told["trust"]["failures"]} == {
        (a, b) for a, b in [("n1", SCRIPT), ("n2", SCRIPT), (SCRIPT, "n1"), (SCRIPT, "n2")]
    }
    assert len(told["certificates"]) == 5
    assert told["certificates"] == sorted(told["certificates"], key=lambda one: str(one["not_after"]))


def test_one_node_alone_has_no_matrix(isthmus: Call, folders: list[Path]) -> None:
    assert json.loads(isthmus("doctor", "--json", folders[0]).out)["trust"] is None


@pytest.mark.parametrize(("strict", "failing"), [(False, {"error"}), (True, {"error", "warning"})])
def test_junit_fails_what_the_exit_status_fails(
    isthmus: Call, folders: list[Path], tmp_path: Path, strict: bool, failing: set[str]
) -> None:
    told = json.loads(isthmus("doctor", "--json", *folders).out)["findings"]
    isthmus("doctor", "--junit", "r.xml", *folders, *(["--strict"] if strict else []))
    root = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert root.tag == "testsuites"
    failures = root.findall("testsuite/testcase/failure")
    assert len(failures) == sum(one["severity"] in failing for one in told)
    assert {failure.get("type") for failure in failures} == failing
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
    assert SCRIPT in {suite.get("name") for suite in root}


def test_junit_of_a_name_with_control_characters_is_still_xml(isthmus: Call, tmp_path: Path) -> None:
    isthmus("doctor", "--junit", "r.xml", pem_node(tmp_path / "n", name="a\x01\x1b[31mb"))
    assert ElementTree.parse(tmp_path / "r.xml").getroot()[0].get("name") == "a��[31mb"


def test_the_page_shows_all_and_escapes_what_came_from_files(
    isthmus: Call, folders: list[Path], tmp_path: Path
) -> None:
    isthmus("doctor", "--html", "r.html", *folders)
    page = Page((tmp_path / "r.html").read_text())
    told = json.loads(isthmus("doctor", "--json", *folders).out)
    assert all(finding["sentence"] in page.text for finding in told["findings"])
    assert "2 of 6 dials succeed" in page.text
    assert SCRIPT in page.text
    assert page.tags.count("script") == 0
    assert page.tags.count("td") == 9
    assert page.tags.count("rect") == len(told["certificates"])


def test_the_page_needs_nothing_else_and_runs_nothing(isthmus: Call, folders: list[Path], tmp_path: Path) -> None:
    isthmus("doctor", "--html", "r.html", *folders)
    page = Page((tmp_path / "r.html").read_text())
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(page.tags)
    names = {name for name, _ in page.attributes}
    assert {"src", "href", "style"}.isdisjoint(names)
    assert not {name for name in names if name.startswith("on")}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in page.attributes
    assert ("name", "viewport") in page.attributes


def test_names_cannot_steer_the_terminal(isthmus: Call, tmp_path: Path) -> None:
    done = isthmus("doctor", pem_node(tmp_path / "n", make_ca("\x1b[31mred"), name="a\x1b[2Jb"))
    assert "\x1b" not in done.out


def test_a_report_that_cannot_be_written_is_told(isthmus: Call, folders: list[Path]) -> None:
    done = isthmus("doctor", "--html", "no/such/folder/r.html", folders[0])
    assert done.status == 73
    assert "r.html" in done.err


def test_a_report_is_replaced_by_the_next(isthmus: Call, folders: list[Path], tmp_path: Path) -> None:
    (tmp_path / "r.html").write_text("old")
    isthmus("doctor", "--html", "r.html", folders[0])
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
