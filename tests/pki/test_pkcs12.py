from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki import pbe, pkcs12_read
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12, certificates_to_pem, load_pkcs12, load_store, read_store
from isthmus.pki.keys import KEY_TYPES, KeyType, key_to_pem, public_der
from tests.pki.making import bundle, intermediate, run


def same_key(one: Bundle, other: Bundle) -> bool:
    assert one.key is not None
    assert other.key is not None
    return public_der(one.key.public_key()) == public_der(other.key.public_key())


@pytest.fixture(scope="module")
def node(ca: Authority) -> Bundle:
    return bundle(ca)


@pytest.mark.parametrize("password", ["secret", "", "x" * 200])
def test_a_bundle_comes_back_as_it_was_written(node: Bundle, ca: Authority, password: str) -> None:
    read = load_pkcs12(bundle_to_pkcs12(node, password), password, "node1.p12")
    assert same_key(read, node)
    assert read.certificate == node.certificate
    assert read.trusted == (ca.certificate,)
    assert read.name == "node1"


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_keytool_lists_the_private_key_and_the_trusted_ca(
    key_type: KeyType, ca: Authority, tmp_path: Path, keytool: str
) -> None:
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(bundle(ca, "Node-1", key_type), "secret"))
    listed = run(keytool, "-list", "-keystore", "a.p12", "-storepass", "secret", cwd=tmp_path)
    assert "2 entries" in listed
    assert "ca, " in listed
    assert "trustedCertEntry" in listed
    assert "node-1, " in listed
    assert "PrivateKeyEntry" in listed


