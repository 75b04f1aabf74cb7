"""Carries a rotation out, forward or back, telling each step on the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from isthmus.cli.rotate.told import timeline
from isthmus.cli.rotate.work import ask_password
from isthmus.errors import ConfigError
from isthmus.lifecycle.rotation.driver import Driver
from isthmus.lifecycle.rotation.journal import Journal
from isthmus.lifecycle.rotation.knocking import Knocker
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import Plan, goes_back, is_done
from isthmus.lifecycle.rotation.site import LiveSite
from isthmus.lifecycle.rotation.survey import survey
from isthmus.lifecycle.rotation.vouching import has_expired, vouchers_of

Way = Literal["apply", "resume", "abort", "recover"]


def carry_out(work: Path, way: Way, *, patience: float, clients_ready: bool) -> None:
    """Carry out the rotation in `work`: `abort` goes back to the old certificates, `recover` gives all at once.

    Raises ConfigError where the rotation is not fit for that way, and what the driver raises; the journal holds all
    that was done.
    """
    with contextlib.closing(Journal.resume(work)) as journal:
        _point(journal, way)
        if is_done(journal.events):
            click.echo(_last_words(journal))
            return
        driver = _driver(journal, work, patience, clients_ready)
        if way == "recover":
            _must_have_expired(journal.plan, Papers(work))
            asyncio.run(driver.recover())
        else:
            asyncio.run(driver.run())
        click.echo("\n".join(["", *timeline(journal.events)]))
        click.echo(_last_words(journal))


def _point(journal: Journal, way: Way) -> None:
    """Turn the rotation round if it is to go back; a rotation that does is not turned round again."""
    back = goes_back(journal.events)
    if back and way in ("apply", "recover"):
        raise ConfigError(
            "this rotation was told to go back",
            where=str(journal.path.parent),
            hint="end that with 'isthmus rotate resume', and plan anew in another folder",
        )
    if way == "abort" and not back:
        journal.add("back")


def _must_have_expired(plan: Plan, papers: Papers) -> None:
    if not has_expired(plan, papers, vouchers_of(plan, papers), datetime.now(UTC)):
        raise ConfigError(
            "the old certificates are still valid, and to replace all at once would cut the nodes off from each other",
            where=str(papers.folder),
            hint="'isthmus rotate apply' does it without downtime",
        )


def _driver(journal: Journal, work: Path, patience: float, clients_ready: bool) -> Driver:
    plan, papers = journal.plan, Papers(work)
    found = survey(plan.inventory, plan.asked, ask_password)
    vouchers = vouchers_of(plan, papers)
    site = LiveSite(plan, found.places, papers, vouchers, Knocker(papers), people_ready=clients_ready)
    begun = time.monotonic()
    return Driver(journal, site, vouchers, lambda line: _tell(line, begun), patience=patience)


def _tell(line: str, begun: float) -> None:
    click.echo(f"{time.monotonic() - begun:7.1f} s  {line}")


def _last_words(journal: Journal) -> str:
    if goes_back(journal.events):
        return "Done: the cluster is back on its old certificates."
    if journal.plan.changes_authority and journal.plan.changes_leaves:
        return "Done: every node serves its new certificate, and keys of the old CA were seen to be refused."
    if journal.plan.changes_authority:
        return "Done: every node trusts the renewed CA."
    return "Done: every node serves its new certificate."
