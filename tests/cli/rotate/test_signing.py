"""Production signing: requests for an external CA, a signer command, and what is refused before anything is done."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certificates import DAY, SERVER, Authority, make_ca
from tests.cli.rotate.cluster import Folders, Rotate

WAITS = 75
BAD_DATA = 65
USAGE = 64


@pytest.fixture
def external(tmp_path: Path) -> Authority:
    authority = make_ca("external CA")
    (tmp_path / "external.crt").write_bytes(authority.certificate_pem)
    (tmp_path / "external.key").write_bytes(authority.key_pem)
    return authority


def requests(rotate: Rotate) -> list[Path]:
    return sorted(rotate.work.glob("requests/**/*.csr"))


def sign(
    request: Path,
    authority: Authority,
    *,
    usages: tuple[x509.ObjectIdentifier, ...] = (),
    names: x509.SubjectAlternativeName | None = None,
    days: tuple[int, int] = (-1, 300),
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """Sign as an external CA does; everything is as requested unless it is given."""
    found = x509.load_pem_x509_csr(request.read_bytes())
    wanted = names or found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    purposes = x509.ExtendedKeyUsage(usages or (SERVER, x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH))
    now = authority.certificate.not_valid_before_utc + DAY
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateBuilder()
        .subject_name(found.subject)
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key() if key else found.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(wanted, critical=False)
        .add_extension(purposes, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
    )
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def openssl(*arguments: str | Path) -> str:
    done = subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True)
    return done.stdout


def plan(rotate: Rotate, folders: Folders, tmp_path: Path, *arguments: str) -> int:
    return rotate("plan", "--external", str(tmp_path / "external.crt"), *arguments, *folders.paths)


def content(folders: Folders) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folders.root.rglob("*") if path.is_file()}


def test_a_plan_for_an_external_ca_writes_every_request_and_stops_with_its_own_status(
    rotate: Rotate, folders: Folders, external: Authority, tmp_path: Path
) -> None:
    before = content(folders)
    assert plan(rotate, folders, tmp_path) == WAITS
    assert [path.parts[-3:] for path in requests(rotate)] == [
        ("http", "n1", "new.csr"),
        ("http", "n2", "new.csr"),
        ("transport", "n1", "new.csr"),
        ("transport", "n2", "new.csr"),
    ]
    assert "4 of 4 requests wait to be signed" in rotate.erred
    assert "with the same options" in rotate.erred
    assert content(folders) == before
    for path in requests(rotate):
        shown = subprocess.run(
            ["openssl", "req", "-in", str(path), "-noout", "-verify", "-text"],
            check=True,
            capture_output=True,
            text=True,
        )
        assert "DNS:localhost" in shown.stdout
        assert "IP Address:127.0.0.1" in shown.stdout
    assert {stat.S_IMODE(path.stat().st_mode) for path in rotate.work.rglob("*") if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in [rotate.work, *rotate.work.rglob("*")] if path.is_dir()} == {
        0o700
    }
    assert rotate("apply") == 66
    assert "the plan is not made yet" in rotate.erred


def test_a_second_plan_goes_on_with_what_was_signed(
    rotate: Rotate, folders: Folders, external: Authority, tmp_path: Path
) -> None:
    plan(rotate, folders, tmp_path)
    keys = {path: path.read_bytes() for path in rotate.work.glob("requests/**/*.key")}
    first, *others = requests(rotate)
    first.with_suffix(".crt").write_bytes(sign(first, external))
    assert plan(rotate, folders, tmp_path) == WAITS
    assert "3 of 4 requests wait" in rotate.erred
    for request in others:
        request.with_suffix(".crt").write_bytes(sign(request, external))
    assert plan(rotate, folders, tmp_path) == 0
    assert {path: path.read_bytes() for path in rotate.work.glob("requests/**/*.key")} == keys
    assert "1. transport: widen" in rotate.said
    assert plan(rotate, folders, tmp_path) == 78
    assert "holds a rotation already" in rotate.erred


Signed = Callable[[Path, Authority], bytes]


def for_servers_only(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, usages=(SERVER,))


def with_other_names(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, names=x509.SubjectAlternativeName([x509.DNSName("elsewhere.example.com")]))


def for_another_key(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, key=ec.generate_private_key(ec.SECP256R1()))


def by_another_authority(request: Path, authority: Authority) -> bytes:
    return sign(request, make_ca("external CA"))


def expired(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, days=(-1, -1))


def of_tomorrow(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, days=(1, 2))


def ending_today(request: Path, authority: Authority) -> bytes:
    return sign(request, authority, days=(-1, 1))


def below_a_leaf(request: Path, authority: Authority) -> bytes:
    leaf = authority.issue("leaf")
    return sign(request, Authority(leaf.certificate, leaf.key)) + leaf.certificate_pem


def truncated(request: Path, authority: Authority) -> bytes:
    return sign(request, authority)[:400]


def the_request_itself(request: Path, authority: Authority) -> bytes:
    return request.read_bytes()


def nothing(request: Path, authority: Authority) -> bytes:
    return b""


def much(request: Path, authority: Authority) -> bytes:
    return b"x" * 10_000_000


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        (for_servers_only, "clientAuth"),
        (with_other_names, "lacks 127.0.0.1, localhost of the old one's names"),
        (for_another_key, "private key does not belong"),
        (by_another_authority, "no trusted certificate vouches for"),
        (expired, "expired on"),
        (of_tomorrow, "valid only from"),
        (ending_today, "expires within 1 day"),
        (below_a_leaf, "is not a CA"),
        (truncated, "holds no certificate"),
        (the_request_itself, "holds no certificate"),
        (nothing, "holds no certificate"),
        (much, "holds no certificate"),
    ],
)
def test_a_certificate_that_may_not_be_used_is_refused_before_anything_is_installed(
    rotate: Rotate, folders: Folders, external: Authority, tmp_path: Path, signed: Signed, said: str
) -> None:
    before = content(folders)
    plan(rotate, folders, tmp_path, "--channel", "transport")
    bad, good = requests(rotate)
    good.with_suffix(".crt").write_bytes(sign(good, external))
    bad.with_suffix(".crt").write_bytes(signed(bad, external))
    assert plan(rotate, folders, tmp_path, "--channel", "transport") == BAD_DATA
    assert said in rotate.erred
    assert "n1" in rotate.erred
    assert content(folders) == before
    bad.with_suffix(".crt").write_bytes(sign(bad, external))
    assert plan(rotate, folders, tmp_path, "--channel", "transport") == 0


@pytest.mark.parametrize("sent_along", [True, False])
def test_a_chain_with_an_intermediate_is_complete_whoever_brings_the_intermediate(
    rotate: Rotate, folders: Folders, tmp_path: Path, sent_along: bool
) -> None:
    root = make_ca("external root")
    middle = root.intermediate("external intermediate")
    given = root.certificate_pem if sent_along else middle.certificate_pem + root.certificate_pem
    (tmp_path / "external.crt").write_bytes(given)
    plan(rotate, folders, tmp_path)
    for request in requests(rotate):
        request.with_suffix(".crt").write_bytes(sign(request, middle) + (middle.certificate_pem if sent_along else b""))
    assert plan(rotate, folders, tmp_path) == 0
    (tmp_path / "root.crt").write_bytes(root.certificate_pem)
    for leaf in rotate.work.glob("leaves/*/*/new.pem"):
        openssl("verify", "-x509_strict", "-CAfile", tmp_path / "root.crt", "-untrusted", leaf, leaf)


def test_an_external_file_with_two_roots_is_refused(rotate: Rotate, folders: Folders, tmp_path: Path) -> None:
    (tmp_path / "external.crt").write_bytes(make_ca("one").certificate_pem + make_ca("other").certificate_pem)
    assert plan(rotate, folders, tmp_path) == BAD_DATA
    assert "several CAs" in rotate.erred


# A command that signs

SIGNER = """#!/bin/sh
echo "$@" >> called
openssl x509 -req -days 300 -CA external.crt -CAkey external.key -copy_extensions copyall -in "$1" -out "$2"
"""


def test_a_signer_command_signs_each_request_and_is_given_paths_only(
    rotate: Rotate, folders: Folders, external: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "signer.sh"
    script.write_text(SIGNER)
    script.chmod(0o755)
    assert plan(rotate, folders, tmp_path, "--signer", f"{script} {{request}} {{certificate}}") == 0, rotate.erred
    called = (tmp_path / "called").read_text()
    assert len(called.splitlines()) == 4
    assert "PRIVATE KEY" not in called


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("sh -c 'echo the token is locked >&2; exit 3' {request} {certificate}", 69, "the token is locked"),
        ("true {request} {certificate}", BAD_DATA, "wrote no certificate"),
        ("/no/such/command {request} {certificate}", 69, "cannot be run"),
        ("sh -c 'exit 1' {request}", USAGE, "lacks {certificate}"),
        ("unfinished ' {request} {certificate}", USAGE, "is no command"),
    ],
)
def test_a_signer_command_that_fails_is_told_of_and_nothing_is_planned(
    rotate: Rotate, folders: Folders, external: Authority, tmp_path: Path, command: str, status: int, said: str
) -> None:
    assert plan(rotate, folders, tmp_path, "--signer", command) == status
    assert said in rotate.erred
    assert rotate("apply") == 66


# A CA of one's own


@pytest.mark.parametrize("key_type", ["rsa", "ec-p384"])
def test_a_new_ca_may_have_another_key_type(rotate: Rotate, folders: Folders, tmp_path: Path, key_type: str) -> None:
    assert rotate("plan", "--new-ca", "--key-type", key_type, *folders.paths) == 0, rotate.erred
    leaf = next(rotate.work.glob("leaves/transport/n1/new.pem"))
    assert ("rsaEncryption" in openssl("x509", "-in", leaf, "-noout", "-text")) is (key_type == "rsa")
    openssl("verify", "-x509_strict", "-CAfile", rotate.work / "ca" / "ca.crt", leaf)


def test_the_size_of_new_keys_may_be_chosen(rotate: Rotate, folders: Folders) -> None:
    assert rotate("plan", "--new-ca", "--key-type", "rsa", "--keysize", "3072", *folders.paths) == 0, rotate.erred
    for path in (rotate.work / "leaves" / "http" / "n1" / "new.pem", rotate.work / "ca" / "ca.crt"):
        assert "Public-Key: (3072 bit)" in openssl("x509", "-in", path, "-noout", "-text")


def test_p2_a_ca_renewed_with_its_key_vouches_for_the_leaves_that_stay(
    rotate: Rotate, folders: Folders, tmp_path: Path
) -> None:
    (tmp_path / "ca.crt").write_bytes(folders.ca.certificate_pem)
    (tmp_path / "ca.key").write_bytes(folders.ca.key_pem)
    paths = ["--ca-cert", str(tmp_path / "ca.crt"), "--ca-key", str(tmp_path / "ca.key")]
    assert rotate("plan", "--renew-ca", *paths, "--days", "900", *folders.paths) == 0, rotate.erred
    assert list(rotate.work.glob("leaves/*/*/new.pem")) == []
    assert "narrow" in rotate.said
    assert "reissue" not in rotate.said
    for name in folders.names:
        leaf = folders.root / name / "transport.crt"
        openssl("verify", "-x509_strict", "-CAfile", rotate.work / "ca" / "ca.crt", leaf)


def test_a_ca_that_is_renewed_must_be_the_one_that_signed(rotate: Rotate, folders: Folders, tmp_path: Path) -> None:
    stranger = make_ca("cluster CA")
    (tmp_path / "ca.crt").write_bytes(stranger.certificate_pem)
    (tmp_path / "ca.key").write_bytes(stranger.key_pem)
    paths = ["--ca-cert", str(tmp_path / "ca.crt"), "--ca-key", str(tmp_path / "ca.key")]
    assert rotate("plan", "--renew-ca", *paths, *folders.paths) == BAD_DATA
    assert "no trusted certificate vouches for" in rotate.erred