JAVA_OPENS = """
import java.io.FileInputStream;
import java.security.KeyStore;

public class Opens {
    public static void main(String[] arguments) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = arguments[1].toCharArray();
        store.load(new FileInputStream(arguments[0]), password);
        System.out.println(store.getKey("node1", password).getAlgorithm());
        System.out.println(store.getCertificateChain("node1").length);
        System.out.println(store.isCertificateEntry("ca"));
    }
}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="the Java compiler is not installed")
def test_java_opens_a_file_with_an_empty_password_as_elasticsearch_would(node: Bundle, tmp_path: Path) -> None:
    (tmp_path / "Opens.java").write_text(JAVA_OPENS)
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(node, ""))
    assert run("java", "Opens.java", "a.p12", "", cwd=tmp_path).split() == ["EC", "2", "true"]


def test_java_finds_the_whole_chain_through_an_intermediate(ca: Authority, tmp_path: Path, keytool: str) -> None:
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(bundle(intermediate(ca)), "secret"))
    listed = run(keytool, "-list", "-v", "-alias", "node1", "-keystore", "a.p12", "-storepass", "secret", cwd=tmp_path)
    assert "Certificate chain length: 2" in listed
    assert "Issuer: CN=Intermediate CA" in listed


@pytest.mark.parametrize("password", ["secret", ""])
def test_openssl_opens_our_file(node: Bundle, tmp_path: Path, openssl: str, password: str) -> None:
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(node, password))
    shown = run(openssl, "pkcs12", "-in", "a.p12", "-passin", f"pass:{password}", "-nodes", cwd=tmp_path)
    assert shown.count("BEGIN CERTIFICATE") == 2
    assert "BEGIN PRIVATE KEY" in shown


def test_openssl_sees_modern_protection_only(node: Bundle, tmp_path: Path, openssl: str) -> None:
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(node, "secret"))
    command = f"{openssl} pkcs12 -in a.p12 -passin pass:secret -info -noout 2>&1"
    shown = run("sh", "-c", command, cwd=tmp_path)
    assert "MAC: sha256" in shown
    assert shown.count("PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256") == 2


def test_cryptography_opens_our_file(node: Bundle) -> None:
    theirs = pkcs12.load_pkcs12(bundle_to_pkcs12(node, "secret"), b"secret")
    assert theirs.cert is not None
    assert theirs.cert.certificate == node.certificate
    assert theirs.cert.friendly_name == b"node1"


OPENSSL_FLAVOURS = {
    "modern": [],
    "legacy (RC2-40 and 3DES)": ["-legacy"],
    "3DES": ["-legacy", "-certpbe", "PBE-SHA1-3DES"],
    "RC2-128": ["-legacy", "-certpbe", "PBE-SHA1-RC2-128"],
    "AES-128": ["-certpbe", "AES-128-CBC", "-keypbe", "AES-192-CBC"],
    "SHA-512 MAC": ["-macalg", "sha512"],
    "no MAC": ["-nomac"],
    "clear": ["-certpbe", "NONE", "-keypbe", "NONE"],
}


@pytest.mark.parametrize("flavour", OPENSSL_FLAVOURS.values(), ids=OPENSSL_FLAVOURS.keys())
@pytest.mark.parametrize("password", ["secret", ""])
def test_files_of_openssl_are_read(
    flavour: list[str], password: str, node: Bundle, ca: Authority, tmp_path: Path, openssl: str
) -> None:
    assert node.key is not None
    assert node.certificate is not None
    (tmp_path / "a.pem").write_bytes(key_to_pem(node.key) + certificates_to_pem([node.certificate, ca.certificate]))
    command = [openssl, "pkcs12", "-export", "-in", "a.pem", "-out", "a.p12", "-name", "n", "-passout"]
    run(*command, f"pass:{password}", *flavour, cwd=tmp_path)
    data = (tmp_path / "a.p12").read_bytes()
    read = load_store(data, password, "a.p12")
    assert same_key(read, node)
    assert read.chain == (ca.certificate,)
    assert read.trusted == ()
    if flavour not in (["-nomac"], OPENSSL_FLAVOURS["clear"]):
        with pytest.raises(DataError, match="password does not open"):
            load_store(data, "wrong", "a.p12")


def test_a_trust_store_of_keytool_is_read(ca: Authority, other_ca: Authority, tmp_path: Path, keytool: str) -> None:
    for name, one in (("a", ca), ("b", other_ca)):
        (tmp_path / f"{name}.crt").write_bytes(certificates_to_pem([one.certificate]))
        arguments = ["-importcert", "-noprompt", "-alias", name, "-file", f"{name}.crt"]
        run(keytool, *arguments, "-keystore", "trust.p12", "-storepass", "secret", cwd=tmp_path)
    read = load_store((tmp_path / "trust.p12").read_bytes(), "secret", "trust.p12")
    assert set(read.trusted) == {ca.certificate, other_ca.certificate}
    assert read.key is None


def test_a_key_store_of_keytool_is_read(tmp_path: Path, keytool: str) -> None:
    arguments = ["-genkeypair", "-keyalg", "EC", "-alias", "node", "-dname", "CN=node", "-ext", "bc:c=ca:false"]
    run(keytool, *arguments, "-keystore", "a.p12", "-storepass", "secret", cwd=tmp_path)
    read = load_store((tmp_path / "a.p12").read_bytes(), "secret", "a.p12")
    assert read.name == "node"
    assert read.certificate is not None
    assert read.certificate.subject.rfc4514_string() == "CN=node"


def test_of_a_nodes_key_and_its_cas_key_the_nodes_is_taken(
    node: Bundle, ca: Authority, tmp_path: Path, keytool: str
) -> None:
    (tmp_path / "http.p12").write_bytes(bundle_to_pkcs12(node, "secret"))
    (tmp_path / "ca.p12").write_bytes(bundle_to_pkcs12(Bundle(ca.key, ca.certificate, name="http_ca"), "secret"))
    passwords = ["-srcstorepass", "secret", "-deststorepass", "secret"]
    arguments = ["-importkeystore", "-srckeystore", "ca.p12", "-destkeystore", "http.p12", *passwords]
    run(keytool, *arguments, cwd=tmp_path)
    data = (tmp_path / "http.p12").read_bytes()
    assert len(read_store(data, "secret", "http.p12").keys) == 2
    assert load_pkcs12(data, "secret", "http.p12").certificate == node.certificate


def test_a_wrong_password_says_so_and_does_not_say_which(node: Bundle) -> None:
    with pytest.raises(DataError, match=r"^node1\.p12: the password does not open") as caught:
        load_pkcs12(bundle_to_pkcs12(node, "secret"), "hunter2", "node1.p12")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(DataError, match="does not open"):
        load_pkcs12(bundle_to_pkcs12(node, "secret"), None, "node1.p12")


def test_a_password_that_java_cannot_take_is_refused(node: Bundle) -> None:
    with pytest.raises(DataError, match="ASCII"):
        bundle_to_pkcs12(node, "pässword")


def test_an_instance_called_ca_does_not_take_the_place_of_the_ca(node: Bundle, tmp_path: Path, keytool: str) -> None:
    (tmp_path / "a.p12").write_bytes(bundle_to_pkcs12(replace(node, name="CA"), "secret"))
    assert "2 entries" in run(keytool, "-list", "-keystore", "a.p12", "-storepass", "secret", cwd=tmp_path)


def test_every_flipped_byte_of_the_content_is_an_error(node: Bundle) -> None:
    data = bundle_to_pkcs12(node, "secret")
    for at in range(40, len(data) - 120, 97):
        broken = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        with pytest.raises(DataError):
            load_pkcs12(broken, "secret", "x")


def test_a_file_cut_short_is_an_error(node: Bundle) -> None:
    data = bundle_to_pkcs12(node, "secret")
    for length in (0, 1, 2, 10, 100, len(data) // 2, len(data) - 1):
        with pytest.raises(DataError):
            load_pkcs12(data[:length], "secret", "x")


def test_the_work_that_all_parts_of_a_file_ask_for_is_bounded(
    node: Bundle, tmp_path: Path, openssl: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert node.key is not None
    assert node.certificate is not None
    (tmp_path / "a.pem").write_bytes(key_to_pem(node.key) + certificates_to_pem([node.certificate]))
    command = [openssl, "pkcs12", "-export", "-in", "a.pem", "-out", "a.p12", "-passout", "pass:x", "-nomac"]
    run(*command, "-iter", "70000", cwd=tmp_path)
    data = (tmp_path / "a.p12").read_bytes()
    load_pkcs12(data, "x", "a.p12")
    monkeypatch.setattr(pkcs12_read, "MAX_ITERATIONS", 100_000)
    with pytest.raises(DataError, match="a key derivation of 70000 iterations, which is not supported"):
        load_pkcs12(data, "x", "a.p12")


@pytest.mark.parametrize("count", [b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x00"])
def test_an_absurd_number_of_iterations_is_refused_at_once(count: bytes) -> None:
    with pytest.raises(pbe.UnsupportedEncryptionError):
        pbe.Budget(pkcs12_read.MAX_ITERATIONS).spend(int.from_bytes(count, "big", signed=True))


@pytest.fixture(scope="module")
def bare(node: Bundle, tmp_path_factory: pytest.TempPathFactory, openssl: str) -> bytes:
    """A file without MAC and encryption, so that a flipped bit reaches every parser."""
    folder = tmp_path_factory.mktemp("bare")
    assert node.key is not None
    assert node.certificate is not None
    (folder / "a.pem").write_bytes(key_to_pem(node.key) + certificates_to_pem([node.certificate]))
    flavour = ["-nomac", "-certpbe", "NONE", "-keypbe", "NONE"]
    run(openssl, "pkcs12", "-export", "-in", "a.pem", "-out", "a.p12", "-passout", "pass:", *flavour, cwd=folder)
    return (folder / "a.p12").read_bytes()


@settings(max_examples=500)
@given(st.data())
def test_a_flipped_bit_anywhere_gives_a_store_or_a_data_error(bare: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(bare) - 1))
    broken = bare[:at] + bytes([bare[at] ^ 1 << data.draw(st.integers(0, 7))]) + bare[at + 1 :]
    with contextlib.suppress(DataError):
        assert read_store(broken, "", "x", store_type="pkcs12").kind == "pkcs12"


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_store_or_a_data_error(data: bytes) -> None:
    for text in (data, b"\x30" + data, b"\xfe\xed\xfe\xed" + data, b"\x30\x82\x01\x00" + data):
        with pytest.raises(DataError):
            load_store(text, "secret", "x")


def test_a_file_beyond_all_size_is_not_parsed() -> None:
    with pytest.raises(DataError, match="larger than"):
        load_pkcs12(b"\x30" + os.urandom(1) * (16 * 1024 * 1024), "secret", "x")


def test_a_key_never_shows_in_the_text_of_a_bundle(node: Bundle) -> None:
    assert "key=" not in repr(node)
