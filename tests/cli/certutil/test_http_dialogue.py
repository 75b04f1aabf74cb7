"""`certutil http` on a terminal: asks for all it needs, says what it understood, and takes back what was wrong."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from isthmus.pki.bundles import load_certificates, load_pkcs12
from isthmus.pki.keys import is_encrypted
from tests.cli.certutil.calling import members, unzip
from tests.cli.certutil.conftest import Call
from tests.cli.certutil.test_prompts import Person

SECRET = "Zkq7pL0wXvB2"
ZIP = "elasticsearch-ssl-http.zip"


def types_names(person: Person, dns: list[str], ips: list[str]) -> None:
    for question, entries in (("Which hostnames", dns), ("Which IP addresses", ips)):
        person.child.expect_exact(question)
        for at, entry in enumerate([*entries, ""], 1):
            person.answers(f"#{at}", entry)
        person.answers("Is this correct?", "y")


def test_a_new_ca_and_one_certificate(tmp_path: Path) -> None:
    person = Person(tmp_path, "http")
    person.answers("Generate a CSR?", "")
    person.answers("Use an existing CA?", "n")
    person.answers("Name of the new CA", "Our CA")
    person.answers("Period", "1 week")
    person.child.expect_exact("is no period")
    person.answers("Period", "90D")
    person.answers("Do you wish to change this?", "y")
    person.answers("Key type", "ec-p384")
    person.answers("Generate a certificate per node?", "n")
    types_names(person, ["*.example.com"], ["192.0.2.1"])
    person.answers("desired output file", "")
    person.answers("Enter password for the private keys", SECRET)
    person.answers("Enter password for the private keys again", SECRET)
    person.answers("Enter password for the new CA", "")
    assert person.leaves() == 0, person.seen
    assert SECRET not in person.seen
    made = unzip(tmp_path / ZIP)
    read = load_pkcs12((made / "elasticsearch/http.p12").read_bytes(), SECRET, "x")
    assert read.certificate is not None
    assert read.certificate.issuer.rfc4514_string() == "CN=Our CA"
    assert (read.certificate.not_valid_after_utc - read.certificate.not_valid_before_utc).days == 90
    names = read.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["*.example.com"]


def test_a_request_per_node_with_a_name_taken_back(tmp_path: Path) -> None:
    person = Person(tmp_path, "http")
    person.answers("Generate a CSR?", "y")
    person.answers("Do you wish to change this?", "n")
    person.answers("Generate a certificate per node?", "y")
    person.answers("node #1 name", "../evil")
    types_names(person, [], [])
    person.child.expect_exact("no safe filename")
    person.answers("node #1 name", "node1")
    types_names(person, ["node1.example.com"], [])
    person.answers("Generate additional certificates?", "")
    person.answers("node #2 name", "node2")
    person.child.expect_exact("Which hostnames")
    person.answers("#1", "a b")
    person.child.expect_exact("is not a DNS name")
    person.answers("#1", "wrong.example.com")
    person.answers("#2", "")
    person.answers("Is this correct?", "n")
    person.answers("#1", "right.example.com")
    person.answers("#2", "")
    person.answers("Is this correct?", "")
    person.answers("#1", "")
    person.answers("Is this correct?", "")
    person.answers("Generate additional certificates?", "n")
    person.answers("desired output file", "asked.zip")
    person.answers("Enter password for the private keys", "")
    assert person.leaves() == 0, person.seen
    made = unzip(tmp_path / "asked.zip") / "elasticsearch"
    request = x509.load_pem_x509_csr((made / "node2/http-node2.csr").read_bytes())
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["right.example.com"]
    assert not is_encrypted((made / "node1/http-node1.key").read_bytes())


def test_an_existing_ca_in_pem_files_is_found_from_either_file(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--pem", "--out", "ca.zip", "--pass", SECRET).status == 0
    unzip(folder / "ca.zip")
    person = Person(folder, "http", "--pass", "", "--out", "http.zip", "--days", "30")
    person.answers("Generate a CSR?", "n")
    person.answers("Use an existing CA?", "y")
    person.answers("CA Path", "none.pem")
    person.child.expect_exact("does not exist")
    person.answers("CA Path", "ca/ca/ca.key")
    person.answers("Path of the CA's certificate", "ca/ca/ca.crt")
    person.answers("Do you wish to change this?", "n")
    person.answers("Generate a certificate per node?", "n")
    types_names(person, ["a.example.com"], [])
    person.answers("Enter password for CA private key", SECRET)
    assert person.leaves() == 0, person.seen
    assert SECRET not in person.seen
    assert "ca/ca.p12" not in members(folder / "http.zip")
    (ca,) = load_certificates((unzip(folder / "http.zip") / "kibana/elasticsearch-ca.pem").read_bytes(), "ca")
    assert ca == load_certificates((folder / "ca/ca/ca.crt").read_bytes(), "ca")[0]


def test_show_asks_for_the_password_unseen(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--pass", SECRET, "--out", "ca.p12").status == 0
    person = Person(folder, "show", "ca.p12")
    person.answers("Enter password for ca.p12", SECRET)
    assert person.leaves() == 0, person.seen
    assert "CN=Elastic Certificate Tool Autogenerated CA" in person.seen
    assert SECRET not in person.seen


def test_csr_asks_for_each_instance(tmp_path: Path) -> None:
    person = Person(tmp_path, "csr", "--multiple", "--pass")
    person.answers("Enter instance name", "node1")
    person.answers("Enter name for directories and files", "")
    person.answers("Enter IP Addresses", "192.0.2.1")
    person.answers("Enter DNS names", "node1.example.com")
    person.answers("Would you like to specify another instance?", "n")
    person.answers("desired output file", "")
    person.answers("Enter password for the private keys", SECRET)
    person.answers("Enter password for the private keys again", SECRET)
    assert person.leaves() == 0, person.seen
    assert SECRET not in person.seen
    assert is_encrypted((unzip(tmp_path / "csr-bundle.zip") / "node1/node1.key").read_bytes())
