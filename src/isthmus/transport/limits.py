"""What a peer may cost: bytes, entries, connections and seconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from isthmus.tls.judging import GRACE_SECONDS
from isthmus.wire.frames import FrameLimits

_HANDSHAKES_ONLY = FrameLimits(max_message=64 * 1024, max_header=8 * 1024, max_header_entries=16)


@dataclass(frozen=True)
class TransportLimits:
    """Bounds of the transport. Times are in seconds, sizes in bytes.

    `anonymous_frames` bounds the messages of a peer without a verified certificate, which has only handshakes to say;
    `max_anonymous` is how many of them may be connected or shaking hands at once, the oldest gives way.
    `max_outstanding` bounds the requests of one connection that wait for an answer. `grace` is how long requests in
    flight may go on, on a connection that must end.
    """

    frames: FrameLimits = field(default_factory=FrameLimits)
    anonymous_frames: FrameLimits = _HANDSHAKES_ONLY
    max_anonymous: int = 256
    max_outstanding: int = 4_096
    write_high_water: int = 1024 * 1024
    tls_handshake_timeout: float = 10.0
    anonymous_idle_timeout: float = 30.0
    frame_timeout: float = 30.0
    stalled_write_timeout: float = 60.0
    close_timeout: float = 2.0
    grace: float = GRACE_SECONDS
    sweep_interval: float = 0.1
