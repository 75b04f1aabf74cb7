"""The YAML tests of Elasticsearch's clients that concern security pass on a live node."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.conformance.playing import Player
from tests.conformance.sections import Section, sections
from tests.live.site import Site

HERE = Path(__file__).parent
SKIPPED: dict[str, str] = tomllib.loads((HERE / "skipped.toml").read_text())
SECTIONS = [one for path in sorted((HERE / "vendored" / "security").glob("*.yml")) for one in sections(path)]


def _marked(section: Section) -> Any:
    if section.serverless:
        return pytest.param(section, id=section.id, marks=pytest.mark.skip(reason="of the serverless offer alone"))
    reason = SKIPPED.get(section.id)
    marks = () if reason is None else pytest.mark.xfail(reason=reason)
    return pytest.param(section, id=section.id, marks=marks)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elasticsearch]:
    site = Site(tmp_path_factory.mktemp("site"))
    try:
        node = site.start("first")
        site.wait_for_members(node, "first")
        with site.client(node) as client:
            yield client
    finally:
        site.close()


@pytest.mark.live
@pytest.mark.parametrize("section", [_marked(one) for one in SECTIONS])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_section_passes(client: Elasticsearch, section: Section) -> None:
    Player(client).play(section)


def test_what_is_skipped_is_there() -> None:
    assert set(SKIPPED) <= {section.id for section in SECTIONS if not section.serverless}
