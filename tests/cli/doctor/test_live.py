"""`isthmus doctor --live` as a person calls it: against real nodes, and against ports that are none."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.certificates import make_ca
from tests.cli.doctor.conftest import Call
from tests.lifecycle.folders.writing import pem_node
from tests.live.site import CLUSTER, Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


@pytest.fixture
def impostor() -> Iterator[str]:
    """The address of a port that answers everything as a web server without TLS does."""
    loop = asyncio.new_event_loop()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(speak, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def identity_of(folder: Path) -> Path:
    path = folder / "me.pem"
    path.write_bytes((folder / "node.crt").read_bytes() + (folder / "node.key").read_bytes())
    return path


@pytest.mark.live
def test_a_real_node_is_told_as_it_is_by_options_or_by_its_folder(isthmus: Call, tmp_path: Path, site: Site) -> None:
    node = site.start("first")
    folder = tmp_path / "first"
    files = ["--identity", identity_of(folder), "--ca", tmp_path / "ca.crt"]
    for how in (files, [folder]):
        done = isthmus("doctor", "--json", "--live", node.transport, "--live", node.http, *how)
        told = json.loads(done.out)
        transport, http = told["ports"]
        assert (transport["protocol"], http["protocol"]) == ("transport", "HTTP")
        assert transport["node"]["cluster_name"] == CLUSTER
        assert (transport["alien"], transport["namesake"]) == ("refused", "refused")
        assert transport["cipher_suites"]["accepted"]
        errors = [
            one for one in told["findings"] if one["severity"] == "error" and one["node"] in (node.transport, node.http)
        ]
        assert errors == []


@pytest.mark.live
def test_another_certificate_than_the_files_hold_is_an_error(isthmus: Call, tmp_path: Path, site: Site) -> None:
    """NATS leaf nodes: a reload reported OK though the old certificate is still served."""
    quiet = {"resource.reload.interval.high": "1h"}
    node = site.start("first", settings=quiet)
    before = isthmus("doctor", "--live", node.transport, tmp_path / "first")
    assert "live-other-certificate" not in before.out
    site.ca.issue("first").write(tmp_path / "first")
    done = isthmus("doctor", "--live", node.transport, tmp_path / "first")
    assert done.status == 2
    assert "another certificate than its files hold" in done.out
    assert "live-other-certificate" in done.out


@pytest.mark.live
def test_every_form_of_the_report_shows_ports(isthmus: Call, tmp_path: Path, site: Site) -> None:
    node = site.start("first")
    done = isthmus("doctor", "--live", node.transport, tmp_path / "first", "--html", "r.html", "--junit", "r.xml")
    assert "suites of TLS 1.2" in done.out
    assert "nodes, and remote clusters by certificate" in done.out
    assert f"<h3>{node.transport}</h3>" in (tmp_path / "r.html").read_text()
    assert f'name="{node.transport}"' in (tmp_path / "r.xml").read_text()


def test_nothing_is_dialled_without_live(isthmus: Call, tmp_path: Path, impostor: str) -> None:
    port = impostor.rpartition(":")[2]
    folder = pem_node(tmp_path / "n1", settings={"transport.port": port})
    told = json.loads(isthmus("doctor", "--json", folder).out)
    assert told["ports"] == []
    (seen,) = json.loads(isthmus("doctor", "--json", folder, "--live", impostor).out)["ports"]
    assert seen["protocol"] == "HTTP"


def test_a_port_that_is_another_than_its_settings_say_is_told_with_the_one_that_was_meant(
    isthmus: Call, tmp_path: Path, impostor: str
) -> None:
    """docs-content#3245, elasticsearch#50774: 9300, 9443 and 9200 are mixed up."""
    port = impostor.rpartition(":")[2]
    folder = pem_node(tmp_path / "n1", settings={"transport.port": port, "http.port": "9200"})
    done = isthmus("doctor", "--live", impostor, folder)
    assert done.status == 2
    assert "it is the HTTP port, for users and programs" in done.out
    assert "it would be the transport port" in " ".join(done.out.split())


