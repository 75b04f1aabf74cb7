"""`doctor --live`: dials ports and tells what they really do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography import x509
from rich.console import Console
from rich.markup import escape

from isthmus.cli.certutil import prompts
from isthmus.cli.certutil.input import read_file
from isthmus.errors import IntegrityError, UsageError
from isthmus.lifecycle.alien import name_for_people
from isthmus.lifecycle.line import split_address
from isthmus.lifecycle.port_findings import Expected, findings
from isthmus.lifecycle.probe import PortReport, probe
from isthmus.pki.bundles import Bundle, load_certificates, load_pem, load_store
from isthmus.pki.explain import fingerprint
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.rules.rule import Finding

_MOST_ADDRESSES = 1000
_ERRORS, _WARNINGS = 2, 1

_Judged = tuple[PortReport, tuple[Finding, ...]]


def run(
    addresses: Sequence[str],
    *,
    identity: Path | None = None,
    password_file: Path | None = None,
    ca: Path | None = None,
    expect: Path | None = None,
    timeout: float = 5.0,
    as_json: bool = False,
    strict: bool = False,
) -> int:
    """Probe `addresses`, print the report, and return the exit status: 2 with errors, 1 with warnings if `strict`.

    Raises UsageError for an address without host or port, NoInputError and DataError for files.
    """
    if len(addresses) > _MOST_ADDRESSES:
        raise UsageError(f"more than {_MOST_ADDRESSES} addresses", hint="ask for fewer at once")
    for address in addresses:
        split_address(address)
    bundle = None if identity is None else _identity(identity, password_file)
    trusted = None if ca is None else load_certificates(read_file(ca), str(ca))
    certificate = None if expect is None else load_certificates(read_file(expect), str(expect))[0]
    reports = asyncio.run(_probe_all(addresses, bundle, trusted, timeout))
    expected = Expected(datetime.now(UTC), trusted, certificate)
    judged = [(report, findings(report, expected)) for report in reports]
    if as_json:
        click.echo(json.dumps([_as_json(*one) for one in judged], indent=2))
    else:
        _print(judged)
    return _status([finding for _, found in judged for finding in found], strict=strict)


async def _probe_all(
    addresses: Sequence[str], identity: Bundle | None, trusted: Sequence[x509.Certificate] | None, timeout: float
) -> list[PortReport]:
    return [await probe(one, identity=identity, trusted=trusted, timeout=timeout) for one in addresses]


def _identity(path: Path, password_file: Path | None) -> Bundle:
    data, where = read_file(path), str(path)
    password = None if password_file is None else read_file(password_file).decode().rstrip("\r\n")
    try:
        return _open(data, password, where)
    except IntegrityError:
        if password is not None or not prompts.is_interactive():
            raise
    return _open(data, prompts.existing_password(where, "--identity-password-file"), where)


def _open(data: bytes, password: str | None, where: str) -> Bundle:
    if b"-----BEGIN" in data:
        return load_pem(data, data, None if password is None else password.encode(), where)
    return load_store(data, password, where)


def _status(found: Sequence[Finding], *, strict: bool) -> int:
    severities = {one.severity for one in found}
    if "error" in severities:
        return _ERRORS
    return _WARNINGS if strict and "warning" in severities else 0


def _print(judged: Sequence[_Judged]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for report, found in judged:
        console.print(f"[bold]{escape(report.address)}[/bold]")
        for name, value in _lines(report):
            console.print(f"  {name:<22}{escape(value)}")
        for one in found:
            console.print(f"  {one.severity.upper()} {escape(f'[{one.rule}] {one.sentence} ({one.mend})')}")
        if not found:
            console.print("  nothing is wrong")


def _lines(report: PortReport) -> list[tuple[str, str]]:
    lines = [("speaks", f"{report.protocol or 'nothing known'}{', with TLS' if report.tls else ''}")]
    if not report.tls:
        return lines
    seen = report.known if report.known is not None and report.known.protocol else report.nobody
    lines.append(("TLS versions", ", ".join(f"{name} {answer}" for name, answer in report.versions)))
    lines.append(("agreed on", f"{seen.protocol} {seen.cipher}".strip() or "nothing"))
    lines.append(("client certificate", report.client_authentication))
    lines.append(("asks for one of", ", ".join(map(name_for_people, seen.accepted_authorities)) or "no CA named"))
    lines.append(("foreign CA", report.alien))
    lines.append(("namesake of the CA", report.namesake))
    if seen.handshake is not None:
        who = seen.handshake
        lines.append(("node", f"{who.node_name} of cluster {who.cluster_name}, version {who.version}"))
    lines += [("serves", _described(one)) for one in report.served]
    return [*lines, ("said", seen.remark)] if seen.remark else lines


def _described(one: x509.Certificate) -> str:
    return (
        f"[{distinguished_name_text(one.subject)}] serial {one.serial_number:x} until "
        f"{one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC, sha256 {fingerprint(one)}"
    )


def _as_json(report: PortReport, found: Sequence[Finding]) -> dict[str, Any]:
    seen = report.known if report.known is not None and report.known.protocol else report.nobody
    who = seen.handshake
    return {
        "address": report.address,
        "protocol": report.protocol,
        "tls": report.tls,
        "versions": dict(report.versions),
        "agreed": {"protocol": seen.protocol, "cipher": seen.cipher},
        "client_authentication": report.client_authentication,
        "accepted_authorities": [name_for_people(one) for one in seen.accepted_authorities],
        "alien": report.alien,
        "namesake": report.namesake,
        "node": None
        if who is None
        else {"name": who.node_name, "cluster_name": who.cluster_name, "version": who.version},
        "served": [
            {
                "subject": distinguished_name_text(one.subject),
                "serial": f"{one.serial_number:x}",
                "sha256": fingerprint(one),
                "not_after": one.not_valid_after_utc.isoformat(),
            }
            for one in report.served
        ],
        "remark": seen.remark,
        "findings": [
            {"rule": one.rule, "severity": one.severity, "sentence": one.sentence, "mend": one.mend} for one in found
        ],
    }


_FILE = click.Path(path_type=Path)


@click.command("live")
@click.argument("addresses", metavar="HOST:PORT...", nargs=-1, required=True)
@click.option("--identity", type=_FILE, help="PKCS#12 or PEM file with the key and certificate to dial with.")
@click.option("--identity-password-file", "password_file", type=_FILE, help="File that holds its password.")
@click.option("--ca", type=_FILE, help="CA certificates to trust.")
@click.option("--expect", type=_FILE, help="The certificate that should be served.")
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=5.0, show_default=True, help="Seconds for a dial.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Exit with 1 if there are warnings.")
@click.pass_context
def command(context: click.Context, /, addresses: tuple[str, ...], **options: Any) -> None:
    """Dial ports and tell what they really do: protocol, TLS, the certificates they serve and those they take."""
    context.exit(run(addresses, **options))
