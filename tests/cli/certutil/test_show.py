"""`certutil show`: whatever a file of certificates holds, told in plain words. openssl and Java make the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from isthmus.cli.certutil.contents import read_contents
from isthmus.cli.certutil.plain_words import describe, table
from isthmus.errors import DataError
from isthmus.pki.keys import generate_key
from isthmus.pki.names import SubjectNames, common_name
from isthmus.pki.requests import make_request
from tests.certificates import Authority, make_ca
from tests.cli.certutil.calling import program
from tests.cli.certutil.conftest import Call


@pytest.fixture(scope="module")
def ca() -> Authority:
    return make_ca("Test CA")


@pytest.fixture
def node(ca: Authority, folder: Path) -> Path:
    """node.crt with its chain, node.key and ca.crt, in the working folder."""
    (folder / "ca.crt").write_bytes(ca.certificate_pem)
    ca.issue("node", dns=["node.example.com"], ips=["192.0.2.1"]).write(folder)
    return folder


def entries(certutil: Call, *arguments: str) -> list[dict[str, Any]]:
    """Show one file as JSON and give its entries."""
    done = certutil("show", "--json", *arguments)
    assert done.status == 0, done.err
    (file,) = json.loads(done.out)
    found: list[dict[str, Any]] = file["entries"]
    return found


def digest_of_key(node: Path, *options: str) -> str:
    """The SHA-256 of a public key as openssl sees it."""
    program("openssl", *options, "-out", "public.pem", cwd=node)
    program("openssl", "pkey", "-pubin", "-in", "public.pem", "-outform", "DER", "-out", "public.der", cwd=node)
    return program("openssl", "dgst", "-sha256", "-r", "public.der", cwd=node).split()[0]


def test_a_certificate_is_told_as_openssl_tells_it(certutil: Call, node: Path) -> None:
    (told,) = entries(certutil, "node.crt")
    shown = program("openssl", "x509", "-in", "node.crt", "-noout", "-serial", "-fingerprint", "-sha256", cwd=node)
    assert int(told["serial_number"], 16) == int(shown.split("serial=")[1].split()[0], 16)
    assert told["sha256"].upper() in shown.replace(":", "")
    assert (told["subject"], told["issuer"]) == ("CN=node", "CN=Test CA")
    assert (told["dns_names"], told["ip_addresses"]) == (["node.example.com"], ["192.0.2.1"])
    assert told["purposes"] == ["serverAuth", "clientAuth"]
    assert (told["ca"], told["key"]) == (False, "EC P-256")


def test_a_person_gets_a_table(certutil: Call, node: Path) -> None:
    done = certutil("show", "node.crt", "ca.crt")
    assert done.status == 0, done.err
    assert "node.crt: PEM, 1 entry" in done.out
    assert re.search(r"^  subject +CN=Test CA$", done.out, re.MULTILINE)
    assert re.search(r"^  CA +yes$", done.out, re.MULTILINE)
    assert "days left" in done.out


def test_key_certificate_and_request_of_one_key_are_seen_to_belong_together(certutil: Call, node: Path) -> None:
    program("openssl", "req", "-new", "-key", "node.key", "-subj", "/CN=node", "-out", "node.csr", cwd=node)
    told = [entries(certutil, name)[0] for name in ("node.crt", "node.key", "node.csr")]
    digest = digest_of_key(node, "pkey", "-in", "node.key", "-pubout")
    assert [one["public_key_sha256"] for one in told] == [digest] * 3
    assert [one["kind"] for one in told] == ["certificate", "private key", "certificate signing request"]


def test_a_private_key_is_never_printed(certutil: Call, node: Path) -> None:
    out = certutil("show", "node.key").out
    for line in (node / "node.key").read_text().splitlines():
        assert line not in out


def test_one_pem_file_may_hold_several_things(certutil: Call, node: Path) -> None:
    joined = b"".join((node / name).read_bytes() for name in ("node.key", "node.crt", "ca.crt"))
    (node / "all.pem").write_bytes(b"a comment\n" + joined)
    assert [one["kind"] for one in entries(certutil, "all.pem")] == ["private key", "certificate", "certificate"]


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_an_encrypted_key_is_opened_with_its_password_only(certutil: Call, node: Path, form: str) -> None:
    program(
        *("openssl", "pkcs8", "-topk8", "-in", "node.key", "-passout", "pass:secret"),
        *("-outform", form, "-out", "locked.key"),
        cwd=node,
    )
    (locked,) = entries(certutil, "locked.key")
    assert (locked["encrypted"], locked["key"]) == (True, "not opened: no password was given")
    (opened,) = entries(certutil, "locked.key", "--pass", "secret")
    assert (opened["encrypted"], opened["key"]) == (True, "EC P-256")
    assert certutil("show", "locked.key", "--pass", "wrong").status == 65


@pytest.mark.parametrize(("kind", "options"), [("certificate", ["x509"]), ("private key", ["pkey"])])
def test_der_is_told_from_pem_by_its_content(certutil: Call, node: Path, kind: str, options: list[str]) -> None:
    source = "node.crt" if kind == "certificate" else "node.key"
    program("openssl", *options, "-in", source, "-outform", "DER", "-out", "some.file", cwd=node)
    assert [one["kind"] for one in entries(certutil, "some.file")] == [kind]


@pytest.mark.parametrize("traditional", ["ec", "rsa"])
def test_keys_in_the_old_formats_are_read(certutil: Call, folder: Path, traditional: str) -> None:
    options = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] if traditional == "ec" else ["rsa"]
    program("openssl", "genpkey", "-algorithm", *options, "-out", "k.pem", cwd=folder)
    program("openssl", "pkey", "-in", "k.pem", "-traditional", "-outform", "DER", "-out", "k.der", cwd=folder)
    assert entries(certutil, "k.der")[0]["key"] == ("EC P-256" if traditional == "ec" else "RSA 2048")


def test_a_pkcs12_file_is_told_entry_by_entry(certutil: Call, node: Path) -> None:
    program(
        *("openssl", "pkcs12", "-export", "-in", "node.crt", "-inkey", "node.key", "-certfile", "ca.crt"),
        *("-name", "mine", "-passout", "pass:secret", "-out", "node.p12"),
        cwd=node,
    )
    told = entries(certutil, "node.p12", "--pass", "secret")
    assert [(one["kind"], one.get("alias"), one.get("subject")) for one in told] == [
        ("private key", "mine", None),
        ("certificate of the key", "mine", "CN=node"),
        ("issuer", "mine", "CN=Test CA"),
    ]


def test_the_p12_that_cert_makes_shows_key_and_trusted_ca(certutil: Call, folder: Path) -> None:
    assert certutil("cert", "--name", "n", "--pass", "secret", "--out", "n.p12").status == 0
    kinds = [one["kind"] for one in entries(certutil, "n.p12", "--pass", "secret")]
    assert kinds == ["private key", "certificate of the key", "issuer", "trusted certificate"]


@pytest.mark.parametrize("kind", ["jks", "pkcs12"])
def test_stores_of_java_are_told(certutil: Call, node: Path, keytool: str, kind: str) -> None:
    store = ["-keystore", "store", "-storetype", kind, "-storepass", "changeit"]
    program(keytool, "-importcert", "-noprompt", "-alias", "root", "-file", "ca.crt", *store, cwd=node)
    program(
        *(keytool, "-genkeypair", "-alias", "own", "-keyalg", "EC", "-groupname", "secp256r1"),
        *("-dname", "CN=own", "-keypass", "changeit", *store),
        cwd=node,
    )
    told = entries(certutil, "store", "--pass", "changeit")
    assert {(one["kind"], one["alias"]) for one in told} == {
        ("private key", "own"),
        ("certificate of the key", "own"),
        ("trusted certificate", "root"),
    }


def test_a_store_without_its_password_says_what_to_give(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--pass", "secret", "--out", "ca.p12").status == 0
    refused = certutil("show", "ca.p12")
    assert refused.status == 65
    assert "--pass" in refused.err
    assert certutil("show", "ca.p12", "--pass", "wrong").status == 65


def test_the_faults_of_a_request_are_told(certutil: Call, folder: Path) -> None:
    program(
        *("openssl", "req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "k", "-out", "weak.csr"),
        *("-subj", "/CN=weak"),
        cwd=folder,
    )
    (told,) = entries(certutil, "weak.csr")
    assert told["problems"] == ["the request's RSA key has 1024 bits"]


def test_a_certificate_that_ended_is_told_to_have(certutil: Call, ca: Authority, folder: Path) -> None:
    ca.issue("old", days=(-20, -9)).write(folder, "old")
    assert entries(certutil, "old.crt")[0]["validity"].startswith("expired 9 days ago")
    ca.issue("new", days=(3, 9)).write(folder, "new")
    assert entries(certutil, "new.crt")[0]["validity"].startswith("begins in 2 days")
    ca.issue("short", days=(-3, 9)).write(folder, "short")
    assert entries(certutil, "short.crt")[0]["validity"].endswith("expires soon")


def test_control_characters_never_reach_the_terminal(ca: Authority) -> None:
    pem = ca.issue("\x1b[2Jgone", dns=[], ips=[]).certificate_pem
    (facts,) = describe(read_contents(pem, lambda: None, "x"), "x")
    shown = table(facts)
    assert "\x1b" not in shown
    assert "gone" in shown


def test_what_is_not_there_or_nothing_known_is_one_clear_line(certutil: Call, folder: Path) -> None:
    (folder / "text").write_text("hello")
    for arguments, status in ((["none"], 66), (["text"], 65), ([], 64)):
        done = certutil("show", *arguments)
        assert done.status == status
        assert len(done.err.strip().splitlines()) == 1


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda rest: b"\x30\x40" + rest))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(DataError, match=r"^x: "):
        read_contents(data, lambda: None, "x")


WHOLE = {
    "certificate": make_ca("Damaged").issue().certificate.public_bytes(Encoding.DER),
    "request": x509.load_pem_x509_csr(
        make_request(generate_key(), SubjectNames(common_name("n", "x"), ("a.example.com",)))
    ).public_bytes(Encoding.DER),
    "key": generate_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.filterwarnings("ignore")  # cryptography warns of some odd values that it accepts
def test_a_file_damaged_at_any_byte_is_told_or_refused(certutil: Call, folder: Path, kind: str) -> None:
    whole = WHOLE[kind]
    statuses = set()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        (folder / "damaged").write_bytes(damaged)
        done = certutil("show", "damaged")
        assert done.err.startswith("isthmus: damaged: ") or not done.status
        statuses.add(done.status)
    assert 65 in statuses
    assert statuses <= {0, 65}
