"""A configuration folder as a node."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from isthmus.lifecycle.folders import opensearch
from isthmus.lifecycle.folders.channel import channel_facts
from isthmus.lifecycle.folders.entries import Engine, FolderEntries, read_entries
from isthmus.lifecycle.folders.places import addresses, listening
from isthmus.lifecycle.folders.sealed import AskPassword, plain_passwords, secure_values
from isthmus.lifecycle.folders.tls import TlsSettings, tls_settings
from isthmus.pki.rules.facts import ChannelFacts, NodeFacts
from isthmus.pki.rules.rule import Finding
from isthmus.settings.mistakes import Mistake
from isthmus.settings.values import PortRange
from isthmus.tls.config import ChannelConfig

_PAGE = {
    "isthmus": "Isthmus: isthmus settings",
    "elasticsearch": "Elasticsearch: Security settings",
    "opensearch": "OpenSearch: Configuring TLS certificates",
}


@dataclass(frozen=True)
class NodeFolder:
    """One node, as its configuration folder has it.

    `name` is `node.name`, else the folder's own name; `where` the folder, absolute. By channel name (`transport`,
    `http`, `remote_cluster_server`, `remote_cluster_client`): `channels` says which files each channel that is on
    takes its TLS from; `addresses` are the hosts others know it by, none where the settings leave that to the machine
    (`0.0.0.0`, `_site_`); `ports` are those it listens on. `facts` is what the rules judge, with all that was read of
    the files; `findings` is what is wrong with the settings themselves.
    """

    name: str
    where: Path
    engine: Engine
    settings_file: Path
    channels: Mapping[str, ChannelConfig]
    addresses: Mapping[str, tuple[str, ...]]
    ports: Mapping[str, PortRange]
    facts: NodeFacts
    findings: tuple[Finding, ...]


def read_folder(path: Path, ask: AskPassword, environ: Mapping[str, str] | None = None) -> NodeFolder:
    """Read a configuration folder of Isthmus, Elasticsearch or OpenSearch as a node.

    `ask` is asked for a password that no keystore and no setting gives: it takes what the password opens, in words,
    and returns None if nobody knows it; it is asked once for each. `environ` fills placeholders (default: this
    process's environment).

    Only what concerns TLS and addresses is judged; other settings are left to the engine they belong to. Mistakes in
    the settings of TLS are in `findings`; a file that cannot be read or opened is a `FileFacts.fault` in `facts`.
    Raises ConfigError if the folder has no settings file or that is no YAML, NoInputError or PermissionDeniedError if
    it cannot be read.
    """
    folder = path.absolute()
    found = read_entries(folder, os.environ if environ is None else environ)
    asking = functools.cache(ask)
    mistakes: list[Mistake] = []
    secure = secure_values(folder, found, asking, mistakes)
    tls = tls_settings(folder, found, secure)
    name = found.text("node.name") or _name_of(folder)
    channels = tuple(channel_facts(one, found.written, asking) for one in tls.channels)
    return NodeFolder(
        name=name,
        where=folder,
        engine=found.engine,
        settings_file=found.file,
        channels={_short(one.config): one.config for one in tls.channels if one.enabled},
        addresses=(hosts := addresses(found)),
        ports=listening(found),
        facts=NodeFacts(
            name=name,
            where=str(folder),
            channels=channels,
            addresses=hosts,
            trusts_network=tls.trusts_network,
        ),
        findings=tuple(_findings(name, found, tls, mistakes, unopened=_some_unopened(channels))),
    )


def _name_of(folder: Path) -> str:
    return folder.parent.name if folder.name in ("config", "conf") and folder.parent.name else folder.name


def _short(config: ChannelConfig) -> str:
    return config.prefix.split(".")[2]


def _some_unopened(channels: tuple[ChannelFacts, ...]) -> bool:
    return any(file.password_missing or file.fault for channel in channels for file in channel.files)


def _findings(
    name: str, found: FolderEntries, tls: TlsSettings, keystore: list[Mistake], *, unopened: bool
) -> Iterator[Finding]:
    page = _PAGE[found.engine]
    for one in (*tls.mistakes, *keystore):
        mend = one.hint or "correct it in the settings file"
        yield Finding("settings", "error", page, name, "", one.where, one.reason, mend)
    for written, _, _ in plain_passwords(found):
        sentence = f"the password in [{written}] stands in clear in the settings file"
        mend = "move it to the keystore of secure settings, as the setting's secure_ form"
        yield Finding("plain-password", "note", page, name, "", str(found.file), sentence, mend)
    keystore_file = found.file.parent / opensearch.KEYSTORE
    if unopened and keystore_file.exists():  # every OpenSearch node has one; here its passwords are missed
        sentence = f"the secure settings in {opensearch.KEYSTORE} are not read"
        mend = "call this at a terminal to be asked for passwords"
        yield Finding("not-judged", "note", page, name, "", str(keystore_file), sentence, mend)
    if any(written.startswith(opensearch.UNJUDGED) for written in found.written.values()):
        sentence = "separate certificates for transport.server and transport.client are not judged"
        yield Finding("not-judged", "note", page, name, "transport", str(found.file), sentence, "judge them as files")
