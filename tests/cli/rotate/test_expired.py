"""`rotate recover` and `rotate abort` where old certificates have had their time, and where they have not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.certificates import Authority, make_ca
from tests.cli.certutil.calling import Result
from tests.cli.doctor.conftest import Call, isthmus
from tests.lifecycle.folders.writing import pem_node, settings_of, write_yml

__all__ = ["isthmus"]

VALID, EXPIRED = (-9, 300), (-9, -2)


@pytest.fixture
def ca() -> Authority:
    return make_ca("old CA")


def planned(call: Call, folder: Path, ca: Authority, days: tuple[int, int]) -> Result:
    """Plan a new CA for two nodes, whose certificates are valid for `days`."""
    for number, name in enumerate(("node-1", "node-2"), 1):
        pem_node(folder / name, ca, name)
        ca.issue(name, days=days).write(folder / name / "certs")
        write_yml(folder / name, settings_of(name, **{"transport.port": number}))
    return call("rotate", "plan", "--new-ca", "node-1", "node-2")


def test_a_plan_for_certificates_that_have_expired_says_how_to_carry_it_out(
    isthmus: Call, tmp_path: Path, ca: Authority
) -> None:
    assert "isthmus rotate recover" in planned(isthmus, tmp_path, ca, EXPIRED).out


def test_a_plan_for_certificates_that_are_valid_is_applied_and_not_recovered(
    isthmus: Call, tmp_path: Path, ca: Authority
) -> None:
    assert "isthmus rotate apply" in planned(isthmus, tmp_path, ca, VALID).out
    before = (tmp_path / "node-1" / "certs" / "node.crt").read_bytes()
    done = isthmus("rotate", "recover")
    assert done.status != 0
    assert "none of the old certificates has expired" in done.err
    assert (tmp_path / "node-1" / "certs" / "node.crt").read_bytes() == before


def test_nobody_goes_back_to_certificates_that_have_expired(isthmus: Call, tmp_path: Path, ca: Authority) -> None:
    planned(isthmus, tmp_path, ca, EXPIRED)
    done = isthmus("rotate", "abort")
    assert done.status != 0
    assert "2 of the old certificates have expired" in done.err
