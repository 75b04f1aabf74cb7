"""Carries a rotation out, forward or back, telling each step on the terminal."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import click

from isthmus.cli.rotate.told import timeline
from isthmus.cli.rotate.work import ask_password
from isthmus.lifecycle.rotation.driver import Driver
from isthmus.lifecycle.rotation.journal import Journal
from isthmus.lifecycle.rotation.knocking import Knocker
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.plan import goes_back
from isthmus.lifecycle.rotation.preparing import survey
from isthmus.lifecycle.rotation.site import LiveSite
from isthmus.lifecycle.rotation.vouching import vouchers_of


def carry_out(
    work: Path, *, patience: float, clients_ready: bool, back: bool = False, at_any_rate: bool = False
) -> None:
    """Carry out the rotation in `work`. `back`: to the old certificates. `at_any_rate`: the cluster is down, no gates.

    Raises what the driver raises; the journal holds all that was done.
    """
    journal = Journal.resume(work)
    try:
        if back and not goes_back(journal.events):
            journal.add("back")
        driver = _driver(journal, work, patience, clients_ready)
        asyncio.run(driver.recover() if at_any_rate else driver.run())
        click.echo("\n".join(["", *timeline(journal.events)]))
        click.echo(_last_words(journal))
    finally:
        journal.close()


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
        return "The cluster is back on its old certificates."
    if journal.plan.changes_authority:
        return "Done: every node serves its new certificate, and keys of the old CA were seen to be refused."
    return "Done: every node serves its new certificate."
