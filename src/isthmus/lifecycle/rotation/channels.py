"""What can be rotated. A further channel is a line here, and an address in the inventory."""

from __future__ import annotations

from dataclasses import dataclass

from isthmus.lifecycle.probing.greeting import Channel
from isthmus.pki.profiles import HTTP, TRANSPORT, Profile


@dataclass(frozen=True)
class Rotatable:
    """One channel: the `profile` of its leaves and the question that its port answers (`greeting`).

    `judges`: its port asks each peer for a certificate, so that whom it trusts can be seen by dialling it.
    `known_to_clients`: those who dial it are not the nodes alone.
    """

    name: str
    profile: Profile
    greeting: Channel
    judges: bool
    known_to_clients: bool


ROTATABLE = {
    one.name: one
    for one in (
        Rotatable("transport", TRANSPORT, "transport", judges=True, known_to_clients=False),
        Rotatable("http", HTTP, "http", judges=False, known_to_clients=True),
    )
}
CHANNELS = tuple(ROTATABLE)
