"""What a person is told before an existing CA signs."""

from __future__ import annotations

import click

from isthmus.cli.certutil.authorities import flaws_of
from isthmus.cli.certutil.issuing import Signer


def warn_of_flaws(signer: Signer) -> bool:
    """Tell on standard error which rules the CA breaks and whether it ends early; give whether it breaks any."""
    flaws = flaws_of(signer.authority) if signer.authority else []
    for flaw in flaws:
        click.echo(f"warning: {flaw}", err=True)
    capped = signer.capped_at()
    if capped:
        click.echo(f"warning: the certificates end with their CA, on {capped:%Y-%m-%d}", err=True)
    return bool(flaws)
