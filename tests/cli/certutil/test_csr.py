"""`certutil csr`: a key that stays and a request that goes to the CA."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from isthmus.cli.certutil import csr, requesting
from isthmus.cli.certutil.archive import Member
from isthmus.pki.keys import KEY_TYPES
from tests.cli.certutil.calling import members, mode, program, unzip
from tests.cli.certutil.conftest import Call

INSTANCES = """
instances:
  - name: node1
    dns: [node1.example.com, "*.example.com"]
    ip: [192.0.2.1, "2001:db8::1"]
    cn: [node1.cluster]
  - name: CN=node2,OU=search,DC=example,DC=com
    filename: second
"""


def test_one_instance_gives_its_key_and_its_request(certutil: Call, folder: Path) -> None:
    done = certutil("csr", "--name", "node1", "--dns", "a.example.com,b.example.com", "--ip", "192.0.2.1")
    assert done.status == 0, done.err
    assert members(folder / "csr-bundle.zip") == ["node1/node1.csr", "node1/node1.key"]
    made = unzip(folder / "csr-bundle.zip") / "node1"
    assert mode(folder / "csr-bundle.zip") == mode(made / "node1.key") == 0o600
    text = program("openssl", "req", "-in", "node1.csr", "-noout", "-verify", "-text", cwd=made)
    assert "DNS:a.example.com, DNS:b.example.com, IP Address:192.0.2.1" in text
    of_key = program("openssl", "pkey", "-in", "node1.key", "-pubout", cwd=made)
    assert of_key == program("openssl", "req", "-in", "node1.csr", "-noout", "-pubkey", cwd=made)


def test_pass_really_encrypts_the_key(certutil: Call, folder: Path) -> None:
    """elasticsearch#106003, elasticsearch#109834: csr --pass was ignored, the key lay in clear."""
    done = certutil("csr", "--name", "node1", "--pass", "Zkq7pL0wXvB2")
    assert done.status == 0, done.err
    made = unzip(folder / "csr-bundle.zip") / "node1"
    assert (made / "node1.key").read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    program("openssl", "pkey", "-in", "node1.key", "-passin", "pass:Zkq7pL0wXvB2", "-noout", cwd=made)
    assert "Zkq7pL0wXvB2" not in done.out + done.err


def test_a_key_that_was_left_in_clear_is_found_before_the_command_is_done(
    certutil: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_clear(requested: requesting.Requested, _: str | None) -> list[Member]:
        return requesting.request_members(requested, None)

    monkeypatch.setattr(csr, "request_members", in_clear)
    done = certutil("csr", "--name", "node1", "--pass", "secret")
    assert done.status == 65
    assert "was to be encrypted" in done.err
    assert list(folder.iterdir()) == []


def test_each_instance_of_a_file_has_its_folder(certutil: Call, folder: Path) -> None:
    (folder / "instances.yml").write_text(INSTANCES)
    assert certutil("csr", "--silent", "--in", "instances.yml", "--out", "requests.zip").out == ""
    made = unzip(folder / "requests.zip")
    first = x509.load_pem_x509_csr((made / "node1/node1.csr").read_bytes())
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["node1.example.com", "*.example.com"]
    assert [name.type_id.dotted_string for name in names if isinstance(name, x509.OtherName)] == ["2.5.4.3"]
    second = x509.load_pem_x509_csr((made / "second/second.csr").read_bytes())
    assert second.subject.rfc4514_string() == "CN=node2,OU=search,DC=example,DC=com"


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_every_kind_of_key_can_be_asked_for(certutil: Call, folder: Path, kind: str) -> None:
    """elasticsearch#54975, cloud-on-k8s#4581: only RSA keys could be made."""
    done = certutil("csr", "--name", "n", "--key-type", kind)
    assert done.status == 0, done.err
    program("openssl", "req", "-in", "n.csr", "-noout", "-verify", cwd=unzip(folder / "csr-bundle.zip") / "n")


def test_nothing_is_overwritten_unless_asked_for(certutil: Call, folder: Path) -> None:
    assert certutil("csr", "--name", "n").status == 0
    before = (folder / "csr-bundle.zip").read_bytes()
    assert certutil("csr", "--name", "n").status == 73
    assert (folder / "csr-bundle.zip").read_bytes() == before
    assert certutil("csr", "--name", "n", "--force").status == 0
    assert (folder / "csr-bundle.zip").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--name", "../x"], 65),
        (["--name", "n", "--ip", "300.1.1.1"], 65),
        (["--name", "n", "--dns", "under score.example"], 65),
        (["--name", "n", "--in", "instances.yml"], 64),
        (["--multiple", "--in", "instances.yml"], 64),
        (["--multiple"], 64),
        (["--name", "n", "--pass", ""], 64),
        (["--in", "none.yml"], 66),
        (["--name", "n", "--keysize", "1024"], 64),
    ],
)
def test_bad_input_is_one_clear_line_and_nothing_is_written(
    certutil: Call, folder: Path, arguments: list[str], status: int
) -> None:
    done = certutil("csr", *arguments)
    assert done.status == status
    assert len(done.err.strip().splitlines()) == 1
    assert list(folder.iterdir()) == []
