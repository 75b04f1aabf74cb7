"""Whether nodes will take up new files by themselves: Elasticsearch and Isthmus do, OpenSearch only as it is told to.

https://docs.opensearch.org/latest/security/configuration/tls/ (hot reloading TLS certificates): it is off unless it is
switched on, and a certificate of another issuer is refused unless that check is switched off for the channel.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from isthmus.errors import ConfigError
from isthmus.lifecycle.folders.entries import FolderEntries, read_entries
from isthmus.lifecycle.rotation.inventory import Inventory

_HOT_RELOAD = "plugins.security.ssl.certificates_hot_reload.enabled"
_SAME_ISSUER = "plugins.security.ssl.{channel}.enforce_cert_reload_dn_verification"


def must_take_up(inventory: Inventory, channels: Sequence[str], *, other_issuer: bool) -> None:
    """Raise ConfigError for a node that would keep its old certificates, and that no command of its own restarts.

    `other_issuer`: the new certificates come from a CA of another name.
    """
    for entry in inventory.nodes:
        found = read_entries(Path(entry.folder), os.environ)
        if found.engine != "opensearch" or entry.restart:
            continue
        for name, wanted in _lacking(found, channels, other_issuer=other_issuer):
            raise ConfigError(
                f"OpenSearch would not take up the new certificates: [{name}] is not {wanted}",
                where=str(found.file),
                hint=f"set it to {wanted} and restart the node once, or give its restart command in an inventory",
            )


def _lacking(found: FolderEntries, channels: Sequence[str], *, other_issuer: bool) -> Iterator[tuple[str, str]]:
    if found.text(_HOT_RELOAD) != "true":
        yield _HOT_RELOAD, "true"
    for channel in channels if other_issuer else ():
        name = _SAME_ISSUER.format(channel=channel)
        if found.text(name) != "false" and found.text(f"xpack.security.{channel}.ssl.enabled") == "true":
            yield name, "false"
