"""The other clusters that are known here, by alias: those of the settings in force, with the keystore's API keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from isthmus.errors import UsageError
from isthmus.index.metadata.expressions import NoSuchRemoteClusterError
from isthmus.remote.linking.configuration import RemoteClusterConfig, configurations
from isthmus.remote.linking.errors import LinkError
from isthmus.remote.linking.link import Link
from isthmus.remote.linking.subject import headers_of, system_subject
from isthmus.settings import remote_settings
from isthmus.settings.cluster_settings import REMOTE_CREDENTIALS
from isthmus.state.dynamic_settings import DynamicSettings
from isthmus.tls.judging import Judge

if TYPE_CHECKING:
    from isthmus.tls.live import TlsChannel

log = logging.getLogger(__name__)


class RemoteClusters:
    """Follows the settings: a cluster that comes is connected to, one that goes is let go, one that changes anew.

    `credentials` are the API keys by the setting's name, as `take` changes them; `tls` is that of all links.
    """

    def __init__(
        self, settings: DynamicSettings, credentials: Mapping[str, str], tls: TlsChannel | None, node_name: str
    ) -> None:
        self._settings = settings
        self._credentials = dict(credentials)
        self._tls = tls
        self._node_name = node_name
        self._links: dict[str, Link] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._is_started = False
        settings.check_together(remote_settings.OF_ALIAS, _check)
        settings.on_any_change(self._follow)

    @property
    def links(self) -> Mapping[str, Link]:
        """The links by alias."""
        return self._links

    def link(self, alias: str) -> Link:
        """Return the link of a cluster. Raises NoSuchRemoteClusterError."""
        if alias not in self._links:
            raise NoSuchRemoteClusterError(f"no such remote cluster: [{alias[:100]}]")
        return self._links[alias]

    def has_credentials(self, alias: str) -> bool:
        """Whether there is an API key for a cluster."""
        return _name_of(alias) in self._credentials

    def credentials(self, alias: str) -> str:
        """Return the API key for a cluster. Raises LinkError where there is none."""
        found = self._credentials.get(_name_of(alias))
        if found is None:
            raise LinkError(
                f"there is no API key for the remote cluster [{alias}]",
                hint="make a cross-cluster API key there; here, on every node, "
                f"'isthmus keystore add {_name_of(alias)}'; then POST /_nodes/reload_secure_settings",
            )
        return found

    def take(self, credentials: Mapping[str, str]) -> None:
        """Go on with other API keys: the links whose keys differ are made anew."""
        before, self._credentials = self._credentials, dict(credentials)
        for alias, link in list(self._links.items()):
            if before.get(_name_of(alias)) != self._credentials.get(_name_of(alias)):
                self._begin(link.config)

    def start(self) -> None:
        """Begin to connect to the clusters that there are."""
        self._is_started = True
        self._follow()

    def expel(self, judge: Judge, *, at_once: bool = False) -> int:
        """See Departures.expel."""
        return sum(link.expel(judge, at_once=at_once) for link in self._links.values())

    async def close(self) -> None:
        """Let go of all."""
        self._is_started = False
        links, self._links = list(self._links.values()), {}
        await asyncio.gather(*(link.close() for link in links), *self._leaving, return_exceptions=True)

    def _follow(self) -> None:
        if not self._is_started:
            return
        wanted = configurations(
            self._settings.by_name(remote_settings.OF_ALIAS),
            self._settings.get(remote_settings.CONNECTIONS_PER_CLUSTER),
        )
        for alias in [alias for alias in self._links if alias not in wanted]:
            self._let_go(alias)
        for alias, config in wanted.items():
            if alias not in self._links or self._links[alias].config != config:
                self._begin(config)

    def _begin(self, config: RemoteClusterConfig) -> None:
        self._let_go(config.alias)
        link = self._links[config.alias] = Link(
            config,
            self._tls,
            partial(self._own_headers, config.alias),
            connect_timeout=self._settings.get(remote_settings.INITIAL_CONNECT_TIMEOUT),
            attribute=self._settings.get(remote_settings.NODE_ATTRIBUTE),
        )
        link.start()

    def _let_go(self, alias: str) -> None:
        link = self._links.pop(alias, None)
        if link is not None:
            leaving = asyncio.get_running_loop().create_task(link.retire())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _own_headers(self, alias: str) -> Mapping[str, str]:
        return headers_of(self.credentials(alias), system_subject(self._node_name))


def _name_of(alias: str) -> str:
    return REMOTE_CREDENTIALS.name.replace("*", alias)


def _check(given: Mapping[str, Any]) -> None:
    for _, rule in remote_settings.broken_rules(given):
        raise UsageError(rule)
