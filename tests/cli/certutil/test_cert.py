from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12, certificates_to_pem, load_certificates, load_pkcs12
from isthmus.pki.keys import generate_key, is_encrypted, key_to_pem
from isthmus.pki.names import certificate_names, names_of_extension
from tests.cli.certutil.calling import members, mode, program, unzip, verify
from tests.cli.certutil.conftest import Call
from tests.pki.making import CA_USAGES, NOW, Recipe, authority, bundle, intermediate, odd_authority

INSTANCES = """
instances:
  - name: node-0001
    dns: [node-0001, localhost]
    ip: [127.0.0.11]
    cn: [node-0001.role.data]
  - name: CN=node-0002,OU=search
    filename: node-0002
"""


@pytest.fixture
def ca(folder: Path) -> Authority:
    """A CA in the working folder, as ca.crt with ca.key (password `secret`), and as ca.p12 (password `secret`)."""
    made = authority()
    save(folder, made)
    return made


def save(folder: Path, made: Authority, name: str = "ca") -> None:
    pem = certificates_to_pem([made.certificate, *made.chain])
    (folder / f"{name}.crt").write_bytes(pem)
    (folder / f"{name}.key").write_bytes(key_to_pem(made.key, b"secret"))
    store = bundle_to_pkcs12(Bundle(made.key, made.certificate, made.chain, name="ca"), "secret")
    (folder / f"{name}.p12").write_bytes(store)


PEM_CA = ("--ca-cert", "ca.crt", "--ca-key", "ca.key", "--ca-pass", "secret")
P12_CA = ("--ca", "ca.p12", "--ca-pass", "secret")


