"""An index of which people see parts, and beside it, for each of them, an index that holds only what he sees.

What somebody is answered of the whole must be what a superuser is answered of the part.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError, Elasticsearch

Document = dict[str, Any]

SECRET = "l0ng-r4nd0m-p@ssw0rd"
WHOLE, ALIAS = "people", "people-alias"
MAPPING: Document = {
    "properties": {
        "team": {"type": "keyword"},
        "n": {"type": "long"},
        "price": {"type": "double"},
        "day": {"type": "date"},
        "text": {"type": "text"},
        "secret": {"type": "keyword", "fields": {"words": {"type": "text"}}},
        "hush": {"type": "text", "fields": {"raw": {"type": "keyword"}}},
        "pay": {"type": "long"},
        "born": {"type": "date"},
        "same": {"type": "constant_keyword", "value": "constant"},
        "also": {"type": "alias", "path": "secret"},
        "flat": {"type": "flattened"},
        "obj": {"properties": {"open": {"type": "keyword"}, "closed": {"type": "keyword"}}},
        "list": {"properties": {"open": {"type": "long"}, "closed": {"type": "long"}}},
    }
}
TEAMS = ("red", "red", "blue", "red", "green", "blue", "red", "green")
EXCEPT = ["secret*", "hush*", "pay", "born", "same", "obj.closed", "list.closed", "flat.b", "also"]


def document(n: int) -> Document:
    """One person; every value of a field that may be hidden tells which."""
    return {
        "team": TEAMS[n - 1],
        "n": n,
        "price": n / 2,
        "day": f"2024-0{n}-01",
        "text": "the quick fox" if n % 2 else "a lazy dog",
        "secret": f"secret-{n}",
        "hush": f"hush number {n}",
        "pay": 1000 + n,
        "born": f"1990-0{n}-02",
        "obj": {"open": f"open-{n}", "closed": f"closed-{n}"},
        "list": [{"open": n, "closed": 100 + n}],
        "flat": {"a": f"a-{n}", "b": f"b-{n}"},
    }


PEOPLE = {str(n): document(n) for n in range(1, len(TEAMS) + 1)}


def without_fields(given: Document) -> Document:
    """The same without what EXCEPT names."""
    left = copy.deepcopy(given)
    for name in ("secret", "hush", "pay", "born"):
        del left[name]
    del left["obj"]["closed"], left["list"][0]["closed"], left["flat"]["b"]
    return left


def without_constant(mapping: Document) -> Document:
    """The same mapping with a constant that has no value yet."""
    return {"properties": {**mapping["properties"], "same": {"type": "constant_keyword"}}}


def of_team(*teams: str) -> Callable[[Document], bool]:
    return lambda given: given["team"] in teams


@dataclass(frozen=True)
class Somebody:
    """Who sees documents that `sees` tells, without the fields of EXCEPT if they are `hidden`.

    `groups` are the indices of each of his roles; `key` is the role of an API key that he comes with.
    """

    groups: tuple[Mapping[str, Any], ...]
    sees: Callable[[Document], bool] = lambda _: True
    hidden: bool = False
    metadata: Mapping[str, Any] | None = None
    key: Mapping[str, Any] | None = None

    def seen(self) -> dict[str, Document]:
        """What he sees."""
        shown = {id_: one for id_, one in PEOPLE.items() if self.sees(one)}
        return {id_: without_fields(one) for id_, one in shown.items()} if self.hidden else shown


def group(query: Any = None, *, fields: bool = False, names: str = "people*") -> dict[str, Any]:
    """Privileges over the index."""
    granted: dict[str, Any] = {"names": [names], "privileges": ["read", "view_index_metadata"]}
    if query is not None:
        granted["query"] = query
    if fields:
        granted["field_security"] = {"grant": ["*"], "except": EXCEPT}
    return granted


RED = {"term": {"team": "red"}}
OF_METADATA = {"template": {"source": '{"terms": {"team": {{#toJson}}_user.metadata.teams{{/toJson}} }}'}}
PERSONS = {
    "documents": Somebody((group(RED),), of_team("red")),
    "fields": Somebody((group(fields=True),), hidden=True),
    "both": Somebody((group(RED, fields=True),), of_team("red"), hidden=True),
    "several": Somebody((group(RED), group({"term": {"team": "blue"}})), of_team("red", "blue")),
    "lifted": Somebody((group(RED, fields=True), group())),
    "none": Somebody((group({"match_none": {}}),), lambda _: False),
    "template": Somebody((group(OF_METADATA),), of_team("blue", "green"), metadata={"teams": ["blue", "green"]}),
    "key": Somebody(
        (group(RED),),
        lambda given: given["team"] == "red" and given["n"] < 5,
        hidden=True,
        key=group({"range": {"n": {"lt": 5}}}, fields=True),
    ),
    # The query of a role is about fields that its own field security hides.
    "by hidden": Somebody(
        (group({"range": {"pay": {"gte": 1004}}}, fields=True),), lambda one: one["n"] >= 4, hidden=True
    ),
}


def fill(elastic: Elasticsearch) -> None:
    """Make the indices, the roles and the users."""
    load(elastic, WHOLE, PEOPLE, ALIAS)
    elastic.indices.put_alias(index=WHOLE, name="people-few", filter={"range": {"n": {"lte": 4}}})
    for name, person in PERSONS.items():
        part = twin(name)
        load(elastic, part, person.seen(), f"{part}-alias", without_constant(MAPPING) if person.hidden else MAPPING)
        elastic.indices.put_alias(index=part, name=f"{part}-few", filter={"range": {"n": {"lte": 4}}})
        roles = [f"{name}-{at}".replace(" ", "-") for at in range(len(person.groups))]
        for role, one in zip(roles, person.groups, strict=True):
            elastic.security.put_role(name=role, indices=[one], cluster=["manage_own_api_key"])
        elastic.security.put_user(
            username=user(name), password=SECRET, roles=roles, metadata=dict(person.metadata or {})
        )


def load(
    elastic: Elasticsearch, index: str, documents: Mapping[str, Document], alias: str, mapping: Document = MAPPING
) -> None:
    elastic.indices.create(index=index, mappings=mapping, aliases={alias: {}})
    for id_, one in documents.items():
        elastic.index(index=index, id=id_, document=one)
    elastic.indices.refresh(index=index)


def user(name: str) -> str:
    return name.replace(" ", "-")


def twin(name: str) -> str:
    """The index that holds what somebody sees."""
    return f"twin-{user(name)}"


NOT_COMPARED = {"took", "_score", "max_score", "_seq_no", "_scroll_id", "pit_id", "id", "_shards",
                "expiration_time_in_millis",
                "start_time_in_millis", "completion_time_in_millis", "sort_shown"}  # fmt: skip


def comparable(answer: Any, part: str) -> Any:
    """An answer without what differs from one index to the other."""
    return json.loads(json.dumps(_stripped(answer)).replace(part, WHOLE))


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(one) for key, one in value.items() if key not in NOT_COMPARED}
    return [_stripped(one) for one in value] if isinstance(value, list) else value


def told(call: Callable[[], Any]) -> Any:
    """An answer, or the status and the type of an error."""
    try:
        answer = call()
    except ApiError as error:
        body: Any = error.body
        return [error.status_code, body["error"]["type"] if isinstance(body, dict) and "error" in body else body]
    return answer.body if hasattr(answer, "body") else answer
