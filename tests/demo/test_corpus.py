"""The documents that the demo, the differential test and the benchmark share."""

from __future__ import annotations

import json
import statistics
from itertools import islice

from isthmus.demo.corpus import LOG_MAPPING, Document, log_lines
from isthmus.demo.prose import prose


def _paths(document: Document, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in document.items():
        found |= _paths(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def _mapped(mapping: Document, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in mapping["properties"].items():
        found |= _mapped(field, f"{prefix}{name}.") if "properties" in field else {prefix + name}
    return found


def test_the_same_seed_gives_the_same_documents_and_another_seed_others() -> None:
    assert list(log_lines(50, seed=3)) == list(log_lines(50, seed=3))
    assert list(log_lines(50, seed=3)) != list(log_lines(50, seed=4))
    assert list(prose(20, seed=3)) == list(prose(20, seed=3))


def test_a_longer_corpus_begins_with_the_shorter_one() -> None:
    assert list(islice(log_lines(100), 30)) == list(log_lines(30))


def test_a_log_line_has_about_three_hundred_bytes() -> None:
    sizes = [len(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()) for line in log_lines(2000)]
    assert 280 <= statistics.mean(sizes) <= 350


def test_the_mapping_names_every_field_of_the_lines_and_no_other() -> None:
    assert set().union(*map(_paths, log_lines(2000))) == _mapped(LOG_MAPPING)


def test_the_lines_come_in_the_order_of_their_moments() -> None:
    moments = [line["@timestamp"] for line in log_lines(500)]
    assert moments == sorted(moments)


def test_some_lines_lack_fields_and_some_are_not_ascii() -> None:
    lines = list(log_lines(2000))
    assert 0 < sum("agent" in line for line in lines) < len(lines)
    assert any(not line["message"].isascii() for line in lines)


def test_prose_has_frequent_and_rare_words() -> None:
    words = " ".join(document["text"] for document in prose(300)).lower().split()
    assert words.count("the") > 100
    assert len({word for word in words if words.count(word) == 1}) > 100