def test_the_documented_commands_work_one_after_the_other(certutil: Call, folder: Path, keytool: str) -> None:
    assert certutil("ca", "--pem", "--out=cross-cluster-ca.zip", "--pass", "CA_PASSWORD").status == 0
    unzip(folder / "cross-cluster-ca.zip").rename(folder / "made")
    (folder / "made" / "ca").rename(folder / "ca")
    done = certutil(
        "cert", "--out=cross-cluster.p12", "--pass=CERT_PASSWORD", "--ca-cert=ca/ca.crt", "--ca-key=ca/ca.key",
        "--ca-pass=CA_PASSWORD", "--dns=example.com", "--ip=127.0.0.1",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert "PASSWORD" not in done.out + done.err
    listed = program(keytool, "-list", "-keystore", "cross-cluster.p12", "-storepass", "CERT_PASSWORD", cwd=folder)
    assert "ca, " in listed
    assert "trustedCertEntry" in listed
    assert "instance, " in listed
    assert "PrivateKeyEntry" in listed
    read = load_pkcs12((folder / "cross-cluster.p12").read_bytes(), "CERT_PASSWORD", "x")
    assert read.certificate is not None
    assert certificate_names(read.certificate) == ["instance", "example.com", "127.0.0.1"]
    assert mode(folder / "cross-cluster.p12") == 0o600


def test_silent_mode_makes_a_folder_for_each_instance(certutil: Call, folder: Path, openssl: str) -> None:
    (folder / "instances.yml").write_text(INSTANCES)
    done = certutil("cert", "--silent", "--in", "instances.yml", "--out", "certs.zip", "--pem")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert members(folder / "certs.zip") == [
        "ca/ca.crt",
        "node-0001/node-0001.crt",
        "node-0001/node-0001.key",
        "node-0002/node-0002.crt",
        "node-0002/node-0002.key",
    ]
    made = unzip(folder / "certs.zip")
    for name in ("node-0001", "node-0002"):
        verify(made / "ca" / "ca.crt", made / name / f"{name}.crt")
        assert mode(made / name / f"{name}.key") == 0o600
    (leaf,) = load_certificates((made / "node-0001" / "node-0001.crt").read_bytes(), "x")
    names = names_of_extension(leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    assert [list(map(str, kind)) for kind in names] == [
        ["node-0001", "localhost"],
        ["127.0.0.11"],
        ["node-0001.role.data"],
    ]


@pytest.mark.parametrize("flags", [PEM_CA, P12_CA])
def test_an_existing_ca_signs(certutil: Call, folder: Path, ca: Authority, flags: tuple[str, ...]) -> None:
    assert certutil("cert", *flags, "--pem", "--out", "a.zip", "--name", "node1", "--dns", "*.example.com").status == 0
    assert members(folder / "a.zip") == ["node1/node1.crt", "node1/node1.key"]
    verify(folder / "ca.crt", unzip(folder / "a.zip") / "node1" / "node1.crt")


def test_stores_for_many_come_in_a_zip_and_hold_key_and_ca(certutil: Call, folder: Path, ca: Authority) -> None:
    (folder / "instances.yml").write_text(INSTANCES)
    assert certutil("cert", "-s", *P12_CA, "--in", "instances.yml", "--out", "a.zip", "--pass", "x").status == 0
    assert members(folder / "a.zip") == ["node-0001/node-0001.p12", "node-0002/node-0002.p12"]
    read = load_pkcs12((unzip(folder / "a.zip") / "node-0002" / "node-0002.p12").read_bytes(), "x", "x")
    assert read.trusted == (ca.certificate,)
    assert read.name == "CN=node-0002,OU=search"


def test_a_new_ca_is_kept_on_request_and_can_sign_again(certutil: Call, folder: Path) -> None:
    flags = ("--keep-ca-key", "--ca-pass", "secret", "--ca-dn", "CN=root")
    assert certutil("cert", *flags, "--pem", "--out", "a.zip").status == 0
    assert members(folder / "a.zip")[:2] == ["ca/ca.crt", "ca/ca.key"]
    assert is_encrypted((unzip(folder / "a.zip") / "ca" / "ca.key").read_bytes())
    again = ("--ca-cert", "a/ca/ca.crt", "--ca-key", "a/ca/ca.key", "--ca-pass", "secret")
    assert certutil("cert", *again, "--out", "b.p12", "--pass", "x").status == 0


def test_a_new_ca_is_kept_as_store_beside_stores(certutil: Call, folder: Path) -> None:
    flags = ("--keep-ca-key", "--ca-pass", "secret", "--pass", "x")
    assert certutil("cert", *flags, "--name", "n", "--out", "a.zip").status == 0
    assert members(folder / "a.zip") == ["ca/ca.p12", "n/n.p12"]
    unzip(folder / "a.zip")
    assert certutil("cert", "--ca", "a/ca/ca.p12", "--ca-pass", "secret", "--out", "b.p12", "--pass", "x").status == 0


def test_a_person_is_told_that_the_key_of_a_new_ca_is_gone(certutil: Call, folder: Path) -> None:
    assert "--keep-ca-key" in certutil("cert", "--out", "a.p12", "--pass", "x").out


def test_the_password_really_encrypts_pem_keys(certutil: Call, folder: Path, ca: Authority, openssl: str) -> None:
    assert certutil("cert", *PEM_CA, "--pem", "--out", "a.zip", "--pass", "x", "--name", "n").status == 0
    made = unzip(folder / "a.zip") / "n"
    assert is_encrypted((made / "n.key").read_bytes())
    program(openssl, "pkey", "-in", "n.key", "-passin", "pass:x", "-noout", cwd=made)


def test_the_chain_is_in_the_file_when_the_ca_is_an_intermediate(certutil: Call, folder: Path) -> None:
    """elasticsearch#69403: an intermediate CA led to a wrong issuer."""
    root = authority("Root CA")
    below = intermediate(root)
    save(folder, below)
    (folder / "root.crt").write_bytes(certificates_to_pem([root.certificate]))
    assert certutil("cert", *PEM_CA, "--pem", "--out", "a.zip", "--name", "n").status == 0
    path = unzip(folder / "a.zip") / "n" / "n.crt"
    assert load_certificates(path.read_bytes(), "x")[1:] == (below.certificate,)
    verify(folder / "root.crt", path)


def test_an_intermediate_without_its_root_will_do(certutil: Call, folder: Path) -> None:
    below = intermediate(authority("Root CA"))
    save(folder, Authority(below.certificate, below.key))
    assert certutil("cert", *P12_CA, "--out", "a.p12", "--pass", "x").status == 0


def test_the_identifier_of_the_ca_is_copied_into_the_file(certutil: Call, folder: Path) -> None:
    made = odd_authority(Recipe("Odd", is_ca=True, usages=CA_USAGES, purposes=(), identifier=b"\1" * 32))
    save(folder, made)
    assert certutil("cert", *PEM_CA, "--pem", "--out", "a.zip", "--name", "n").status == 0
    path = unzip(folder / "a.zip") / "n" / "n.crt"
    (leaf,) = load_certificates(path.read_bytes(), "x")
    copied = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert copied.key_identifier == b"\1" * 32
    verify(folder / "ca.crt", path)


def test_an_old_ca_without_key_usage_signs_with_a_warning(certutil: Call, folder: Path) -> None:
    save(folder, odd_authority(Recipe("Old CA", is_ca=True, usages=None, purposes=())))
    done = certutil("cert", "-s", *P12_CA, "--out", "a.p12", "--pass", "x")
    assert done.status == 0
    assert "warning: CA [CN=Old CA]: it is a CA without key usage" in done.err


def test_a_certificate_ends_with_its_ca_and_a_person_is_told(certutil: Call, folder: Path) -> None:
    end = NOW + timedelta(days=30)
    save(folder, odd_authority(Recipe("Short CA", is_ca=True, usages=CA_USAGES, purposes=(), end=end)))
    done = certutil("cert", "-s", *P12_CA, "--out", "a.p12", "--pass", "x", "--days", "90")
    assert done.status == 0
    assert f"end with their CA, on {end:%Y-%m-%d}" in done.err
    leaf = load_pkcs12((folder / "a.p12").read_bytes(), "x", "x").certificate
    assert leaf is not None
    assert leaf.not_valid_after_utc == end.replace(microsecond=0)


def test_self_signed_certificates_trust_nobody(certutil: Call, folder: Path, keytool: str) -> None:
    assert certutil("cert", "--self-signed", "--out", "a.p12", "--pass", "secret", "--name", "n").status == 0
    read = load_pkcs12((folder / "a.p12").read_bytes(), "secret", "x")
    assert (read.chain, read.trusted) == ((), ())
    assert "1 entry" in program(keytool, "-list", "-keystore", "a.p12", "-storepass", "secret", cwd=folder)


@pytest.mark.parametrize("flags", [("--keysize", "2048"), ("--key-type", "rsa")])
def test_rsa_keys_are_made_on_request(certutil: Call, folder: Path, flags: tuple[str, ...]) -> None:
    assert certutil("cert", "--out", "a.p12", "--pass", "x", *flags).status == 0
    assert isinstance(load_pkcs12((folder / "a.p12").read_bytes(), "x", "x").key, rsa.RSAPrivateKey)


@pytest.mark.parametrize("key_type", ["ed25519", "ec-p384"])
def test_other_key_types_pass_the_proof_too(certutil: Call, folder: Path, key_type: str) -> None:
    assert certutil("cert", "--out", "a.p12", "--pass", "x", "--key-type", key_type).status == 0


def test_default_file_names_are_those_of_the_field(certutil: Call, folder: Path) -> None:
    assert certutil("cert", "--pass", "x").status == 0
    assert certutil("cert", "--pass", "x", "--name", "node1").status == 0
    assert certutil("cert", "--pem").status == 0
    assert {one.name for one in folder.iterdir()} == {
        "elastic-certificates.p12",
        "node1.p12",
        "certificate-bundle.zip",
    }


def test_verbose_lists_each_certificate(certutil: Call, folder: Path) -> None:
    (folder / "instances.yml").write_text(INSTANCES)
    done = certutil("cert", "-v", "--in", "instances.yml", "--out", "a.zip", "--pem")
    assert "node-0001: node-0001, localhost, 127.0.0.11, node-0001.role.data; until " in done.out


def test_names_that_are_missing_are_pointed_out(certutil: Call, folder: Path) -> None:
    assert "verification_mode" in certutil("cert", "--out", "a.p12", "--pass", "x").out
    assert "verification_mode" not in certutil("cert", "--out", "b.p12", "--pass", "x", "--dns", "a").out


def wrong_ca(folder: Path, kind: str) -> None:
    if kind == "expired":
        start, end = NOW - timedelta(days=2), NOW - timedelta(days=1)
        save(folder, odd_authority(Recipe("Old", True, usages=CA_USAGES, purposes=(), start=start, end=end)))
    elif kind == "leaf":
        node = bundle(authority())
        assert node.certificate is not None
        assert node.key is not None
        save(folder, Authority(node.certificate, node.key))
    elif kind == "mismatch":
        save(folder, authority())
        (folder / "ca.key").write_bytes(key_to_pem(generate_key()))
    elif kind == "broken":
        for name in ("ca.crt", "ca.key", "ca.p12"):
            (folder / name).write_bytes(b"\x30broken")


@pytest.mark.parametrize(
    ("kind", "flags", "status", "sentence"),
    [
        ("expired", P12_CA, 65, r"ca.p12: the CA \[CN=Old\] expired on"),
        ("leaf", P12_CA, 65, "ca.p12: .* is not a CA"),
        ("leaf", PEM_CA, 65, "ca.crt: .* is not a CA"),
        ("mismatch", PEM_CA, 65, "ca.crt: the private key does not belong"),
        ("broken", PEM_CA, 65, "ca.crt: "),
        ("broken", P12_CA, 65, "ca.p12: "),
        ("none", P12_CA, 66, "ca.p12: does not exist"),
        ("none", PEM_CA, 66, "ca.crt: does not exist"),
        ("none", ("--ca", "."), 66, "cannot be read"),
    ],
)
def test_a_ca_that_cannot_sign_is_refused_in_one_line(
    certutil: Call, folder: Path, kind: str, flags: tuple[str, ...], status: int, sentence: str
) -> None:
    wrong_ca(folder, kind)
    before = sorted(folder.iterdir())
    done = certutil("cert", *flags, "--out", "a.p12", "--pass", "x")
    assert done.status == status
    assert len(done.err.splitlines()) == 1
    assert re.search(sentence, done.err), done.err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("flags", [PEM_CA[:-1], P12_CA[:-1]])
def test_a_wrong_ca_password_names_the_file_and_not_the_password(
    certutil: Call, folder: Path, ca: Authority, flags: tuple[str, ...]
) -> None:
    done = certutil("cert", *flags, "hunter2", "--out", "a.p12", "--pass", "x")
    assert done.status == 65
    assert "does not open" in done.err
    assert "ca." in done.err
    assert "hunter2" not in done.err


@pytest.mark.parametrize("flags", [PEM_CA[:-2], P12_CA[:-2]])
def test_without_terminal_a_missing_ca_password_is_named(
    certutil: Call, folder: Path, ca: Authority, flags: tuple[str, ...]
) -> None:
    done = certutil("cert", *flags, "--out", "a.p12", "--pass", "x")
    assert done.status == 64
    assert "--ca-pass is needed to open the CA" in done.err


CONTRADICTIONS = [
    ("--self-signed", "--ca", "ca.p12"),
    ("--self-signed", "--ca-dn", "CN=a"),
    ("--self-signed", "--keep-ca-key"),
    ("--ca", "ca.p12", "--ca-cert", "ca.crt", "--ca-key", "ca.key"),
    ("--ca-cert", "ca.crt"),
    ("--ca-key", "ca.key"),
    ("--ca", "ca.p12", "--keep-ca-key"),
    ("--ca", "ca.p12", "--ca-dn", "CN=a"),
    ("--ca-pass", "x"),
    ("--in", "instances.yml", "--name", "a"),
    ("--in", "instances.yml", "--dns", "a"),
    ("--in", "instances.yml", "--multiple"),
    ("--multiple", "--ip", "::1"),
    ("--multiple",),
    ("--silent", "--verbose"),
    ("--pem", "--pass", ""),
    ("stray",),
]


@pytest.mark.parametrize("flags", CONTRADICTIONS, ids=" ".join)
def test_flags_that_contradict_each_other_are_refused(certutil: Call, folder: Path, flags: tuple[str, ...]) -> None:
    done = certutil("cert", "--out", "out.p12", *(() if "--pass" in flags else ("--pass", "x")), *flags)
    assert done.status == 64, done.err
    assert len(done.err.splitlines()) == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("flags", [("--dns", "a b"), ("--ip", "1.2.3"), ("--name", "CN="), ("--name", "a/b")])
def test_a_bad_name_on_the_command_line_is_told(certutil: Call, folder: Path, flags: tuple[str, ...]) -> None:
    done = certutil("cert", "--out", "a.p12", "--pass", "x", *flags)
    assert done.status == 65
    assert "--name: instance [" in done.err
    assert list(folder.iterdir()) == []


def test_a_bad_instance_leaves_nothing_behind(certutil: Call, folder: Path) -> None:
    (folder / "instances.yml").write_text("instances: [{name: a}, {name: b, ip: [x]}]")
    done = certutil("cert", "--in", "instances.yml", "--out", "a.zip", "--pem")
    assert done.status == 65
    assert "instances.yml: instance [b]: [x] is not an IP address (write it like 192.0.2.1" in done.err
    assert [one.name for one in folder.iterdir()] == ["instances.yml"]


def test_a_missing_instances_file_is_status_66(certutil: Call, folder: Path) -> None:
    assert certutil("cert", "--in", "instances.yml", "--out", "a.zip", "--pem").status == 66