def test_addresses_may_follow_each_other(isthmus: Call, impostor: str) -> None:
    other = impostor.replace("127.0.0.1", "localhost")
    assert len(json.loads(isthmus("doctor", "--json", "--live", impostor, other).out)["ports"]) == 2


def test_strict_turns_warnings_into_a_failure(isthmus: Call, impostor: str) -> None:
    assert isthmus("doctor", "--live", impostor).status == 0
    assert isthmus("doctor", "--strict", "--live", impostor).status == 1


def test_a_port_of_none_of_the_folders_is_not_compared_and_says_so(
    isthmus: Call, tmp_path: Path, impostor: str
) -> None:
    folders = [pem_node(tmp_path / name, name=name) for name in ("n1", "n2")]
    assert "no folder that was named has this address and port" in isthmus("doctor", "--live", impostor, *folders).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--identity", "me.p12", "conf"], "--identity says how to dial"),
        (["--ca", "ca.crt", "conf"], "--ca says how to dial"),
        (["--expect", "n.crt", "conf"], "--expect says how to dial"),
        (["--timeout", "3", "conf"], "--timeout says how to dial"),
        (["--live", "a:1", "--identity-password-file", "p"], "goes with --identity"),
        (["--live", "a:1", "--live", "b:1", "--expect", "n.crt"], "--expect is for one port"),
        (["--live", "a:1", ".", "--expect", "n.crt"], "both say which certificate"),
        (["--live", "nowhere"], "an address has a host and a port"),
        (["--live", "a:70000"], "an address has a host and a port"),
        ([f"--live=h{at}:9300" for at in range(1001)], "more than 1000 addresses"),
    ],
)
def test_options_that_make_no_sense_together_are_refused_by_name(
    isthmus: Call, arguments: list[str], said: str
) -> None:
    done = isthmus("doctor", *arguments)
    assert (done.status, said in done.err) == (64, True), done.err


def test_an_address_without_live_is_told_where_it_belongs(isthmus: Call) -> None:
    done = isthmus("doctor", "127.0.0.1:9300")
    assert (done.status, "--live" in done.err) == (66, True)


def sealed_identity(folder: Path) -> Path:
    """Let openssl write a store behind a password."""
    certificate, key = make_ca().issue().write(folder)
    command = ["openssl", "pkcs12", "-export", "-in", str(certificate), "-inkey", str(key), "-passout", "pass:tests"]
    subprocess.run([*command, "-out", str(folder / "me.p12")], check=True, timeout=60)
    return folder / "me.p12"


@pytest.mark.parametrize(("password", "status"), [("tests\n", 0), ("wrong", 65)])
def test_the_password_of_the_identity_comes_from_a_file(
    isthmus: Call, tmp_path: Path, impostor: str, password: str, status: int
) -> None:
    (tmp_path / "password").write_text(password)
    options = ["--identity", sealed_identity(tmp_path), "--identity-password-file", "password"]
    done = isthmus("doctor", "--json", "--live", impostor, *options)
    if status:
        assert done.status == status
        assert "password" in done.err
    else:
        (found,) = (one["rule"] for one in json.loads(done.out)["findings"])
        assert found == "live-plain"
    assert "wrong" not in done.err


def test_without_a_terminal_the_missing_password_is_told(isthmus: Call, tmp_path: Path, impostor: str) -> None:
    done = isthmus("doctor", "--live", impostor, "--identity", sealed_identity(tmp_path))
    assert done.status == 65
    assert "password" in done.err


def test_the_password_of_the_identity_is_asked_for_unseen(tmp_path: Path, impostor: str) -> None:
    identity = str(sealed_identity(tmp_path))
    arguments = ["-m", "isthmus", "doctor", "--live", impostor, "--identity", identity]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=60, dimensions=(50, 200))
    child.expect_exact("Enter password for")
    child.expect_exact(": ")
    child.sendline("tests")
    child.expect(pexpect.EOF)
    said = str(child.before)
    child.close()
    assert "it speaks HTTP without TLS" in said
    assert "tests\r\n" not in said
