"""What a person sees at a terminal: questions in order, passwords unseen, a bar when it takes long."""

from __future__ import annotations

import io
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from isthmus.pki.bundles import load_pkcs12
from isthmus.pki.keys import is_encrypted
from tests.cli.certutil.calling import members, unzip

PROGRAM = "from isthmus.cli.main import main; main()"
IMPATIENT = "import isthmus.cli.certutil.progress as progress; progress.PATIENCE_SECONDS = 0.0; "


def _heed_interrupts() -> None:
    """A shell's background jobs, and all that they start, ignore Control-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Person:
    """Someone at a terminal who starts certutil; `seen` is all that was on the screen."""

    def __init__(self, folder: Path, *arguments: str, before: str = "") -> None:
        command = ["-c", before + PROGRAM, "certutil", *arguments]
        self.child = pexpect.spawn(
            sys.executable,
            command,
            cwd=str(folder),
            encoding="utf-8",
            timeout=30,
            dimensions=(24, 200),
            preexec_fn=_heed_interrupts,
        )
        self._screen = io.StringIO()
        self.child.logfile_read = self._screen

    @property
    def seen(self) -> str:
        return self._screen.getvalue()

    def answers(self, question: str, answer: str) -> None:
        self.child.expect_exact(question)
        self.child.expect_exact(": ")
        self.child.sendline(answer)

    def leaves(self) -> int:
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus is not None
        return self.child.exitstatus


def test_ca_asks_for_file_and_password_unseen(tmp_path: Path) -> None:
    person = Person(tmp_path, "ca")
    person.answers("Please enter the desired output file [elastic-stack-ca.p12]", "mine.p12")
    person.answers("Enter password for mine.p12", "geheim")
    person.answers("Enter password for mine.p12 again", "geheim")
    assert person.leaves() == 0, person.seen
    assert "geheim" not in person.seen
    assert load_pkcs12((tmp_path / "mine.p12").read_bytes(), "geheim", "x").key


def test_an_empty_answer_takes_the_default_file_and_no_password(tmp_path: Path) -> None:
    person = Person(tmp_path, "ca")
    person.answers("Please enter the desired output file", "")
    person.answers("Enter password for elastic-stack-ca.p12", "")
    assert person.leaves() == 0, person.seen
    assert load_pkcs12((tmp_path / "elastic-stack-ca.p12").read_bytes(), "", "x").key


def test_two_passwords_that_differ_write_nothing(tmp_path: Path) -> None:
    person = Person(tmp_path, "ca", "--out", "a.p12")
    person.answers("Enter password for a.p12", "one")
    person.answers("again", "two")
    assert person.leaves() == 64
    assert "the two passwords differ" in person.seen
    assert list(tmp_path.iterdir()) == []


def test_a_pem_ca_asks_for_no_password_unless_the_flag_stands_alone(tmp_path: Path) -> None:
    assert Person(tmp_path, "ca", "--pem", "--out", "a.zip").leaves() == 0
    person = Person(tmp_path, "ca", "--pem", "--out", "b.zip", "--pass")
    person.answers("Enter password for b.zip", "x")
    person.answers("again", "x")
    assert person.leaves() == 0, person.seen
    assert is_encrypted((unzip(tmp_path / "b.zip") / "ca" / "ca.key").read_bytes())


def test_cert_asks_for_the_ca_password_the_file_and_its_password(tmp_path: Path) -> None:
    assert Person(tmp_path, "ca", "--out", "ca.p12", "--pass", "secret").leaves() == 0
    person = Person(tmp_path, "cert", "--ca", "ca.p12")
    person.answers("Enter password for CA (ca.p12)", "secret")
    person.answers("Please enter the desired output file [elastic-certificates.p12]", "")
    person.answers("Enter password for elastic-certificates.p12", "")
    assert person.leaves() == 0, person.seen
    assert "secret" not in person.seen
    assert load_pkcs12((tmp_path / "elastic-certificates.p12").read_bytes(), "", "x").key


def test_multiple_asks_for_each_instance_and_leaves_bad_ones_out(tmp_path: Path) -> None:
    person = Person(tmp_path, "cert", "--multiple", "--pem", "--out", "a.zip")
    for name, address in (("node1", "127.0.0.1, ::1"), ("node2", "nonsense"), ("node3", "")):
        person.answers("Enter instance name", name)
        person.answers(f"Enter name for directories and files [{name}]", "")
        person.answers("Enter IP Addresses for instance", address)
        person.answers("Enter DNS names for instance", "a.example,b.example")
        person.answers("Would you like to specify another instance?", "n" if name == "node3" else "y")
    assert person.leaves() == 0, person.seen
    assert "[nonsense] is not an IP address" in person.seen
    assert [name for name in members(tmp_path / "a.zip") if name.endswith(".key")] == [
        "node1/node1.key",
        "node3/node3.key",
    ]


def test_a_name_that_makes_no_file_asks_for_one(tmp_path: Path) -> None:
    person = Person(tmp_path, "cert", "--name", "*.example", "--pem", "--out", "a.zip")
    person.answers("Enter name for directories and files of *.example", "wild")
    assert person.leaves() == 0, person.seen
    assert members(tmp_path / "a.zip")[1:] == ["wild/wild.crt", "wild/wild.key"]


@pytest.mark.parametrize("impatient", [True, False])
def test_a_bar_is_shown_to_who_has_to_wait(tmp_path: Path, impatient: bool) -> None:
    instances = "".join(f"  - name: node{at}\n" for at in range(20))
    (tmp_path / "instances.yml").write_text(f"instances:\n{instances}")
    before = IMPATIENT if impatient else ""
    person = Person(tmp_path, "cert", "--in", "instances.yml", "--pem", "--out", "a.zip", before=before)
    assert person.leaves() == 0, person.seen
    assert ("Making certificates" in person.seen) is impatient


def test_an_interrupted_question_ends_the_command_and_leaves_nothing(tmp_path: Path) -> None:
    person = Person(tmp_path, "ca", "--out", "a.p12")
    person.child.expect_exact("Enter password for a.p12")
    person.child.expect_exact(": ")
    person.child.sendcontrol("c")
    assert person.leaves() == 130
    assert list(tmp_path.iterdir()) == []
