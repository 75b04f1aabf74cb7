"""`isthmus doctor`: judges configuration folders, certificate files and listening ports, one or many together.

looking       the arguments, read            surroundings  public CAs, --organisation-ca, --elsewhere
live          the ports of --live, dialled   seen          what was seen of a port, in words
text          the report for a terminal      matrix_text   who trusts whom, drawn in it
html          the report as one page         timeline      when what expires, as SVG
machines      --json and --junit             wording       words that all of them use
"""

from __future__ import annotations

from pathlib import Path

import click

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("paths", metavar="[CONF_DIR|FILE]...", nargs=-1)
@click.option("--strict", is_flag=True, help="Exit with 1 if there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--html", metavar="FILE", help="Write the report as one HTML page too.")
@click.option("--junit", metavar="FILE", help="Write the report as JUnit XML too.")
@click.option("--organisation-ca", metavar="FILE", multiple=True, help="CAs that serve a whole organisation.")
@click.option("--elsewhere", metavar="FILE", multiple=True, help="Certificates in use outside this cluster.")
@click.option("--live", metavar="HOST:PORT...", multiple=True, help="Dial ports, and judge what they really do.")
@click.option("--identity", type=_FILE, help="PKCS#12, JKS or PEM file with the key and certificate to dial with.")
@click.option("--identity-password-file", "password_file", type=_FILE, help="File that holds its password.")
@click.option("--ca", type=_FILE, help="CA certificates that what the ports serve must lead to.")
@click.option("--expect", type=_FILE, help="The certificate that the port should serve.")
@click.option("--timeout", type=click.FloatRange(0.1, 60), help="Seconds for a dial (default: 5).")
def command(
    *,
    paths: tuple[str, ...],
    strict: bool,
    as_json: bool,
    html: str | None,
    junit: str | None,
    organisation_ca: tuple[str, ...],
    elsewhere: tuple[str, ...],
    live: tuple[str, ...],
    identity: Path | None,
    password_file: Path | None,
    ca: Path | None,
    expect: Path | None,
    timeout: float | None,
) -> int:
    """Judge configuration folders of Isthmus, Elasticsearch or OpenSearch, and certificates, keys and stores.

    Several folders are judged as one cluster: does each node trust every other, in both directions? Nothing is
    changed. The exit status is 0 if nothing is wrong, 1 for warnings with --strict, 2 for errors.

    With --live ports are dialled, with and without certificates; they log some of these dials as refused. Whose port
    it is, with which certificate it is dialled and which it should serve, the configuration folders tell that are
    named too, else the options. Without --live nothing is dialled.
    """
    from datetime import UTC, datetime

    from isthmus.cli.doctor import machines, output
    from isthmus.cli.doctor.html import page
    from isthmus.cli.doctor.live import LiveOptions, check, look_live
    from isthmus.cli.doctor.looking import is_address, look
    from isthmus.cli.doctor.surroundings import circumstances, missing_store
    from isthmus.cli.doctor.text import print_report
    from isthmus.errors import UsageError
    from isthmus.lifecycle.diagnosis import diagnose

    addresses = [*live, *(path for path in paths if live and is_address(path))]
    files = [path for path in paths if path not in addresses]
    options = LiveOptions(identity=identity, password_file=password_file, ca=ca, expect=expect, timeout=timeout)
    if not paths and not live:
        raise UsageError("nothing was named", hint="name configuration folders, certificates, keys or stores")
    check(addresses, options, has_folders=any(Path(path).is_dir() for path in files))
    around = circumstances(datetime.now(UTC), organisation_ca, elsewhere)
    seen = look(files, around)
    subjects, findings = look_live(addresses, options, seen.folders, seen.findings, around)
    everything = [*seen.findings, *findings, *(missing_store() if files else ())]
    diagnosis = diagnose([*seen.subjects, *subjects], everything, around.now)
    if html is not None:
        output.write(html, page(diagnosis))
    if junit is not None:
        output.write(junit, machines.junit(diagnosis, strict=strict))
    if as_json:
        click.echo(machines.as_json(diagnosis, strict=strict))
    else:
        print_report(diagnosis)
    return diagnosis.status(strict=strict)
