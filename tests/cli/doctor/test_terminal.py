"""A person at a terminal is asked for the passwords that no keystore gives, once each and unseen."""

from __future__ import annotations

import sys
from pathlib import Path

import pexpect
import pytest

from tests.certificates import make_ca
from tests.lifecycle.folders.writing import TRANSPORT, write_p12, write_yml


@pytest.mark.parametrize(("answer", "told"), [("test-secret", "CN=node"), ("wrong", "the password does not")])
def test_the_password_of_a_store_is_asked_for_without_echo(tmp_path: Path, answer: str, told: str) -> None:
    write_p12(make_ca(), tmp_path / "n1" / "node.p12", "test-secret")
    settings = {"node.name": "n1", f"{TRANSPORT}.enabled": True, f"{TRANSPORT}.keystore.path": "node.p12"}
    arguments = ["-m", "isthmus", "doctor", str(write_yml(tmp_path / "n1", settings))]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect_exact("Password of")
    child.expect_exact("not known): ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    said = str(child.before)
    child.close()
    assert told in said, said
    assert answer not in said
    assert "Password of" not in said
