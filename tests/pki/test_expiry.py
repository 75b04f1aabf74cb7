"""Which certificates end soon, judged at moments around every threshold. Complaint P9: no warning until the crash."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from isthmus.pki.expiry import EXPIRED, endings, threshold_of
from tests.certificates import make_ca

END = datetime(2030, 6, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("before", "threshold"),
    [
        (timedelta(days=30, seconds=1), None),
        (timedelta(days=30), 30),
        (timedelta(days=14, seconds=1), 30),
        (timedelta(days=14), 14),
        (timedelta(days=7), 7),
        (timedelta(days=1, seconds=1), 7),
        (timedelta(days=1), 1),
        (timedelta(0), 1),
        (-SECOND, EXPIRED),
    ],
)
def test_the_threshold_is_the_least_that_was_passed(before: timedelta, threshold: int | None) -> None:
    assert threshold_of(END, END - before) == threshold


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(days=9, hours=5), "expires in 9 days, on"),
        (timedelta(days=1, hours=1), "expires in 1 day, on"),
        (timedelta(hours=5, minutes=1), "expires in 5 hours, on"),
        (timedelta(minutes=1), "expires in less than an hour, on"),
        (-SECOND, "expired on"),
    ],
)
def test_a_person_is_told_which_certificate_of_which_file_and_when(before: timedelta, said: str) -> None:
    certificate = make_ca("Old CA").certificate
    end = certificate.not_valid_after_utc
    (ending,) = endings([("certs/ca.crt", certificate)], end - before)
    name = f"[CN=Old CA] of [certs/ca.crt] (serial {certificate.serial_number:x})"
    assert f"the certificate {name} {said} {end:%Y-%m-%d %H:%M} UTC" in str(ending)


def test_the_most_urgent_comes_first_each_file_once_and_the_others_not_at_all() -> None:
    ca = make_ca()
    now = datetime.now(UTC)
    soon, sooner, late = (
        ca.issue(name, days=(-9, days)).certificate for name, days in (("b", 20), ("a", 5), ("c", 99))
    )
    uses = [("x", soon), ("y", sooner), ("x", soon), ("z", late), ("y", soon)]
    assert [(one.path, one.certificate) for one in endings(uses, now)] == [("y", sooner), ("x", soon), ("y", soon)]
