"""`isthmus keystore` on a terminal: what a person types stays unseen, and nothing is lost without asking."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from isthmus.keystore import Keystore
from isthmus.keystore.format import MIN_COST, seal
from tests.cli.keystore.conftest import Person

NAME = "bootstrap.password"
TLS_NAME = "xpack.security.transport.ssl.keystore.secure_password"
SECRET = "Zkq7pL0wXvB2"


def answer(terminal: pexpect.spawn[str], question: str, text: str) -> str:
    """Wait for the question, type the answer, and return what stood on the screen before."""
    terminal.expect_exact(question)
    terminal.expect_exact(": ")
    seen = terminal.before or ""
    terminal.sendline(text)
    return seen


def rest(terminal: pexpect.spawn[str]) -> tuple[int | None, str]:
    """Return the exit status and what stood on the screen since the last answer."""
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus, terminal.before or ""


def test_values_are_typed_unseen(person: Person, keystore: Keystore, path: Path) -> None:
    terminal = person("add", TLS_NAME, "cluster.remote.london.credentials")
    screen = answer(terminal, f"Enter value for {TLS_NAME}", SECRET)
    screen += answer(terminal, "Enter value for cluster.remote.london.credentials", SECRET)
    status, last = rest(terminal)
    assert status == 0
    assert SECRET not in screen + last
    assert Keystore.load(path).get("cluster.remote.london.credentials") == SECRET


def test_a_password_is_typed_twice_and_unseen(person: Person, path: Path) -> None:
    terminal = person("create", "-p")
    screen = answer(terminal, "Enter new password for the keystore", SECRET)
    screen += answer(terminal, "Enter same password again", SECRET)
    status, last = rest(terminal)
    assert status == 0
    assert SECRET not in screen + last
    assert Keystore.load(path, SECRET).has_password()


def test_the_password_is_asked_for_unseen_before_anything_else(person: Person, path: Path) -> None:
    path.write_bytes(seal({NAME: "shown"}, SECRET, MIN_COST))
    terminal = person("show", NAME)
    screen = answer(terminal, "Enter password for the keystore", SECRET)
    status, last = rest(terminal)
    assert (status, last.strip()) == (0, "shown")
    assert SECRET not in screen + last


def test_passwords_that_differ_change_nothing(person: Person, keystore: Keystore, path: Path) -> None:
    terminal = person("passwd")
    answer(terminal, "Enter new password", "one")
    answer(terminal, "Enter same password again", "two")
    status, last = rest(terminal)
    assert status == 64
    assert "differ" in last
    assert not Keystore.load(path).has_password()


@pytest.mark.parametrize(("agrees", "kept"), [("n", "first secret"), ("", "first secret"), ("y", SECRET)])
def test_a_value_is_overwritten_only_if_a_person_agrees(
    person: Person, keystore: Keystore, path: Path, agrees: str, kept: str
) -> None:
    terminal = person("add", NAME)
    answer(terminal, "Overwrite it?", agrees)
    if agrees == "y":
        answer(terminal, "Enter value", SECRET)
    assert rest(terminal)[0] == 0
    assert Keystore.load(path).get(NAME) == kept


@pytest.mark.parametrize("agrees", ["n", "y"])
def test_add_offers_to_make_a_missing_keystore(person: Person, path: Path, agrees: str) -> None:
    terminal = person("add", NAME)
    answer(terminal, "Do you want to create it?", agrees)
    if agrees == "y":
        answer(terminal, "Enter value", SECRET)
    assert rest(terminal)[0] == 0
    assert path.exists() == (agrees == "y")


@pytest.mark.parametrize(("agrees", "names"), [("n", [NAME, "keystore.seed"]), ("y", ["keystore.seed"])])
def test_create_empties_a_keystore_only_if_a_person_agrees(
    person: Person, keystore: Keystore, path: Path, agrees: str, names: list[str]
) -> None:
    terminal = person("create")
    answer(terminal, "Forget all it holds?", agrees)
    assert rest(terminal)[0] == 0
    assert Keystore.load(path).names() == names


def test_create_does_not_even_ask_to_overwrite_a_damaged_keystore(
    person: Person, keystore: Keystore, path: Path
) -> None:
    damaged = path.read_bytes()[:-1]
    path.write_bytes(damaged)
    status, last = rest(person("create"))
    assert status == 65
    assert "damaged or cut short" in last
    assert path.read_bytes() == damaged


def test_what_is_no_plain_text_is_not_shown_on_a_terminal(person: Person, keystore: Keystore) -> None:
    for value in (b"\xff\x00", b"\x1b[31mred"):
        keystore.put("file", value)
        keystore.save()
        status, last = rest(person("show", "file"))
        assert status == 74
        assert "-o" in last
        assert "red" not in last
