"""`certutil http`: all answers by flags or by a file; what it makes serves a client that was given the zip's CA."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from isthmus.cli.certutil import http_files
from isthmus.cli.certutil.archive import Member
from isthmus.cli.certutil.http_answers import parse_answers, parse_period
from isthmus.errors import DataError
from isthmus.settings import declared
from tests.cli.certutil.calling import members, mode, program, unzip, verify
from tests.cli.certutil.conftest import Call

SECRET = "Zkq7pL0wXvB2"
NO_PASSWORDS = ["--pass", "", "--ca-pass", ""]

ANSWERS = """
ca_dn: CN=Our HTTP CA,O=Example
days: 90D
out: answered.zip
nodes:
  - name: node1
    dns: [node1.example.com, "*.es.example.com"]
    ip: [192.0.2.1]
  - filename: second
    dns: node2.example.com
"""


def settings_in(path: Path) -> dict[str, object]:
    found = YAML(typ="safe").load(path.read_bytes())
    assert isinstance(found, dict)
    return found


def test_one_certificate_is_laid_out_as_elasticsearch_users_expect(certutil: Call, folder: Path) -> None:
    done = certutil("http", "--dns", "es.example.com", "--ip", "192.0.2.1", "--pass", SECRET, "--ca-pass", "other")
    assert done.status == 0, done.err
    assert members(folder / "elasticsearch-ssl-http.zip") == [
        "elasticsearch/README.txt",
        "elasticsearch/http.p12",
        "elasticsearch/sample-elasticsearch.yml",
        "ca/README.txt",
        "ca/ca.p12",
        "kibana/README.txt",
        "kibana/elasticsearch-ca.pem",
        "kibana/sample-kibana.yml",
    ]
    made = unzip(folder / "elasticsearch-ssl-http.zip")
    assert mode(folder / "elasticsearch-ssl-http.zip") == mode(made / "elasticsearch/http.p12") == 0o600
    assert SECRET not in done.out + done.err + "".join(
        path.read_text(errors="replace") for path in made.rglob("*.*") if path.suffix in (".txt", ".yml")
    )


def test_java_finds_key_and_trusted_ca_in_the_store(certutil: Call, folder: Path, keytool: str) -> None:
    assert certutil("http", "--dns", "es.example.com", "--pass", SECRET, "--ca-pass", "").status == 0
    made = unzip(folder / "elasticsearch-ssl-http.zip")
    listed = program(keytool, "-list", "-keystore", "http.p12", "-storepass", SECRET, cwd=made / "elasticsearch")
    assert "http, " in listed
    assert "PrivateKeyEntry" in listed
    assert "trustedCertEntry" in listed


async def test_a_client_with_the_zips_ca_is_served(certutil: Call, folder: Path) -> None:
    assert certutil("http", "--pem", "--dns", "localhost", "--ip", "127.0.0.1").status == 0
    made = unzip(folder / "elasticsearch-ssl-http.zip")
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(made / "elasticsearch/http.crt", made / "elasticsearch/http.key")
    client_side = ssl.create_default_context(cafile=made / "kibana/elasticsearch-ca.pem")
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server_side) as server:
        port = server.sockets[0].getsockname()[1]
        for name in ("127.0.0.1", "localhost"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_side, server_hostname=name)
            assert await reader.read() == b"hello"
            writer.close()


@pytest.mark.parametrize("form", [["--pem"], []])
@pytest.mark.parametrize("password", [SECRET, None])
def test_sample_settings_name_the_files_that_lie_beside_them(
    certutil: Call, folder: Path, form: list[str], password: str | None
) -> None:
    protection = ["--pass", password] if password else ([] if form else ["--pass", ""])
    done = certutil("http", *form, "--dns", "es.example.com", *protection, "--ca-pass", "x")
    assert done.status == 0, done.err
    made = unzip(folder / "elasticsearch-ssl-http.zip") / "elasticsearch"
    settings = settings_in(made / "sample-elasticsearch.yml")
    assert settings.pop("xpack.security.http.ssl.enabled") is True
    assert {str(file) for file in settings.values()} == {one.name for one in made.iterdir() if "http." in one.name}
    assert all(declared().find(name) for name in settings)
    text = (made / "README.txt").read_text() + (made / "sample-elasticsearch.yml").read_text()
    assert ("isthmus keystore add" in text) is (password is not None)
    for word in text.split():
        if word.startswith("xpack.security.http.ssl."):
            assert declared().find(word.rstrip(":")), word


def test_requests_are_pem_files_with_encrypted_keys(certutil: Call, folder: Path) -> None:
    done = certutil("http", "--csr", "--dns", "es.example.com", "--pass", SECRET, "--out", "asked.zip")
    assert done.status == 0, done.err
    made = unzip(folder / "asked.zip")
    assert not (made / "ca").exists()
    assert not (made / "kibana/elasticsearch-ca.pem").exists()
    node = made / "elasticsearch"
    program("openssl", "req", "-in", "http-es.example.com.csr", "-noout", "-verify", cwd=node)
    program("openssl", "pkey", "-in", "http-es.example.com.key", "-passin", f"pass:{SECRET}", "-noout", cwd=node)
    assert b"ENCRYPTED" in (node / "http-es.example.com.key").read_bytes()
    named = settings_in(node / "sample-elasticsearch.yml")
    assert named["xpack.security.http.ssl.certificate"] == "http-es.example.com.crt"


def test_a_request_can_be_signed_by_sign(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--pass", "", "--out", "ca.p12").status == 0
    assert certutil("http", "--csr", "--dns", "es.example.com", "--out", "asked.zip").status == 0
    done = certutil("sign", "asked.zip", "--profile", "http", "--ca", "ca.p12", "--out", "signed.zip")
    assert done.status == 0, done.err
    assert members(folder / "signed.zip")[-1] == "http-es.example.com/http-es.example.com.crt"


def test_a_file_of_answers_gives_each_node_its_folder(certutil: Call, folder: Path) -> None:
    (folder / "answers.yml").write_text(ANSWERS)
    done = certutil("http", "--answers", "answers.yml", "--pem")
    assert done.status == 0, done.err
    made = unzip(folder / "answered.zip")
    assert (made / "elasticsearch/node1/http.key").exists()
    for name in ("node1", "second"):
        verify(made / "ca/ca.crt", made / f"elasticsearch/{name}/http.crt")
    text = program("openssl", "x509", "-in", "http.crt", "-noout", "-text", cwd=made / "elasticsearch/node1")
    assert "DNS:node1.example.com, DNS:*.es.example.com, IP Address:192.0.2.1" in text
    assert "TLS Web Server Authentication" in text
    assert "TLS Web Client Authentication" not in text
    assert settings_in(made / "kibana/sample-kibana.yml")["elasticsearch.hosts"] == [
        "https://node1.example.com:9200",
        "https://node2.example.com:9200",
    ]


def test_flags_win_over_the_file_of_answers(certutil: Call, folder: Path) -> None:
    (folder / "answers.yml").write_text(ANSWERS)
    done = certutil("http", "--answers", "answers.yml", "--pem", "--out", "other.zip", "--dns", "x.example.com")
    assert done.status == 0, done.err
    assert "elasticsearch/http.crt" in members(folder / "other.zip")


def test_an_existing_ca_signs_and_is_not_packed_with_its_key(certutil: Call, folder: Path) -> None:
    assert certutil("ca", "--pass", "ca-secret", "--out", "ca.p12").status == 0
    done = certutil("http", "--ca", "ca.p12", "--ca-pass", "ca-secret", "--dns", "a.example.com", "--pass", "")
    assert done.status == 0, done.err
    assert not [name for name in members(folder / "elasticsearch-ssl-http.zip") if name.startswith("ca/")]
    assert certutil("http", "--ca", "ca.p12", "--ca-pass", "wrong", "--dns", "a", "--pass", "").status == 65


def test_what_was_not_written_rightly_is_found_before_the_command_is_done(
    certutil: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_ca(*_: object) -> list[Member]:
        return [Member("kibana/elasticsearch-ca.pem", (folder / "other.pem").read_bytes())]

    assert certutil("ca", "--pem", "--out", "other.zip").status == 0
    (unzip(folder / "other.zip") / "ca/ca.crt").rename(folder / "other.pem")
    monkeypatch.setattr(http_files, "client_members", no_ca)
    done = certutil("http", "--dns", "a.example.com", *NO_PASSWORDS)
    assert done.status == 65
    assert "does not hold the CA" in done.err
    assert not (folder / "elasticsearch-ssl-http.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        ([], 64, "--answers"),
        (["--csr"], 64, "--answers"),
        (["--dns", "a"], 64, "--pass is needed"),
        (["--dns", "a", "--pass", ""], 64, "--ca-pass is needed"),
        (["--dns", "a b", *NO_PASSWORDS], 65, "not a DNS name"),
        (["--ip", "1.2.3", *NO_PASSWORDS], 65, "not an IP address"),
        (["--csr", "--dns", "a", "--ca", "ca.p12"], 64, "leave out the CA"),
        (["--csr", "--dns", "a", "--ca-pass", "x"], 64, "leave out the CA"),
        (["--csr", "--dns", "a", "--days", "9"], 64, "--days"),
        (["--csr", "--dns", "a", "--pem"], 64, "--pem"),
        (["--dns", "a", "--ca", "ca.p12", "--ca-dn", "CN=x"], 64, "--ca-dn"),
        (["--dns", "a", "--ca-dn", "what", *NO_PASSWORDS], 65, "--ca-dn"),
        (["--dns", "a", "--keysize", "2048", "--key-type", "ed25519", *NO_PASSWORDS], 64, "--keysize"),
        (["--dns", "a", "--in", "instances.yml"], 64, "--in"),
        (["--answers", "none.yml"], 66, "does not exist"),
    ],
)
def test_bad_input_is_one_clear_line_and_nothing_is_written(
    certutil: Call, folder: Path, arguments: list[str], status: int, reason: str
) -> None:
    done = certutil("http", *arguments)
    assert (done.status, len(done.err.strip().splitlines())) == (status, 1), done.err
    assert reason in done.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no map"),
        ("- a", "no map"),
        ("a: [", ":1: is not valid YAML"),
        ("csr: true\ncsr: false", ":2: is not valid YAML"),
        ("password: x", r"unknown key \[password\]"),
        ("csr: 'yes'", "neither true nor false"),
        ("ca: 3", "no text"),
        ("days: 3W", "no period"),
        ("days: true", "no period"),
        ("days: [3]", "no period"),
        ("key_type: dsa", "no type of keys"),
        ("key_size: 1024", "no size of RSA keys"),
        ("nodes: []", "no list of 1"),
        ("nodes: [a]", "node 1: is no map"),
        ("nodes:\n- dns: [a]\n  cn: x", r"node 1: unknown key \[cn\]"),
        ("nodes:\n- name: ../x", "no safe filename"),
        ("nodes:\n- name: a\n- name: A", "already that of"),
        ("nodes:\n- dns: [3]", "is not text"),
    ],
)
def test_a_wrong_answer_is_told_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(DataError, match=rf"^answers\.yml.*{reason}"):
        parse_answers(text.encode(), "answers.yml")


@given(st.text(max_size=200) | st.text("csr:ano day-[]{}\n'\"&*!|>%@", max_size=60))
def test_any_file_of_answers_is_read_or_refused(text: str) -> None:
    with suppress(DataError):
        answers = parse_answers(text.encode("utf-8", "replace"), "answers.yml")
        assert answers.nodes is None or answers.nodes


@pytest.mark.parametrize(("text", "days"), [("3Y", 1095), ("18m", 540), (" 90 D ", 90), ("7", 7), ("36500", 36500)])
def test_periods_are_read_as_people_write_them(text: str, days: int) -> None:
    assert parse_period(text, "answer") == days


@pytest.mark.parametrize("text", ["", "0", "0Y", "-1D", "101Y", "1.5Y", "1W", "٣", "999999999"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="is no period"):
        parse_period(text, "answer")
