"""Dates of leaf, CAs above it and trusted CAs, at the moment of the circumstances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from cryptography import x509

from isthmus.pki.rules.facts import ChannelFacts, Circumstances, NodeFacts
from isthmus.pki.rules.rule import Breach, Severity
from isthmus.pki.rules.subjects import other_trusted, own, path, shown

_DAY = timedelta(days=1)
_STEPS: tuple[tuple[int, Severity], ...] = ((1, "error"), (7, "warning"), (14, "warning"), (30, "note"))
_TOGETHER = timedelta(hours=1)
_LONG = 825 * _DAY
_Dated = tuple[str, x509.Certificate, bool]


def expired(channel: ChannelFacts, _node: NodeFacts, circumstances: Circumstances) -> Iterator[Breach]:
    """A trusted CA that this channel does not stand on is only left over."""
    for kind, one, needed in _dated(channel):
        if one.not_valid_after_utc < circumstances.now:
            yield Breach(
                f"the {kind} {shown(one)} expired on {_minute(one)}",
                "renew it" if needed else "remove it, or renew it if other nodes' certificates lead to it",
                severity=None if needed else "warning",
            )


def not_yet_valid(channel: ChannelFacts, _node: NodeFacts, circumstances: Circumstances) -> Iterator[Breach]:
    """Mostly a clock that is wrong."""
    for kind, one, needed in _dated(channel):
        if one.not_valid_before_utc > circumstances.now:
            yield Breach(
                f"the {kind} {shown(one)} is valid only from {one.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
                "check the clock, or wait",
                severity=None if needed else "warning",
            )


def expires_soon(channel: ChannelFacts, _node: NodeFacts, circumstances: Circumstances) -> Iterator[Breach]:
    """Told 30, 14, 7 and 1 days ahead, and the more severely the nearer."""
    for kind, one, _ in _dated(channel):
        left = one.not_valid_after_utc - circumstances.now
        step = next(((days, severity) for days, severity in _STEPS if left <= days * _DAY), None)
        if step and left >= timedelta():
            within = "1 day" if step[0] == 1 else f"{step[0]} days"
            mend = f"renew it before {_minute(one)}; nodes take a new file without a restart"
            yield Breach(f"the {kind} {shown(one)} expires within {within}", mend, severity=step[1])


def outlives_issuer(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """The leaf is refused from the day its CA expires, earlier than its own date lets one think.

    Tools that give CA and leaf the same number of days let them expire seconds apart, and nobody is misled by that.
    """
    way = path(channel)
    first = min(way[1:], key=lambda one: one.not_valid_after_utc, default=None)
    if first is not None and first.not_valid_after_utc + _TOGETHER < way[0].not_valid_after_utc:
        yield Breach(
            f"the certificate {shown(way[0])} outlives its CA {shown(first)}, which expires on {_minute(first)}",
            "renew the CA in time, and issue certificates that end before it",
        )


def long_validity(channel: ChannelFacts, _node: NodeFacts, _circumstances: Circumstances) -> Iterator[Breach]:
    """Some clients (Apple's) refuse servers whose certificate is valid for longer."""
    for one in channel.presented[:1]:
        if one.not_valid_after_utc - one.not_valid_before_utc > _LONG:
            yield Breach(
                f"the certificate {shown(one)} is valid for more than {_LONG.days} days",
                "issue shorter ones and renew them by routine",
            )


def _dated(channel: ChannelFacts) -> Iterator[_Dated]:
    yield from ((kind, one, True) for kind, one in own(channel))
    yield from (("trusted certificate", one, False) for one in other_trusted(channel))


def _minute(certificate: x509.Certificate) -> str:
    return f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
