"""What is asked over HTTPS, and whether the answers are right."""

from __future__ import annotations

from itertools import count

from isthmus.demo.load.https import Asker
from isthmus.demo.load.membership import Membership
from isthmus.demo.load.workload import WrongAnswerError

_HEALTH = "/_cluster/health"
_LIST = "/_cat/nodes?format=json&h=name"
_REPORTS = "/_nodes"
_SETTINGS = "/_cluster/settings"


async def ask_health(asker: Asker, membership: Membership) -> None:
    """The cluster is green and has all its nodes."""
    health = await asker.ask("GET", _HEALTH)
    if health["status"] != "green":
        raise WrongAnswerError(f"the cluster is {health['status']}: {health.get('warnings')}")
    membership.check_count(health["number_of_nodes"])


async def ask_list(asker: Asker, membership: Membership) -> None:
    """Every node is in the list."""
    membership.check_names(row["name"] for row in await asker.ask("GET", _LIST))


async def ask_reports(asker: Asker, membership: Membership) -> None:
    """Every node told of itself, asked by the node that was asked, over the connections between them."""
    told = await asker.ask("GET", _REPORTS)
    membership.check_names(node["name"] for node in told["nodes"].values())
    membership.check_silent(told["_nodes"]["failed"])


class Writer:
    """Writes a setting of its own at one node, through the owner of the state, and reads it at another."""

    def __init__(self, name: str, at: Asker, elsewhere: Asker) -> None:
        self._setting = f"cluster.metadata.load-{name}"
        self._at = at
        self._elsewhere = elsewhere
        self._numbers = count(1)

    async def write(self) -> None:
        """A write is acknowledged, and every other node has it from then on."""
        value = str(next(self._numbers))
        written = await self._at.ask("PUT", f"{_SETTINGS}?flat_settings", {"persistent": {self._setting: value}})
        if written["acknowledged"] is not True or written["persistent"] != {self._setting: value}:
            raise WrongAnswerError(f"the write of [{value}] was not acknowledged: {written}")
        found = (await self._elsewhere.ask("GET", f"{_SETTINGS}?flat_settings"))["persistent"].get(self._setting)
        if found != value:
            raise WrongAnswerError(f"[{value}] was written, and another node has [{found}]")

    async def close(self) -> None:
        """Let go of both connections."""
        await self._at.close()
        await self._elsewhere.close()
