"""The judge of the comparison: what it calls equal, and what not."""

from __future__ import annotations

from typing import Any

from tests.interop.differential.asked import Asked
from tests.interop.differential.comparing import differences
from tests.interop.sides.side import Answer


def _hits(*hits: tuple[str, float], total: int = 99) -> dict[str, Any]:
    found = [{"_index": "i", "_id": name, "_score": score, "_source": {"n": 1}} for name, score in hits]
    best = max((score for _, score in hits), default=None)
    return {"took": 1, "hits": {"total": {"value": total, "relation": "eq"}, "max_score": best, "hits": found}}


def _compare(ours: Any, theirs: Any, body: Any = None, *, kind: str = "search") -> list[str]:
    asked = Asked("a/b", "POST", "/i/_search", body or {}, kind)  # type: ignore[arg-type]
    return differences(asked, Answer(200, ours), Answer(200, theirs))


def test_an_answer_equals_itself_whatever_time_it_took() -> None:
    assert _compare(_hits(("1", 2.0)), {**_hits(("1", 2.0)), "took": 77}) == []


def test_hits_that_tie_may_come_in_any_order() -> None:
    assert _compare(_hits(("1", 2.0), ("2", 1.0), ("3", 1.0)), _hits(("1", 2.0), ("3", 1.0), ("2", 1.0))) == []


def test_hits_that_do_not_tie_must_come_in_their_order() -> None:
    assert _compare(_hits(("1", 2.0), ("2", 1.0)), _hits(("2", 2.0), ("1", 1.0))) != []


def test_ties_that_the_page_cuts_may_be_other_documents() -> None:
    assert _compare(_hits(("1", 2.0), ("2", 1.0)), _hits(("1", 2.0), ("3", 1.0)), {"size": 2}) == []


def test_ties_that_the_page_does_not_cut_must_be_the_same_documents() -> None:
    assert _compare(_hits(("1", 2.0), ("2", 1.0)), _hits(("1", 2.0), ("3", 1.0)), {"size": 3}) != []


def test_scores_may_differ_by_a_thousandth_and_no_more() -> None:
    assert _compare(_hits(("1", 1.0)), _hits(("1", 1.0009))) == []
    assert _compare(_hits(("1", 1.0)), _hits(("1", 1.01))) != []


def test_totals_sources_and_missing_keys_are_differences() -> None:
    assert _compare(_hits(total=1), _hits(total=2)) != []
    other = _hits(("1", 1.0))
    other["hits"]["hits"][0]["_source"] = {"n": 2}
    assert _compare(_hits(("1", 1.0)), other) == ["hits[1]._source.n 1, theirs 2"]
    assert _compare({**_hits(), "_clusters": {}}, _hits()) != []


def test_estimates_have_a_tolerance_that_counts_have_not() -> None:
    body = {"aggs": {"days": {"terms": {"field": "d"}, "aggs": {"users": {"cardinality": {"field": "u"}}}}}}

    def answer(count: int, users: int) -> dict[str, Any]:
        return {"aggregations": {"days": {"buckets": [{"key": 1, "doc_count": count, "users": {"value": users}}]}}}

    assert _compare(answer(1000, 1000), answer(1000, 1010), body) == []
    assert _compare(answer(1000, 1000), answer(1010, 1000), body) != []


def test_errors_compare_by_status_type_and_type_of_the_root_cause() -> None:
    asked = Asked("a/b", "POST", "/i/_search", {}, "search")

    def answer(status: int, kind: str, root: str, reason: str) -> Answer:
        error = {"type": kind, "reason": reason, "root_cause": [{"type": root, "reason": reason}]}
        return Answer(status, {"error": error, "status": status})

    one = answer(400, "parsing_exception", "parsing_exception", "no [x]")
    assert differences(asked, one, answer(400, "parsing_exception", "parsing_exception", "unknown [x]")) == []
    assert differences(asked, one, answer(400, "x_content_parse_exception", "parsing_exception", "no [x]")) != []
    assert differences(asked, one, answer(404, "parsing_exception", "parsing_exception", "no [x]")) != []
    assert differences(asked, one, Answer(200, {})) != []


def test_a_boolean_is_not_a_number() -> None:
    assert _compare({"found": True}, {"found": 1}, kind="plain") != []


def test_what_was_not_asked_to_end_early_has_not() -> None:
    assert _compare(_hits(), {**_hits(), "terminated_early": False}) == []
    assert _compare(_hits(), {**_hits(), "terminated_early": True}) != []


def test_hits_in_the_order_of_the_engine_compare_by_their_number() -> None:
    body = {"sort": ["_doc"], "size": 1}
    assert _compare(_hits(("1", 1.0)), _hits(("2", 1.0)), body) == []
    assert _compare(_hits(("1", 1.0)), _hits(), body) != []


def test_the_names_of_queries_that_matched_are_a_set() -> None:
    ours, theirs = _hits(("1", 1.0)), _hits(("1", 1.0))
    ours["hits"]["hits"][0]["matched_queries"] = ["a", "b"]
    theirs["hits"]["hits"][0]["matched_queries"] = ["b", "a"]
    assert _compare(ours, theirs) == []
    theirs["hits"]["hits"][0]["matched_queries"] = ["b"]
    assert _compare(ours, theirs) != []
