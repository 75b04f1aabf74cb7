"""`isthmus users` and `isthmus service-tokens` keep the files that a node, and Elasticsearch, read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bcrypt
import pexpect
import pytest

from isthmus.security.random_secrets import is_secret
from isthmus.security.service_accounts.stored import read_service_token

Run = Callable[..., "subprocess.CompletedProcess[str]"]
PASSWORD = "s3cret-of-jo"
TIMEOUT = 30


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def run(conf: Path) -> Run:
    """Run a command without a terminal."""

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "isthmus", *arguments],
            env={**os.environ, "ISTHMUS_PATH_CONF": str(conf)},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )

    return run


def add_jo(run: Run, *options: str) -> subprocess.CompletedProcess[str]:
    return run("users", "useradd", "jo", *options, stdin=f"{PASSWORD}\n")


def test_a_user_is_added_with_a_bcrypt_hash_and_roles_in_files_of_mode_600(run: Run, conf: Path) -> None:
    done = add_jo(run, "-r", "viewer,monitoring_user")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    name, _, hashed = (conf / "users").read_text().strip().partition(":")
    assert name == "jo"
    assert bcrypt.checkpw(PASSWORD.encode(), hashed.encode())
    assert (conf / "users_roles").read_text() == "viewer:jo\nmonitoring_user:jo\n"
    assert {stat.S_IMODE((conf / file).stat().st_mode) for file in ("users", "users_roles")} == {0o600}


def test_what_others_wrote_into_the_files_stays(run: Run, conf: Path) -> None:
    (conf / "users").write_text("# ours\nann:$2a$10$x\n")
    (conf / "users_roles").write_text("# ours\nviewer:ann\n")
    add_jo(run, "-r", "viewer")
    assert (conf / "users").read_text().startswith("# ours\nann:$2a$10$x\njo:")
    assert (conf / "users_roles").read_text() == "# ours\nviewer:ann,jo\n"
    assert run("users", "userdel", "jo").returncode == 0
    assert (conf / "users").read_text() == "# ours\nann:$2a$10$x\n"
    assert (conf / "users_roles").read_text() == "# ours\nviewer:ann\n"


def test_a_password_is_changed_and_the_place_of_the_line_is_kept(run: Run, conf: Path) -> None:
    add_jo(run)
    run("users", "useradd", "ann", stdin=f"{PASSWORD}\n")
    before = (conf / "users").read_text().splitlines()
    assert run("users", "passwd", "jo", stdin="another-secret\n").returncode == 0
    after = (conf / "users").read_text().splitlines()
    assert after[1] == before[1]
    assert bcrypt.checkpw(b"another-secret", after[0].partition(":")[2].encode())


def test_roles_are_given_taken_away_and_listed(run: Run, conf: Path) -> None:
    add_jo(run, "-r", "viewer")
    assert (
        run("users", "roles", "jo", "-a", "editor,superuser", "-r", "viewer").stdout
        == "jo             : editor,superuser\n"
    )
    run("users", "useradd", "ann", stdin=f"{PASSWORD}\n")
    assert run("users", "list").stdout == "jo             : editor,superuser\nann            : -\n"
    assert run("users", "list", "ann").stdout == "ann            : -\n"
    assert (conf / "users_roles").read_text() == "editor:jo\nsuperuser:jo\n"


def test_an_unknown_role_is_told_with_the_nearest_name(run: Run) -> None:
    done = add_jo(run, "-r", "veiwer")
    assert done.returncode == 0
    assert "the role [veiwer] is neither built in nor in roles.yml; did you mean [viewer]?" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("useradd", "jo"), "short\n", "at least [6] characters"),
        (("useradd", "jo"), "x" * 73 + "\n", "at most [72] bytes"),
        (("useradd", "jo"), "", "standard input ended"),
        (("useradd", "j:o"), "s3cret-of-jo\n", "cannot name a user"),
        (("userdel", "nobody"), "", "there is no user [nobody]"),
        (("passwd", "nobody"), "s3cret-of-jo\n", "there is no user [nobody]"),
        (("roles", "nobody", "-a", "viewer"), "", "there is no user [nobody]"),
        (("useradd", "elastic"), "s3cret-of-jo\n", "user [elastic] is reserved"),
        (("useradd", "#jo"), "s3cret-of-jo\n", "[#jo] cannot name a user"),
        (("useradd", "jo,ann", "-r", "superuser"), "s3cret-of-jo\n", "[jo,ann] cannot name a user"),
        (("useradd", "jo", "-r", "viewer:ann"), "s3cret-of-jo\n", "[viewer:ann] cannot name a role"),
        (("useradd", "jo", "-r", "viewer\nsuperuser:ann"), "s3cret-of-jo\n", "cannot name a role"),
        (("useradd", "jo", "-p", "s3cret-of-jo"), "", "-p: a password is not taken from the command line"),
        (("useradd", "jo", "--password=s3cret-of-jo"), "", "pipe it into standard input"),
        (("passwd", "-ps3cret-of-jo"), "", "-p: a password is not taken from the command line"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line_without_the_password(
    run: Run, conf: Path, arguments: tuple[str, ...], stdin: str, told: str
) -> None:
    done = run("users", *arguments, stdin=stdin)
    assert done.returncode != 0
    assert told in done.stderr
    assert "s3cret" not in done.stderr
    assert not (conf / "users").exists()
    assert not (conf / "users_roles").exists()


def test_a_name_of_two_in_a_file_of_before_is_not_given_roles(run: Run, conf: Path) -> None:
    (conf / "users").write_text("jo,ann:$2a$10$x\n")
    assert "[jo,ann] cannot name a user" in run("users", "roles", "jo,ann", "-a", "superuser").stderr
    assert not (conf / "users_roles").exists()


def test_both_files_are_there_after_the_first_user_as_elasticsearchs_tool_wants_them(run: Run, conf: Path) -> None:
    add_jo(run)
    assert (conf / "users_roles").read_text() == ""


def test_a_user_is_not_added_twice(run: Run) -> None:
    add_jo(run)
    assert "the user [jo] exists already" in add_jo(run).stderr


def test_a_person_types_a_password_twice_and_unseen(conf: Path) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "isthmus", "users", "useradd", "jo"],
        encoding="utf-8",
        env={**os.environ, "ISTHMUS_PATH_CONF": str(conf)},
        timeout=TIMEOUT,
    )
    for question in ("Enter new password for jo: ", "Enter same password again: "):
        terminal.expect_exact(question)
        terminal.sendline(PASSWORD)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert PASSWORD not in (terminal.before or "")
    assert (conf / "users").read_text().startswith("jo:$2")


def test_a_token_is_made_shown_once_listed_and_deleted(run: Run, conf: Path) -> None:
    made = run("service-tokens", "create", "elastic/kibana", "first")
    told, _, text = made.stdout.strip().partition(" = ")
    assert (made.returncode, told) == (0, "SERVICE_TOKEN elastic/kibana/first")
    read = read_service_token(text)
    assert read is not None
    full_name, _, hashed = (conf / "service_tokens").read_text().strip().partition(":")
    assert (full_name, read[:2]) == ("elastic/kibana/first", ("elastic/kibana", "first"))
    assert is_secret(read[2], hashed)
    assert read[2] not in (conf / "service_tokens").read_text()
    run("service-tokens", "create", "isthmus/console", "second")
    assert run("service-tokens", "list").stdout == "elastic/kibana/first\nisthmus/console/second\n"
    assert run("service-tokens", "list", "isthmus/console").stdout == "isthmus/console/second\n"
    assert run("service-tokens", "delete", "elastic/kibana", "first").returncode == 0
    assert run("service-tokens", "list").stdout == "isthmus/console/second\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create", "elastic/kibna", "a"), "the [elastic/kibna] service account does not exist"),
        (("create", "elastic/kibana", "_a"), "must not begin with an underscore"),
        (("delete", "elastic/kibana", "a"), "there is no token [elastic/kibana/a]"),
        (("list", "nobody"), "the [nobody] service account does not exist"),
    ],
)
def test_a_token_that_cannot_be_is_refused_by_name(run: Run, arguments: tuple[str, ...], told: str) -> None:
    done = run("service-tokens", *arguments)
    assert done.returncode != 0
    assert told in done.stderr


def test_a_token_is_not_made_twice(run: Run) -> None:
    run("service-tokens", "create", "elastic/kibana", "a")
    assert "exists already" in run("service-tokens", "create", "elastic/kibana", "a").stderr
