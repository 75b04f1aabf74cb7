"""The secure settings of a running node: those that can be are read anew from the keystore when that is asked for.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/cluster-nodes-reload-secure-settings.html
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from isthmus.cluster.service import ClusterService
from isthmus.errors import DataError, IsthmusError
from isthmus.keystore import FILE_NAME, Keystore, secure_settings
from isthmus.keystore.known import check_name, check_value
from isthmus.node.agreement import Agreement
from isthmus.node.members import ask_members
from isthmus.rest.view import SecureReload
from isthmus.settings import Settings, declared
from isthmus.settings.cluster_settings import REMOTE_CREDENTIALS
from isthmus.transport.messages import Action, ForUsers
from isthmus.transport.registry import ActionRegistry

log = logging.getLogger(__name__)


class ReloadSecureSettings(msgspec.Struct, frozen=True):
    """Asks a member to read its keystore anew, which has this password."""

    password: str = ""

    def __repr__(self) -> str:
        return "<ReloadSecureSettings>"


RELOAD_SECURE: Final = Action(
    "internal:isthmus/nodes/reload_secure_settings",
    ReloadSecureSettings,
    SecureReload,
    ForUsers(("cluster:admin/nodes/reload_secure_settings",)),
)


class KeystoreMissingError(DataError):
    """There is no keystore to read."""

    type = "illegal_state_exception"


class SecureSettings:
    """The settings of this node's keystore that can be read anew.

    `agreement` and `taken` hear of each change of the credentials for other clusters.
    """

    def __init__(
        self,
        settings: Settings,
        cluster: ClusterService,
        agreement: Agreement,
        taken: Callable[[Mapping[str, str]], object] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._cluster = cluster
        self._agreement = agreement
        self._taken = taken
        self._turn = asyncio.Lock()

    def register(self, registry: ActionRegistry) -> None:
        """Serve the other members."""
        registry.serve(RELOAD_SECURE, lambda request, _channel: self._reload(request))

    async def reload(self, node_ids: Sequence[str], password: str) -> Mapping[str, SecureReload | str]:
        """Return by id how the reload of a member went, or why it did not answer."""
        return await ask_members(
            self._cluster, node_ids, RELOAD_SECURE, ReloadSecureSettings(password), here=self._reload
        )

    async def _reload(self, request: ReloadSecureSettings) -> SecureReload:
        try:
            async with self._turn:  # each costs as much as a guess at the password may
                values = await asyncio.to_thread(self._read, request.password)
        except IsthmusError as error:
            log.warning("the secure settings were not read anew: %s", error)
            return SecureReload(error.type, error.reason)
        remote = {name: value for name, value in values.items() if REMOTE_CREDENTIALS.match(name)}
        self._agreement.take(remote)
        self._taken(remote)
        for name in self._for_the_next_start(values):
            log.warning("[%s] has changed in the keystore; it is read when the node starts", name)
        log.info("the secure settings were read anew")
        return SecureReload()

    def _read(self, password: str) -> dict[str, str]:
        path = self._settings.conf_dir / FILE_NAME
        if not path.exists():
            raise KeystoreMissingError("Keystore is missing", hint="make one: 'isthmus keystore create'")
        values = secure_settings(Keystore.load(path, password))
        for name, value in values.items():
            check_name(name)
            check_value(name, value)
        return values

    def _for_the_next_start(self, values: Mapping[str, str]) -> list[str]:
        fixed = [one for one in declared() if one.scope == "secure" and not one.reloadable]
        return [one.name for one in fixed if values.get(one.name) != self._settings.get(one)]


def credentials(settings: Settings) -> dict[str, str]:
    """Return the credentials for remote clusters as the node started with them, by the setting's name."""
    found = settings.affix(REMOTE_CREDENTIALS)
    return {REMOTE_CREDENTIALS.name.replace("*", alias): value for alias, value in found.items() if value is not None}
