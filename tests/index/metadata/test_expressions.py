"""How the names in a request become indices."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import IsthmusError, UsageError
from isthmus.index.metadata.errors import IndexNotFoundError
from isthmus.index.metadata.expressions import LENIENT, STRICT, Options, one_to_read, one_to_write, resolve
from isthmus.index.metadata.index_metadata import Alias, IndexMetadata
from isthmus.rest.errors import error_body

ERRORS = Alias(filter=b'{"term":{"level":"error"}}')
WARNINGS = Alias(filter=b'{"term":{"level":"warning"}}')


def index(name: str, *, hidden: bool = False, **aliases: Alias) -> IndexMetadata:
    settings: dict[str, str | list[str]] = {"index.hidden": "true"} if hidden else {}
    return IndexMetadata(name=name, uuid="u", node="n", creation_date=0, settings=settings, aliases=aliases)


def cluster(*indices: IndexMetadata) -> dict[str, IndexMetadata]:
    return {one.name: one for one in indices}


LOGS = cluster(index("logs-1"), index("logs-2"), index("books"), index(".own", hidden=True))


def names(expression: str, indices: Mapping[str, IndexMetadata] = LOGS, options: Options = LENIENT) -> list[str]:
    return [one.index.name for one in resolve(expression, indices, options)]


@pytest.mark.parametrize("expression", ["_all", "*", ""])
def test_all_means_every_index_that_is_not_hidden(expression: str) -> None:
    assert names(expression) == ["books", "logs-1", "logs-2"]


def test_an_exclusion_takes_from_the_wildcard_before_it() -> None:
    assert names("logs-*,-logs-2") == ["logs-1"]
    assert names("*,-logs-*") == ["books"]


def test_an_exclusion_without_a_wildcard_before_it_is_a_name_that_is_missing() -> None:
    with pytest.raises(IndexNotFoundError):
        names("-logs-1")


def test_hidden_indices_are_found_when_asked_for_or_by_their_dot() -> None:
    assert names("*", options=Options(hidden=True)) == [".own", "books", "logs-1", "logs-2"]
    assert names(".o*") == [".own"]
    assert names(".own") == [".own"]


def test_a_wildcard_expands_to_nothing_when_it_may_not_expand() -> None:
    assert names("logs-*", options=Options(open=False)) == []


def test_a_missing_index_is_told_as_elasticsearch_tells_it() -> None:
    with pytest.raises(IndexNotFoundError) as caught:
        names("logs-1,absent")
    assert error_body(caught.value) == {
        "error": {
            "root_cause": [(cause := error_body(caught.value)["error"]["root_cause"][0])],
            **cause,
        },
        "status": 404,
    }
    assert cause == {
        "type": "index_not_found_exception",
        "reason": "no such index [absent]",
        "index_uuid": "_na_",
        "index": "absent",
        "resource.type": "index_or_alias",
        "resource.id": "absent",
    }


def test_a_missing_index_may_be_ignored() -> None:
    assert names("logs-1,absent", options=Options(ignore_unavailable=True)) == ["logs-1"]


def test_a_wildcard_that_finds_nothing_is_an_error_only_if_it_may_not() -> None:
    assert names("absent*") == []
    with pytest.raises(IndexNotFoundError):
        names("absent*", options=STRICT)


def test_an_index_reached_through_two_filtered_aliases_has_both_filters() -> None:
    held = cluster(index("logs", errors=ERRORS, warnings=WARNINGS))
    [found] = resolve("errors,warnings", held)
    assert found.filters == (ERRORS.filter, WARNINGS.filter)


@pytest.mark.parametrize("expression", ["errors,logs", "errors,whole", "*"])
def test_an_index_that_is_also_meant_whole_is_not_filtered(expression: str) -> None:
    held = cluster(index("logs", errors=ERRORS, whole=Alias()))
    [found] = resolve(expression, held)
    assert found.filters == ()


def test_a_document_is_read_from_one_index_and_not_by_an_alias_of_several() -> None:
    held = cluster(index("a", logs=Alias()), index("b", logs=Alias(), own=Alias()))
    assert one_to_read("own", held) == held["b"]
    with pytest.raises(UsageError, match=r"more than one index associated with it \[a, b\]"):
        one_to_read("logs", held)
    with pytest.raises(IndexNotFoundError):
        one_to_read("a*", held)


@pytest.mark.parametrize(("expression", "named"), [("other:logs", "other"), ("<logs-{now/d}>", "<logs-{now/d}>")])
def test_names_that_are_not_supported_are_refused_by_name(expression: str, named: str) -> None:
    with pytest.raises(UsageError) as caught:
        names(expression, options=Options(ignore_unavailable=True))
    assert f"[{named}]" in caught.value.reason


def test_documents_go_to_the_write_index_of_an_alias() -> None:
    held = cluster(index("a", logs=Alias(is_write_index=False)), index("b", logs=Alias(is_write_index=True)))
    assert one_to_write("logs", held) == held["b"]


@pytest.mark.parametrize(
    "held",
    [
        cluster(index("a", logs=Alias()), index("b", logs=Alias())),
        cluster(index("a", logs=Alias(is_write_index=False))),
    ],
)
def test_an_alias_without_a_write_index_takes_no_documents(held: dict[str, IndexMetadata]) -> None:
    with pytest.raises(UsageError, match=r"no write index is defined for alias \[logs\]"):
        one_to_write("logs", held)


def test_an_alias_of_one_index_writes_to_it_and_an_unknown_name_to_none() -> None:
    held = cluster(index("a", logs=Alias()))
    assert one_to_write("logs", held) == held["a"]
    assert one_to_write("absent", held) is None


@given(st.text(alphabet="ab*-_,.:<>{}all", max_size=30))
def test_any_expression_gives_indices_or_an_error_for_a_person(expression: str) -> None:
    try:
        found = names(expression)
    except IsthmusError:
        return
    assert set(found) <= set(LOGS)


class _Sees:
    """Sees names that begin with `logs`."""

    def sees(self, name: str) -> bool:
        return name.startswith("logs")

    def refusal(self, *names: str) -> UsageError:
        return UsageError(f"not for you: {', '.join(names)}")


BEHIND = {"logs-window": Alias(), "hidden": Alias()}
SECRET = IndexMetadata(name="secret", uuid="u", node="n", creation_date=0, aliases=BEHIND)
SEEN = cluster(index("logs-a"), index("logs-b"), SECRET)


def named(expression: str, options: Options = LENIENT) -> list[str]:
    return [one.index.name for one in resolve(expression, SEEN, options, _Sees())]


def test_a_pattern_means_what_is_seen_of_what_it_fits() -> None:
    assert named("*") == ["logs-a", "logs-b", "secret"]  # by its alias logs-window
    assert named("l*,-logs-w*") == ["logs-a", "logs-b"]
    assert named("sec*,hid*") == []


@pytest.mark.parametrize("name", ["secret", "hidden", "nothing"])
def test_a_name_that_is_not_seen_is_refused_whether_it_is_there_or_not(name: str) -> None:
    with pytest.raises(UsageError, match=f"not for you: {name}"):
        named(f"logs-a,{name}")
    assert named(f"logs-a,{name}", Options(ignore_unavailable=True)) == ["logs-a"]
    for one in (one_to_read, one_to_write):
        with pytest.raises(UsageError, match=f"not for you: {name}"):
            one(name, SEEN, _Sees())


def test_an_alias_that_is_seen_leads_to_an_index_that_is_not() -> None:
    (found,) = resolve("logs-window", SEEN, LENIENT, _Sees())
    assert (found.index.name, found.itself, found.aliases) == ("secret", False, ["logs-window"])


def test_a_pattern_means_an_index_by_all_its_names_that_fit() -> None:
    indices = cluster(index("logs", logs_all=ERRORS, other=WARNINGS))
    (by_pattern,) = resolve("logs*", indices)
    (by_name,) = resolve("logs", indices)
    (by_alias,) = resolve("other", indices)
    assert [one.names for one in (by_pattern, by_name, by_alias)] == [("logs", "logs_all"), ("logs",), ("other",)]
    assert by_pattern.filters == ()
