"""The step of the demo in which a cluster searches another, which lets it see what an API key says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isthmus.demo.corpus import log_lines
from isthmus.demo.narrator import Narrator
from isthmus.demo.nodes import NodeProcess, wait_for
from isthmus.demo.person import Person

EAST, WEST = "east", "west"
ADDRESSES = {EAST: "127.0.0.15", WEST: "127.0.0.16"}
CA = "links/ca/ca.crt"
SHOWN, HIDDEN = "shop-logs", "salaries"
LINES = 200
SECONDS = 15.0
Start = Callable[[str, dict[str, object]], NodeProcess]
"""Starts a node of a name, with settings."""


class Links:
    """Plays the step in `folder`: `start` starts the nodes of two clusters of one node each."""

    def __init__(self, folder: Path, narrator: Narrator, person: Person, start: Start) -> None:
        self._folder = folder
        self._say = narrator
        self._person = person
        self._start = start

    def play(self) -> None:
        """Make both clusters, link them by a key, search across, and try what the key does not grant."""
        self._make_certificates()
        east = self._start(EAST, self._settings(EAST) | _serving())
        self._store(east)
        key = self._make_key(east)
        west = self._start(WEST, self._settings(WEST) | _asking())
        self._person.keeps_secret(WEST, f"cluster.remote.{EAST}.credentials", key)
        self._link(west, east)
        self._search(west)
        self._check_stopped(west)

    def _make_certificates(self) -> None:
        lines = [f"  - name: {name}\n    dns: [localhost]\n    ip: [{ip}]\n" for name, ip in ADDRESSES.items()]
        (self._folder / "links.yml").write_text("".join(["instances:\n", *lines]))
        self._person.types("isthmus certutil cert --silent --pem --in links.yml --out links.zip")
        self._person.unzips("links.zip", "links")

    def _settings(self, name: str) -> dict[str, object]:
        files = {"certificate": f"../links/{name}/{name}.crt", "key": f"../links/{name}/{name}.key", "enabled": "true"}
        trust = {"certificate_authorities": [f"../{CA}"]}
        return {
            "cluster.name": name,
            **{f"xpack.security.{c}.ssl.{k}": v for c in ("transport", "http") for k, v in (files | trust).items()},
        }

    def _store(self, east: NodeProcess) -> None:
        actions = [{"index": {"_index": SHOWN, "_id": str(line["sequence"])}} for line in log_lines(LINES)]
        pairs = zip(actions, log_lines(LINES), strict=True)
        body = [json.dumps(part) for pair in pairs for part in pair]
        body += [json.dumps({"index": {"_index": HIDDEN, "_id": "1"}}), json.dumps({"who": "ada", "amount": 1})]
        (self._folder / "east.ndjson").write_text("\n".join(body) + "\n")
        wait_for(lambda: self._person.can_ask(east.http, CA), SECONDS, "east to answer")
        self._person.sends(east.http, "POST", "_bulk?refresh=true", "east.ndjson", CA, lines=True)

    def _make_key(self, east: NodeProcess) -> str:
        self._say.told(f"An API key of {EAST} for another cluster: it grants searches of [{SHOWN}], nothing else.")
        self._write("key.json", {"name": WEST, "access": {"search": [{"names": [SHOWN]}]}})
        told = self._person.sends(east.http, "POST", "_security/cross_cluster/api_key", "key.json", CA)
        encoded: str = json.loads(told)["encoded"]
        return encoded

    def _link(self, west: NodeProcess, east: NodeProcess) -> None:
        self._write("link.json", {"persistent": {"cluster": {"remote": {EAST: {"seeds": [east.remote_cluster]}}}}})
        self._write("reload.json", {})
        wait_for(lambda: self._person.can_ask(west.http, CA), SECONDS, "west to answer")
        self._person.sends(west.http, "POST", "_nodes/reload_secure_settings", "reload.json", CA)
        self._person.sends(west.http, "PUT", "_cluster/settings", "link.json", CA)
        wait_for(lambda: self._is_linked(west), SECONDS, "the link")
        told = self._person.asks(west.http, "_remote/info?pretty", CA)
        self._say.saw(told, limit=9)
        info = json.loads(told)[EAST]
        self._say.check(
            "west is linked to east, and tells no secret", holds=info["cluster_credentials"] == "::es_redacted::"
        )

    def _is_linked(self, west: NodeProcess) -> bool:
        info = json.loads(self._person.peeks(west.http, "_remote/info", CA))
        return bool(info.get(EAST, {}).get("connected"))

    def _search(self, west: NodeProcess) -> None:
        path = f"{EAST}:{SHOWN}/_search?size=1&track_total_hits=true"
        answer = json.loads(self._person.asks(west.http, path, CA))
        hits = answer["hits"]
        self._say.saw(f"{hits['total']['value']} hits, the first in {hits['hits'][0]['_index']}")
        self._say.check(
            f"west finds the {LINES} lines that are stored in east",
            holds=hits["total"]["value"] == LINES and answer["_clusters"]["successful"] == 1,
        )

    def _check_stopped(self, west: NodeProcess) -> None:
        answer = json.loads(self._person.asks(west.http, f"{EAST}:{HIDDEN}/_search", CA))
        (failure,) = answer["_clusters"]["details"][EAST]["failures"]
        self._say.told(failure["reason"]["reason"])
        self._say.check(
            f"the superuser of west is stopped by the key at [{HIDDEN}]",
            holds=not answer["hits"]["hits"] and failure["reason"]["type"] == "security_exception",
        )

    def _write(self, file: str, body: dict[str, Any]) -> None:
        place = self._folder / file
        place.touch(mode=0o600)
        place.write_text(json.dumps(body))


def _serving() -> dict[str, object]:
    return {
        "remote_cluster_server.enabled": True,
        "remote_cluster.port": 0,
        "xpack.security.remote_cluster_server.ssl.certificate": f"../links/{EAST}/{EAST}.crt",
        "xpack.security.remote_cluster_server.ssl.key": f"../links/{EAST}/{EAST}.key",
    }


def _asking() -> dict[str, object]:
    return {"xpack.security.remote_cluster_client.ssl.certificate_authorities": [f"../{CA}"]}
