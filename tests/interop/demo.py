"""`make demo-elasticsearch`: a real Elasticsearch searches an Isthmus, as far as an API key lets it."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from isthmus.demo.corpus import LOG_MAPPING, log_lines
from isthmus.demo.narrator import Narrator
from tests.certificates import make_ca
from tests.interop.engine import find_engine
from tests.interop.links import Linkable, key_of, link, ours, real
from tests.interop.sides.side import Line, running

LINES = 500
SHOWN, HIDDEN = "shop-logs", "salaries"


def main() -> int:
    """Play it; return the exit status: 0 if every check held."""
    engine = find_engine()
    if isinstance(engine, str):
        sys.stderr.write(f"{engine}\n")
        return 69
    say = Narrator(sys.stdout)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        root, ca = Path(name), make_ca("links CA")
        isthmus, elasticsearch = ours(root / "isthmus", ca), real(root / "elasticsearch", ca, engine)
        say.step("1. An Isthmus with lines of a log, and a list that is nobody's business")
        far = stack.enter_context(running(isthmus.side))
        _store(far)
        say.step("2. A real Elasticsearch, which registers it by a cross-cluster API key")
        near = stack.enter_context(running(elasticsearch.side))
        _link(say, near, elasticsearch, far, isthmus)
        say.step("3. The real one searches")
        _search(say, near)
        say.step("4. Its superuser is stopped by the key")
        _stop(say, near)
    return 1 if say.failed else 0


def _store(far: Line) -> None:
    far.must("PUT", f"/{SHOWN}", {"mappings": LOG_MAPPING})
    parts = [part for line in log_lines(LINES) for part in ({"index": {"_index": SHOWN}}, line)]
    parts += [{"index": {"_index": HIDDEN}}, {"who": "ada", "amount": 1}]
    far.must("POST", "/_bulk?refresh=true", "".join(json.dumps(part) + "\n" for part in parts))


def _link(say: Narrator, near: Line, of: Linkable, far: Line, isthmus: Linkable) -> None:
    link(near, of, "isthmus", isthmus, key_of(far, {"names": [SHOWN]}), "sniff", counted=SHOWN)
    who, info = near.must("GET", "/"), near.must("GET", "/_remote/info")
    say.saw(f"Elasticsearch {who['version']['number']} of the cluster [{who['cluster_name']}]")
    say.saw(json.dumps(info["isthmus"]))
    say.check("it is linked to Isthmus", holds=info["isthmus"]["connected"])


def _search(say: Narrator, near: Line) -> None:
    body: dict[str, Any] = {
        "query": {"match": {"message": "refused"}},
        "aggs": {"services": {"terms": {"field": "service", "size": 3}}},
        "highlight": {"fields": {"message": {}}},
        "size": 1,
    }
    for how in ("true", "false"):
        answer = near.must("POST", f"/isthmus:{SHOWN}/_search?ccs_minimize_roundtrips={how}", body)
        hit, found = answer["hits"]["hits"][0], answer["hits"]["total"]["value"]
        say.saw(f"{found} hits, the best in {hit['_index']}: {hit['highlight']['message'][0]}")
        say.saw(json.dumps(answer["aggregations"]["services"]["buckets"]))
        expected = sum("refused" in line["message"] for line in log_lines(LINES))
        say.check(
            f"it finds the {expected} lines of Isthmus that hold the word (ccs_minimize_roundtrips={how})",
            holds=found == expected and answer["_clusters"]["successful"] == 1,
        )


def _stop(say: Narrator, near: Line) -> None:
    answer = near.ask("GET", f"/isthmus:{HIDDEN}/_search")
    say.told(answer.body["error"]["reason"])
    say.check("what the key does not grant, elastic does not see", holds=answer.status == 403)


if __name__ == "__main__":
    sys.exit(main())
