"""Who fails to log in again and again waits longer and longer, and is forgiven in time."""

from __future__ import annotations

from isthmus.security.throttle import FREE, LONGEST, MAX_ORIGINS, Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_few_failures_cost_nothing_and_many_cost_more_each() -> None:
    throttle = Throttle(Clock())
    delays = [throttle.failed("10.0.0.1") for _ in range(200)]
    assert delays[:FREE] == [0.0] * FREE
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST


def test_one_address_does_not_slow_down_another() -> None:
    throttle = Throttle(Clock())
    for _ in range(100):
        throttle.failed("10.0.0.1")
    assert throttle.failed("10.0.0.2") == 0.0


def test_failures_are_forgotten_in_time() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(100):
        throttle.failed("10.0.0.1")
    clock.now = 600
    assert throttle.failed("10.0.0.1") == 0.0


def test_the_memory_of_addresses_is_bounded() -> None:
    throttle = Throttle(Clock())
    for number in range(MAX_ORIGINS + 10):
        throttle.failed(str(number))
    assert len(throttle._failures) == MAX_ORIGINS
