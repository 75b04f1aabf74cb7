"""`isthmus doctor`: judges configuration folders and certificate files, one or many together.

looking       the arguments, read            surroundings  public CAs, --organisation-ca, --elsewhere
text          the report for a terminal      matrix_text   who trusts whom, drawn in it
html          the report as one page         timeline      when what expires, as SVG
machines      --json and --junit             wording       words that all of them use
"""

from __future__ import annotations

import click


@click.command()
@click.argument("paths", metavar="CONF_DIR|FILE...", nargs=-1)
@click.option("--strict", is_flag=True, help="Exit with 1 if there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--html", metavar="FILE", help="Write the report as one HTML page too.")
@click.option("--junit", metavar="FILE", help="Write the report as JUnit XML too.")
@click.option("--organisation-ca", metavar="FILE", multiple=True, help="CAs that serve a whole organisation.")
@click.option("--elsewhere", metavar="FILE", multiple=True, help="Certificates in use outside this cluster.")
@click.option("--live", metavar="HOST:PORT", multiple=True, help="Look at listening ports.")
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
) -> int:
    """Judge configuration folders of Isthmus, Elasticsearch or OpenSearch, and certificates, keys and stores.

    Several folders are judged as one cluster: does each node trust every other, in both directions? Nothing is
    changed. The exit status is 0 if nothing is wrong, 1 for warnings with --strict, 2 for errors.
    """
    from datetime import UTC, datetime

    from isthmus.cli.doctor import machines, output
    from isthmus.cli.doctor.html import page
    from isthmus.cli.doctor.looking import look
    from isthmus.cli.doctor.surroundings import circumstances, missing_store
    from isthmus.cli.doctor.text import print_report
    from isthmus.errors import UsageError
    from isthmus.lifecycle.diagnosis import diagnose

    if live:
        raise UsageError("--live is not there yet", hint="name configuration folders or files")
    if not paths:
        raise UsageError("nothing was named", hint="name configuration folders, certificates, keys or stores")
    around = circumstances(datetime.now(UTC), organisation_ca, elsewhere)
    subjects, findings = look(paths, around)
    diagnosis = diagnose(subjects, [*findings, *missing_store()], around.now)
    if html is not None:
        output.write(html, page(diagnosis))
    if junit is not None:
        output.write(junit, machines.junit(diagnosis, strict=strict))
    if as_json:
        click.echo(machines.as_json(diagnosis, strict=strict))
    else:
        print_report(diagnosis)
    return diagnosis.status(strict=strict)
