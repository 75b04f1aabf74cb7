"""The files: readable by the node, closed to others, and encrypted by what is not broken."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from isthmus.pki.rules.facts import ChannelFacts, Circumstances, FileFacts, NodeFacts
from isthmus.pki.rules.rule import Breach, Severity

# Elasticsearch's packages and images give configuration to root and the group elasticsearch, 0660; others 0640.
_SERVICE_GROUP = (stat.S_IRGRP, stat.S_IRGRP | stat.S_IWGRP)
_WEAK = ("RC2", "RC4", "3DES", "DES", "SHA-1", "MD5", "traditional")


def readable(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """What cannot be read stops the node, or leaves it with the old."""
    for file in channel.files:
        if file.fault:
            yield Breach(f"{file.setting}: {file.fault}", file.mend, where=file.path)


def password(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Its password may stand in a keystore that is closed to whoever asks here."""
    for file in channel.files:
        if file.password_missing:
            yield Breach(
                f"{file.setting}: the file is encrypted and its password is not known; what it holds was not judged",
                "add the secure password setting to the keystore, or give the keystore's password to this command",
                where=file.path,
            )


def key_mode(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Others never; a group only as packages set it up for the service."""
    for file in channel.files:
        if file.mode is None or file.kind not in ("key", "keystore"):
            continue
        others, group = file.mode & stat.S_IRWXO, file.mode & stat.S_IRWXG
        if others & (stat.S_IROTH | stat.S_IWOTH):
            yield _opened(file, "everybody on this machine", "chmod 600 (or 640 with the service's group)", "error")
        elif group in _SERVICE_GROUP:
            yield _opened(file, "its group", "see that only the service is in that group, or chmod 600", "note")
        elif group:
            yield _opened(file, "its group", "chmod 600 (or 640 with the service's group)", "warning")


def _opened(file: FileFacts, whom: str, mend: str, severity: Severity) -> Breach:
    mode = f"{stat.S_IMODE(file.mode or 0):04o}"
    return Breach(f"the private key is open to {whom} (mode {mode})", mend, where=file.path, severity=severity)


def trust_mode(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Who can write there can let anybody in."""
    for file in channel.files:
        trusted = file.kind in ("authorities", "truststore")
        if trusted and file.mode is not None and file.mode & stat.S_IWOTH:
            yield Breach("everybody on this machine can change whom this node trusts", "chmod o-w", where=file.path)


def encryption(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """A key in clear is fine in a file that is closed; one behind weak encryption only seems to be protected."""
    for file in channel.files:
        if file.format != "jks" and any(weak in file.encryption for weak in _WEAK):
            yield Breach(
                f"it is encrypted with {file.encryption}, which is weak",
                "write it anew: 'openssl pkcs12 -export' of OpenSSL 3, keytool of Java 17, 'isthmus certutil'",
                where=file.path,
                severity=None if file.kind in ("key", "keystore") else "note",
            )


def old_format(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """JKS guards keys by SHA-1 alone; Java itself has left it for PKCS#12."""
    for file in channel.files:
        if file.format.lower() == "jks":
            yield Breach(
                "it is a JKS file, an old format with weak protection",
                "keytool -importkeystore -deststoretype PKCS12 writes it as PKCS#12",
                where=file.path,
                severity="warning" if file.kind == "keystore" else None,
            )
