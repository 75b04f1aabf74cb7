"""Carries a rotation out, forward or back, telling each step on the terminal."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

from isthmus.cli.rotate.told import timeline
from isthmus.cli.rotate.work import ask_password
from isthmus.errors import ConfigError
from isthmus.lifecycle.rotation.driver import Driver
from isthmus.lifecycle.rotation.events import goes_back, is_done
from isthmus.lifecycle.rotation.journal import Journal
from isthmus.lifecycle.rotation.knocking import Knocker
from isthmus.lifecycle.rotation.lapsed import lapsed_leaves, old_leaves
from isthmus.lifecycle.rotation.leaves import Papers
from isthmus.lifecycle.rotation.site import LiveSite
from isthmus.lifecycle.rotation.survey import survey
from isthmus.lifecycle.rotation.vouching import vouchers_of
from isthmus.pki.rotation import Vouchers

Way = Literal["apply", "resume", "abort", "recover"]


def carry_out(work: Path, way: Way, *, patience: float, clients_ready: bool) -> None:
    """Carry out the rotation in `work`: `abort` goes back to the old certificates, `recover` gives all at once.

    Raises ConfigError where the rotation is not fit for that way, and what the driver raises; the journal holds all
    that was done.
    """
    with contextlib.closing(Journal.resume(work)) as journal:
        papers = Papers(work)
        vouchers = vouchers_of(journal.plan, papers)
        lapsed = lapsed_leaves(journal.plan, papers, vouchers, datetime.now(UTC))
        _point(journal, way, lapsed)
        if is_done(journal.events):
            click.echo(_last_words(journal, lapsed))
            return
        driver = _driver(journal, papers, vouchers, patience, clients_ready)
        asyncio.run(driver.recover() if way == "recover" else driver.run())
        click.echo("\n".join(["", *timeline(journal.events)]))
        click.echo(_last_words(journal, lapsed))


def _point(journal: Journal, way: Way, lapsed: Collection[str]) -> None:
    """Turn the rotation round if it is to go back; a rotation that does is not turned round again."""
    back, work = goes_back(journal.events), journal.path.parent
    if back and way in ("apply", "recover"):
        raise ConfigError(
            "this rotation was told to go back",
            where=str(work),
            hint="end that with 'isthmus rotate resume', and plan anew in another folder",
        )
    if way == "recover":
        _must_have_lapsed(lapsed, work)
    if way == "abort" and not back:
        _must_be_there_to_go_back_to(lapsed, work)
        journal.add("back")


def _must_have_lapsed(lapsed: Collection[str], work: Path) -> None:
    if not lapsed:
        raise ConfigError(
            "none of the old certificates has expired, so the cluster need not go without trust for a moment",
            where=str(work),
            hint="carry the plan out with 'isthmus rotate apply'",
        )


def _must_be_there_to_go_back_to(lapsed: Collection[str], work: Path) -> None:
    if lapsed:
        raise ConfigError(
            f"{len(lapsed)} of the old certificates have expired, so there is nothing to go back to",
            where=str(work),
            hint="go on with 'isthmus rotate resume'",
        )


def _driver(journal: Journal, papers: Papers, vouchers: Vouchers, patience: float, clients_ready: bool) -> Driver:
    plan = journal.plan
    found = survey(plan.inventory, plan.asked, ask_password)
    site = LiveSite(plan, found.places, papers, vouchers, Knocker(papers), people_ready=clients_ready)
    begun = time.monotonic()
    return Driver(journal, site, vouchers, lambda line: _tell(line, begun), patience=patience)


def _tell(line: str, begun: float) -> None:
    click.echo(f"{time.monotonic() - begun:7.1f} s  {line}")


def _last_words(journal: Journal, lapsed: frozenset[str]) -> str:
    if goes_back(journal.events):
        return "Done: the cluster is back on its old certificates."
    if journal.plan.changes_authority and not journal.plan.changes_leaves:
        return "Done: every node trusts the renewed CA."
    if journal.plan.changes_authority and lapsed >= old_leaves(journal.plan):
        return (
            "Done: every node serves its new certificate, and its files no longer trust the old CA. That this was "
            "taken up could not be seen: all keys of the old CA have expired, and are refused for that."
        )
    if journal.plan.changes_authority:
        return "Done: every node serves its new certificate, and keys of the old CA were seen to be refused."
    return "Done: every node serves its new certificate."
