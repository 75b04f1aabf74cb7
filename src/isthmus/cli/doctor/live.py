"""`--live`: dials ports and judges what they really do, by the folders they belong to or by what options say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.input import read_file
from isthmus.errors import ConfigError, PasswordError, UsageError
from isthmus.lifecycle.diagnosis import Subject
from isthmus.lifecycle.folders import NodeFolder
from isthmus.lifecycle.folders.opensearch import in_its_words
from isthmus.lifecycle.probing.findings import Expected, findings
from isthmus.lifecycle.probing.line import split_address
from isthmus.lifecycle.probing.owner import Owner, owner
from isthmus.lifecycle.probing.port import PortReport
from isthmus.lifecycle.probing.probe import AT_ONCE, at_most, probe
from isthmus.lifecycle.probing.rules import port_facts
from isthmus.pki.bundles import Bundle, load_certificates, load_pem, load_store
from isthmus.pki.rules import Circumstances, Finding
from isthmus.tls.material import read_material

MOST_ADDRESSES = 1000
DEFAULT_TIMEOUT = 5.0


@dataclass(frozen=True, kw_only=True)
class LiveOptions:
    """The options that go with `--live`, as they were given."""

    identity: Path | None = None
    password_file: Path | None = None
    ca: Path | None = None
    expect: Path | None = None
    timeout: float | None = None


@dataclass(frozen=True)
class _Port:
    """A port to be dialled: with which identity, and what is expected of it."""

    address: str
    owner: Owner | None
    identity: Bundle | None
    expected: Expected


def check(addresses: Sequence[str], options: LiveOptions, *, has_folders: bool) -> None:
    """Raise UsageError for options that make no sense together, and for what is no address."""
    given = {
        "--identity": options.identity,
        "--identity-password-file": options.password_file,
        "--ca": options.ca,
        "--expect": options.expect,
        "--timeout": options.timeout,
    }
    lonely = [name for name, value in given.items() if value is not None]
    if not addresses and lonely:
        raise UsageError(f"{lonely[0]} says how to dial, and nothing is dialled", hint="name ports by --live")
    if options.password_file and not options.identity:
        raise UsageError("--identity-password-file goes with --identity", hint="name the file that it opens")
    if options.expect and len(addresses) > 1:
        raise UsageError("--expect is for one port", hint="ask for one port, or name the configuration folders")
    if options.expect and has_folders:
        raise UsageError(
            "--expect and configuration folders both say which certificate is expected", hint="leave one of them out"
        )
    if len(addresses) > MOST_ADDRESSES:
        raise UsageError(f"more than {MOST_ADDRESSES} addresses", hint="ask for fewer at once")
    for address in addresses:
        split_address(address)


def look_live(
    addresses: Sequence[str],
    options: LiveOptions,
    nodes: Sequence[NodeFolder],
    told: Iterable[Finding],
    around: Circumstances,
) -> tuple[list[Subject], list[Finding]]:
    """Dial `addresses` and judge them; what was `told` of a node's files is not told of its port again.

    Raises NoInputError, DataError and PasswordError for files that options name.
    """
    ports, notes = _ports(list(dict.fromkeys(addresses)), options, nodes)
    timeout = DEFAULT_TIMEOUT if options.timeout is None else options.timeout
    looks = [
        partial(probe, one.address, identity=one.identity, trusted=one.expected.trusted, timeout=timeout)
        for one in ports
    ]
    reports = asyncio.run(at_most(AT_ONCE, looks))
    known = {(one.node, one.rule, one.sentence) for one in told}
    found = [
        one
        for port, report in zip(ports, reports, strict=True)
        for one in _findings(port, report, around)
        if (port.expected.node, one.rule, one.sentence) not in known
    ]
    return [_subject(*pair) for pair in zip(ports, reports, strict=True)], [*notes, *found]


def _findings(port: _Port, report: PortReport, around: Circumstances) -> Iterable[Finding]:
    found = findings(report, port.expected, around)
    is_opensearch = port.owner is not None and port.owner.node.engine == "opensearch"
    return [in_its_words(one) for one in found] if is_opensearch else found


def _subject(port: _Port, report: PortReport) -> Subject:
    return Subject(port.address, port.address, port_facts(report, port.expected.trusted), port=report)


def _ports(
    addresses: Sequence[str], options: LiveOptions, nodes: Sequence[NodeFolder]
) -> tuple[list[_Port], list[Finding]]:
    given = None if options.identity is None else _identity(options.identity, options.password_file)
    common = Expected(
        trusted=None if options.ca is None else load_certificates(read_file(options.ca), str(options.ca)),
        tls=any((options.ca, options.identity, options.expect)),
        certificates={}
        if options.expect is None
        else {"": load_certificates(read_file(options.expect), str(options.expect))[0]},
    )
    ports: list[_Port] = []
    notes: list[Finding] = []
    for address in addresses:
        found = owner(address, nodes)
        if found is None:
            notes += [_note(address, "no folder that was named has this address and port")] if nodes else []
            ports.append(_Port(address, None, given, common))
            continue
        expected = found.expected()
        expected = replace(
            expected,
            trusted=common.trusted or expected.trusted,
            tls=expected.tls or common.tls,
            lets_us_in=expected.lets_us_in or given is not None,
        )
        identity, why = (given, "") if given is not None else _of_folder(found)
        notes += [_note(address, why)] if why else []
        ports.append(_Port(address, found, identity, expected))
    return ports, notes


def _of_folder(found: Owner) -> tuple[Bundle | None, str]:
    """Dial with the node's own certificate, as nodes do: the transport may be where its settings do not put it."""
    config = found.node.channels.get("transport")
    if config is None:
        return None, ""
    try:
        return read_material(config).bundle, ""
    except ConfigError as error:
        return None, f"it was dialled without the certificate of [{found.node.name}]: {error.reason}"


def _note(address: str, sentence: str) -> Finding:
    mend = "give --identity and --ca, or name the folder of this node"
    return Finding("live-unowned", "note", "isthmus doctor --live", address, "", address, sentence, mend)


def _identity(path: Path, password_file: Path | None) -> Bundle:
    data, where = read_file(path), str(path)
    password = None if password_file is None else read_file(password_file).decode().rstrip("\r\n")
    try:
        return _open(data, password, where)
    except PasswordError:
        if password is not None or not prompts.is_interactive():
            raise
    return _open(data, prompts.existing_password(where, "--identity-password-file"), where)


def _open(data: bytes, password: str | None, where: str) -> Bundle:
    if b"-----BEGIN" in data:
        return load_pem(data, data, None if password is None else password.encode(), where)
    return load_store(data, password, where)
