"""The step of the demo in which a user may some things and may not others."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from isthmus.demo.corpus import log_lines
from isthmus.demo.documents import CA, INDEX, LINES
from isthmus.demo.narrator import Narrator
from isthmus.demo.person import Person
from isthmus.errors import UnavailableError

READER = "ada"
SERVICE = "cart"
HIDDEN = "client_ip"
ROLE = {
    "indices": [
        {
            "names": [f"{INDEX}*"],
            "privileges": ["read"],
            "query": {"term": {"service": SERVICE}},
            "field_security": {"grant": ["*"], "except": [HIDDEN]},
        }
    ]
}


class Rights:
    """Plays the step in `folder`: what is made on the node `first` holds on `second` (HTTP addresses)."""

    def __init__(self, folder: Path, narrator: Narrator, person: Person, first: str, second: str) -> None:
        self._folder = folder
        self._say = narrator
        self._person = person
        self._first = first
        self._second = second

    def play(self) -> None:
        """Make a role and a user who has it; let him search, delete, and look at the users."""
        self._send("_security/role/log-reader", "role.json", ROLE)
        password = self._person.thinks_of_password(READER)
        self._send(f"_security/user/{READER}", "user.json", {"password": password, "roles": ["log-reader"]})
        self._check_sees_a_part()
        self._check_may_not("DELETE", INDEX, "delete_index")
        self._check_may_not("GET", "_security/user", "manage_security")

    def _check_sees_a_part(self) -> None:
        status, told = self._try("GET", f"{INDEX}/_search?size=1&sort=sequence&track_total_hits=true")
        if status != HTTPStatus.OK:
            raise UnavailableError(f"{READER} was answered {status}: {told[:300]}")
        hits: dict[str, Any] = json.loads(told)["hits"]
        shown = hits["hits"][0]["_source"]
        self._say.saw(f"{hits['total']['value']} hits, the first: {json.dumps(shown)[:100]}…")
        its = [line for line in log_lines(LINES) if line["service"] == SERVICE]
        self._say.check(
            f"{READER} finds the {len(its)} lines of the service [{SERVICE}] and no other",
            holds=hits["total"]["value"] == len(its),
        )
        self._say.check(
            "and sees no address of a client, though the line has one",
            holds=shown == {name: value for name, value in its[0].items() if name != HIDDEN} != its[0],
        )

    def _check_may_not(self, method: str, path: str, named: str) -> None:
        status, told = self._try(method, path)
        reason = json.loads(told)["error"]["reason"]
        self._say.told(reason)
        self._say.check(
            f"{READER} may not {method} {path}, and is told what it takes",
            holds=status == HTTPStatus.FORBIDDEN and named in reason,
        )

    def _try(self, method: str, path: str) -> tuple[int, str]:
        return self._person.tries(READER, self._second, method, path, CA)

    def _send(self, path: str, file: str, body: dict[str, Any]) -> None:
        place = self._folder / file
        place.touch(mode=0o600)
        place.write_text(json.dumps(body))
        self._person.sends(self._first, "PUT", path, file, CA)
