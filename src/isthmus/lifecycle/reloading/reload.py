"""When to read a channel's files anew. Pure: digests and moments in, decisions out.

Files change one after the other, and none of them all at once: a key before its certificate, a bundle in two writes.
What has changed is therefore read when it has been still for SETTLE_SECONDS, and read again if it changed meanwhile.
What cannot be used is tried again with each look, and told once for each reason; what was served goes on being served.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

Digests = Mapping[str, str]
"""What each file held, by its path: a digest of its content, or why it cannot be read."""

SETTLE_SECONDS = 1.0


class Step(Enum):
    """What to do after a look at the files."""

    REST = "nothing changed"
    LOOK_AGAIN = "the files change: look again when they could be still"
    READ = "read the files, then look at them again"


class Outcome(Enum):
    """What to do with what was read."""

    SERVE = "serve it"
    LOOK_AGAIN = "it changed while it was read"
    REPORT = "tell why it cannot be used"
    KEEP = "it cannot be used, and that was told"


@dataclass(frozen=True)
class Watch:
    """What is known of the files of a channel.

    `served` are the digests of what is served (None: not known, as before the first look), `changed` other ones that
    were first seen at `since`, `trouble` why these cannot be used.
    """

    served: Digests | None = None
    changed: Digests | None = None
    since: float = 0.0
    trouble: str | None = None


def look(watch: Watch, found: Digests, now: float, *, asked: bool = False) -> tuple[Watch, Step]:
    """Judge what the files hold `now` (seconds); `asked`: somebody says that they are complete."""
    if found == watch.served:
        return Watch(served=found), Step.READ if asked else Step.REST
    if found != watch.changed:
        watch = replace(watch, changed=found, since=now)
    still = now - watch.since >= SETTLE_SECONDS
    return watch, Step.READ if asked or still else Step.LOOK_AGAIN


def judge(watch: Watch, before: Digests, after: Digests, failure: str | None, now: float) -> tuple[Watch, Outcome]:
    """Judge what was read between two looks that found `before` and `after`; `failure` says why it cannot be used."""
    if before != after:
        return replace(watch, changed=after, since=now), Outcome.LOOK_AGAIN
    if failure is None:
        return Watch(served=after), Outcome.SERVE
    told = watch.trouble == failure
    return replace(watch, changed=after, trouble=failure), Outcome.KEEP if told else Outcome.REPORT
