from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle, bundle_to_pkcs12, load_jks, load_store
from tests.pki.making import bundle, run


@pytest.fixture(scope="module")
def node(ca: Authority) -> Bundle:
    return bundle(ca)


@pytest.fixture(scope="module")
def jks(node: Bundle, tmp_path_factory: pytest.TempPathFactory, keytool: str) -> bytes:
    folder = tmp_path_factory.mktemp("jks")
    (folder / "a.p12").write_bytes(bundle_to_pkcs12(node, "secret"))
    passwords = ["-srcstorepass", "secret", "-deststorepass", "changeit"]
    stores = ["-srckeystore", "a.p12", "-destkeystore", "a.jks", "-deststoretype", "jks"]
    run(keytool, "-importkeystore", *stores, *passwords, cwd=folder)
    # The key keeps the password it had in the PKCS#12 file.
    return (folder / "a.jks").read_bytes()


def test_a_jks_file_of_keytool_is_read(jks: bytes, node: Bundle, ca: Authority) -> None:
    read = load_store(jks, "changeit", "a.jks", key_password="secret")
    assert read.certificate == node.certificate
    assert read.chain == (ca.certificate,)
    assert read.trusted == (ca.certificate,)
    assert read.name == "node1"


def test_a_wrong_store_password_and_a_wrong_key_password_are_told_apart(jks: bytes) -> None:
    with pytest.raises(DataError, match="does not open the JKS file"):
        load_jks(jks, "wrong", "a.jks", key_password="secret")
    with pytest.raises(DataError, match=r"does not open the key \[node1\]"):
        load_jks(jks, "changeit", "a.jks")


@given(st.data())
def test_every_flipped_bit_is_an_error(jks: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(4, len(jks) - 1))
    broken = jks[:at] + bytes([jks[at] ^ 1 << data.draw(st.integers(0, 7))]) + jks[at + 1 :]
    with pytest.raises(DataError):
        load_jks(broken, "changeit", "a.jks", key_password="secret")


def test_jceks_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="JCEKS"):
        load_store(b"\xce\xce\xce\xce" + b"\0" * 40, "changeit", "a.jceks")
