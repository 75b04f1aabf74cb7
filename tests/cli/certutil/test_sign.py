"""`certutil sign`: signs what nodes ask for, and nothing that the rules forbid. The requests are made by openssl."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from isthmus.pki.bundles import load_certificates
from tests.cli.certutil.calling import members, program, unzip, verify
from tests.cli.certutil.conftest import Call

EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


@pytest.fixture
def ca(certutil: Call, folder: Path) -> list[str]:
    """The flags that name a CA."""
    assert certutil("ca", "--pem", "--out", "ca.zip").status == 0
    unzip(folder / "ca.zip")
    return ["--ca-cert", "ca/ca/ca.crt", "--ca-key", "ca/ca/ca.key"]


def ask(folder: Path, name: str, *options: str, subject: str | None = None, key: Sequence[str] = EC_KEY) -> Path:
    """Let openssl make a request for `name`; its key stays outside the folder of requests."""
    path = folder / "requests" / name / f"{name}.csr"
    path.parent.mkdir(parents=True)
    files = ("-nodes", "-keyout", f"{name}.pem", "-out", str(path))
    program("openssl", "req", "-new", *key, *files, "-subj", subject or f"/CN={name}", *options, cwd=folder)
    return path


def test_a_folder_of_requests_gives_certificates_laid_out_as_cert_does(
    certutil: Call, folder: Path, ca: list[str]
) -> None:
    ask(folder, "node1", "-addext", "subjectAltName=DNS:node1.example.com,IP:192.0.2.1")
    ask(folder, "node2", key=("-newkey", "rsa:2048"))
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 0, done.err
    assert members(folder / "certs.zip") == ["ca/ca.crt", "node1/node1.crt", "node2/node2.crt"]
    made = unzip(folder / "certs.zip")
    assert (made / "ca/ca.crt").read_bytes() == (folder / "ca/ca/ca.crt").read_bytes()
    for name in ("node1", "node2"):
        verify(made / "ca/ca.crt", made / f"{name}/{name}.crt")
    text = program("openssl", "x509", "-in", "node1/node1.crt", "-noout", "-text", cwd=made)
    assert "DNS:node1.example.com, IP Address:192.0.2.1" in text
    of_key = program("openssl", "pkey", "-in", "node1.pem", "-pubout", cwd=folder)
    assert of_key == program("openssl", "x509", "-in", "node1/node1.crt", "-noout", "-pubkey", cwd=made)


def test_csr_and_sign_together_give_a_node_its_certificate(certutil: Call, folder: Path, ca: list[str]) -> None:
    assert certutil("csr", "--name", "node1", "--dns", "node1.example.com", "--out", "asked.zip").status == 0
    done = certutil("sign", "asked.zip", *ca, "--out", "signed.zip", "--verbose")
    assert done.status == 0, done.err
    assert "node1.example.com" in done.out
    assert "private keys lie beside the requests: node1/node1.key" in done.err
    assert members(folder / "signed.zip") == ["ca/ca.crt", "node1/node1.crt"]


def test_one_file_is_signed_too_also_in_der(certutil: Call, folder: Path, ca: list[str]) -> None:
    ask(folder, "node1", "-outform", "DER")
    assert certutil("sign", "requests/node1/node1.csr", *ca, "--out", "certs.zip").status == 0
    assert members(folder / "certs.zip") == ["ca/ca.crt", "node1/node1.crt"]


@pytest.mark.parametrize(
    ("profile", "purposes"),
    [
        ("transport", {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}),
        ("http", {ExtendedKeyUsageOID.SERVER_AUTH}),
    ],
)
def test_what_it_is_for_is_decided_here_not_by_the_request(
    certutil: Call, folder: Path, ca: list[str], profile: str, purposes: set[x509.ObjectIdentifier]
) -> None:
    ask(folder, "n", "-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=dataEncipherment")
    assert certutil("sign", "requests", *ca, "--out", "certs.zip", "--profile", profile, "--days", "30").status == 0
    made = unzip(folder / "certs.zip")
    (certificate,) = load_certificates((made / "n/n.crt").read_bytes(), "n")
    assert set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == purposes
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 30


def test_an_intermediate_ca_comes_along_in_the_chain(certutil: Call, folder: Path, ca: list[str]) -> None:
    ask(folder, "sub", subject="/CN=Intermediate")
    (folder / "sub.ext").write_text(
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    program(
        *("openssl", "x509", "-req", "-in", "requests/sub/sub.csr", "-CA", "ca/ca/ca.crt", "-CAkey", "ca/ca/ca.key"),
        *("-days", "2", "-extfile", "sub.ext", "-out", "sub.crt"),
        cwd=folder,
    )
    shutil.rmtree(folder / "requests")
    ask(folder, "n")
    done = certutil("sign", "requests", "--ca-cert", "sub.crt", "--ca-key", "sub.pem", "--out", "certs.zip")
    assert done.status == 0, done.err
    assert "the certificates end with their CA" in done.err
    made = unzip(folder / "certs.zip")
    assert len(load_certificates((made / "n/n.crt").read_bytes(), "n")) == 2
    verify(folder / "ca/ca/ca.crt", made / "n/n.crt")


@dataclass(frozen=True)
class Forbidden:
    """What openssl is asked for, and what the refusal says."""

    reason: str
    options: tuple[str, ...] = ()
    subject: str | None = None
    key: tuple[str, ...] = EC_KEY


FORBIDDEN = {
    "a weak RSA key": Forbidden("1024 bits", key=("-newkey", "rsa:1024")),
    "a broken digest": Forbidden("SHA1", ("-sha1",)),
    "the wish to become a CA": Forbidden("become a CA", ("-addext", "basicConstraints=critical,CA:TRUE")),
    "the wish to sign": Forbidden("keyCertSign", ("-addext", "keyUsage=keyCertSign")),
    "a name of another kind": Forbidden("alternative names", ("-addext", "subjectAltName=email:a@example.com")),
    "a DNS name that is none": Forbidden("not a DNS name", ("-addext", "subjectAltName=DNS:a b")),
    "an extension not granted": Forbidden("not granted", ("-addext", "nsComment=hello")),
    "the CA's own name": Forbidden("name of the CA itself", subject="/CN=Elastic Certificate Tool Autogenerated CA"),
    "the CA's own key": Forbidden("its key is already that of the CA", key=("-key", "ca/ca/ca.key")),
}


@pytest.mark.parametrize("forbidden", FORBIDDEN.values(), ids=FORBIDDEN)
def test_one_forbidden_request_and_none_is_signed(
    certutil: Call, folder: Path, ca: list[str], forbidden: Forbidden
) -> None:
    ask(folder, "good")
    ask(folder, "bad", *forbidden.options, key=forbidden.key, subject=forbidden.subject)
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert forbidden.reason in done.err
    assert "requests: bad/bad.csr" in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert not (folder / "certs.zip").exists()


def test_a_request_whose_signature_does_not_hold_is_refused(certutil: Call, folder: Path, ca: list[str]) -> None:
    path = ask(folder, "n", "-outform", "DER")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"\x0c\x01n", b"\x0c\x01m"))
    assert path.read_bytes() != data
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert "signature does not verify" in done.err


@pytest.mark.filterwarnings("ignore")  # cryptography warns of some odd values that it accepts
def test_a_request_damaged_at_any_signed_byte_is_refused_by_its_name(
    certutil: Call, folder: Path, ca: list[str]
) -> None:
    path = ask(folder, "n", "-outform", "DER")
    whole = path.read_bytes()
    assert whole[:2] == b"\x30\x81"  # the request; at byte 3 begins what is signed
    assert whole[3] == 0x30
    for at in range(5 + whole[4]):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        done = certutil("sign", "requests", *ca, "--out", "certs.zip")
        assert (done.status, "requests: n/n.csr: " in done.err) == (65, True), at


@pytest.mark.parametrize("name", ["ca", "CA", "...", " x", "a\nb"])
def test_a_name_that_is_no_folder_is_refused(certutil: Call, folder: Path, ca: list[str], name: str) -> None:
    ask(folder, "n").rename(folder / "requests" / f"{name}.csr")
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert "rename the file" in done.err


def test_two_requests_of_one_name_are_refused(certutil: Call, folder: Path, ca: list[str]) -> None:
    ask(folder, "n")
    ask(folder, "m").rename(folder / "requests" / "N.csr")
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert "is already that of" in done.err


def test_one_key_in_two_requests_is_refused(certutil: Call, folder: Path, ca: list[str]) -> None:
    shutil.copy(ask(folder, "n"), folder / "requests" / "copy.csr")
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert "each node makes a key of its own" in done.err


def test_links_out_of_the_folder_are_not_followed(certutil: Call, folder: Path, ca: list[str]) -> None:
    outside = ask(folder, "n").rename(folder / "outside.csr")
    (folder / "requests" / "link.csr").symlink_to(outside)
    done = certutil("sign", "requests", *ca, "--out", "certs.zip")
    assert done.status == 65
    assert "holds no .csr file" in done.err


def test_garbage_is_refused_by_its_name(certutil: Call, folder: Path, ca: list[str]) -> None:
    (folder / "requests").mkdir()
    for content in (b"", b"hello", b"\x30\x82\xff\xff", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"):
        (folder / "requests" / "n.csr").write_bytes(content)
        done = certutil("sign", "requests", *ca, "--out", "certs.zip")
        assert done.status == 65
        assert "requests: n.csr: this is no certificate signing request" in done.err


def test_without_a_ca_nothing_is_signed(certutil: Call, folder: Path) -> None:
    ask(folder, "n")
    assert certutil("sign", "requests", "--out", "certs.zip").status == 64
    assert certutil("sign", "none", "--ca", "none.p12").status == 66


def test_nothing_is_overwritten_unless_asked_for(certutil: Call, folder: Path, ca: list[str]) -> None:
    ask(folder, "n")
    (folder / "certs.zip").write_bytes(b"mine")
    assert certutil("sign", "requests", *ca, "--out", "certs.zip").status == 73
    assert (folder / "certs.zip").read_bytes() == b"mine"
    assert certutil("sign", "requests", *ca, "--out", "certs.zip", "--force").status == 0
