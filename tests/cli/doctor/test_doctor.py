"""`isthmus doctor` as an administrator calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.certificates import CLIENT, SERVER, Authority, make_ca
from tests.cli.doctor.conftest import Call
from tests.lifecycle.folders.writing import HTTP, TRANSPORT, pem_node, settings_of, write_p12, write_yml

HTTPS = {f"{HTTP}.enabled": True, f"{HTTP}.key": "certs/http.key", f"{HTTP}.certificate": "certs/http.crt"}


def sound_node(folder: Path, name: str, ca: Authority | None = None) -> Path:
    """Write a node that has nothing to blame."""
    pem_node(folder, ca, name, HTTPS)
    make_ca("HTTP CA").issue(name, usages=(SERVER,)).write(folder / "certs", "http")
    return folder


def test_a_sound_cluster_is_clean(isthmus: Call, tmp_path: Path) -> None:
    ca = make_ca("east CA")
    folders = [sound_node(tmp_path / name, name, ca) for name in ("n1", "n2", "n3")]
    done = isthmus("doctor", "--strict", *folders)
    assert (done.status, done.err) == (0, ""), done.out
    assert "6 of 6 dials succeed" in done.out
    assert "3 nodes: nothing found" in done.out


def test_a_stranger_is_named_with_what_to_do(isthmus: Call, tmp_path: Path) -> None:
    ca = make_ca("east CA")
    folders = [sound_node(tmp_path / name, name, ca) for name in ("n1", "n2")]
    done = isthmus("doctor", *folders, sound_node(tmp_path / "alien", "alien", make_ca("west CA")))
    assert done.status == 2
    assert "2 of 6 dials succeed, 4 refused" in done.out
    assert "✗" in done.out


def test_a_public_ca_that_drops_client_auth_is_an_error_on_transport(isthmus: Call, tmp_path: Path) -> None:
    """P28: a certificate without clientAuth ends node-to-node connections."""
    ca = make_ca("east CA")
    folder = sound_node(tmp_path / "n1", "n1", ca)
    ca.issue("n1", usages=(SERVER,)).write(folder / "certs")
    done = isthmus("doctor", folder)
    assert done.status == 2
    assert "clientAuth" in done.out


def test_a_ca_of_the_system_store_is_an_error_on_transport(
    isthmus: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = make_ca("a public CA")
    (tmp_path / "public.pem").write_bytes(ca.certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "public.pem"))
    done = isthmus("doctor", sound_node(tmp_path / "n1", "n1", ca))
    assert done.status == 2
    assert "public" in done.out


def test_a_machine_without_public_cas_is_told(isthmus: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    done = isthmus("doctor", "--strict", sound_node(tmp_path / "n1", "n1"))
    assert done.status == 0
    assert "no store of public CAs" in done.out


def test_an_organisations_ca_is_a_warning(isthmus: Call, tmp_path: Path) -> None:
    ca = make_ca("company CA")
    folder = sound_node(tmp_path / "n1", "n1", ca)
    assert isthmus("doctor", "--strict", folder).status == 0
    named = isthmus("doctor", "--strict", folder, "--organisation-ca", folder / "certs" / "ca.crt")
    assert named.status == 1


def test_an_organisation_ca_file_that_is_not_there_is_refused(isthmus: Call, tmp_path: Path) -> None:
    done = isthmus("doctor", sound_node(tmp_path / "n1", "n1"), "--organisation-ca", "gone.pem")
    assert done.status == 66
    assert "gone.pem" in done.err


def test_what_certutil_made_is_clean(isthmus: Call, tmp_path: Path) -> None:
    isthmus("certutil", "ca", "--pass", "", "--out", "ca.p12")
    settings: dict[str, object] = {"network.host": "127.0.0.1", f"{HTTP}.enabled": True}
    for name in ("n1", "n2"):
        options = ["--ca", "ca.p12", "--ca-pass", "", "--pass", "", "--name", name, "--dns", name, "--ip", "127.0.0.1"]
        for channel in ("transport", "http"):
            (tmp_path / name).mkdir(exist_ok=True)
            made = isthmus("certutil", "cert", *options, "--out", f"{name}/{channel}.p12")
            assert made.status == 0, made.err
        own = {f"{TRANSPORT}.enabled": True, f"{TRANSPORT}.keystore.path": "transport.p12", "node.name": name}
        write_yml(tmp_path / name, {**settings, **own, f"{HTTP}.keystore.path": "http.p12"})
    done = isthmus("doctor", "n1", "n2")
    assert done.status == 0, done.out
    assert "2 of 2 dials succeed" in done.out


def test_what_keytool_made_is_read(isthmus: Call, tmp_path: Path) -> None:
    if shutil.which("keytool") is None:
        pytest.skip("keytool (Java) is not installed")
    ca = make_ca("east CA")
    write_p12(ca, tmp_path / "n1" / "node.p12", "secret-of-tests")
    (tmp_path / "ca.crt").write_bytes(ca.certificate_pem)
    imported = ["keytool", "-importcert", "-noprompt", "-file", "ca.crt", "-storepass", "secret-of-tests"]
    subprocess.run([*imported, "-storetype", "JKS", "-keystore", "n1/trust.jks"], check=True, timeout=60)
    settings = {
        "node.name": "n1",
        f"{TRANSPORT}.enabled": True,
        f"{TRANSPORT}.keystore.path": "node.p12",
        f"{TRANSPORT}.keystore.password": "secret-of-tests",
        f"{TRANSPORT}.truststore.path": "trust.jks",
        f"{TRANSPORT}.truststore.password": "secret-of-tests",
    }
    done = isthmus("doctor", write_yml(tmp_path / "n1", settings))
    assert "stands in clear" in done.out
    assert "JKS" in done.out
    assert "secret-of-tests" not in done.out + done.err


def test_a_folder_of_the_real_elasticsearch_tool_is_read(isthmus: Call, tmp_path: Path) -> None:
    home = os.environ.get("ISTHMUS_ES_HOME")
    if not home:
        pytest.skip("ISTHMUS_ES_HOME names no assembled Elasticsearch")
    write_p12(make_ca("east CA"), tmp_path / "n1" / "node.p12", "secret-of-tests")
    own = {
        f"{TRANSPORT}.enabled": True,
        f"{TRANSPORT}.keystore.path": "node.p12",
        f"{TRANSPORT}.truststore.path": "node.p12",
    }
    folder = write_yml(tmp_path / "n1", {"node.name": "n1", **own})
    stores = ("keystore", "truststore")
    lines = "".join(f"{TRANSPORT}.{store}.secure_password=secret-of-tests\n" for store in stores)
    keystore = ["org.elasticsearch.bootstrap.Keystore", str(folder), "add"]
    command = ["java", "-cp", f"{home}/tools:{home}/lib/*", *keystore]
    subprocess.run(command, input=lines, text=True, check=True, timeout=120)
    done = isthmus("doctor", folder, "--json")
    assert "file-password-unknown" not in done.out
    assert "secret-of-tests" not in done.out
    assert '"subject": "CN=node"' in done.out


@pytest.mark.parametrize("name", ["node.crt", "node.key", "ca.crt", "store.p12"])
def test_a_file_alone_is_judged(isthmus: Call, tmp_path: Path, name: str) -> None:
    folder = sound_node(tmp_path / "n1", "n1")
    write_p12(make_ca(), folder / "certs" / "new" / "store.p12", "")
    (folder / "certs" / "new" / "store.p12").rename(folder / "certs" / "store.p12")
    (folder / "certs" / "store.p12").chmod(0o600)
    done = isthmus("doctor", "--strict", folder / "certs" / name)
    assert (done.status, done.err) == (0, ""), done.out
    (folder / "certs" / name).write_bytes(b"noise")
    assert isthmus("doctor", folder / "certs" / name).status == 2


def test_an_expired_certificate_alone_is_an_error(isthmus: Call, tmp_path: Path) -> None:
    certificate, _ = make_ca().issue("n1", days=(-9, -2), usages=(SERVER, CLIENT)).write(tmp_path)
    done = isthmus("doctor", certificate)
    assert done.status == 2
    assert "expired" in done.out


def test_a_folder_that_is_none_is_a_finding_and_the_others_are_judged(isthmus: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = isthmus("doctor", "empty", sound_node(tmp_path / "n1", "n1"))
    assert done.status == 2
    assert "holds none of isthmus.yml" in done.out
    assert "n1" in done.out


def test_two_nodes_of_one_name_are_told(isthmus: Call, tmp_path: Path) -> None:
    ca = make_ca("east CA")
    done = isthmus("doctor", "--strict", *(sound_node(tmp_path / where, "same", ca) for where in ("a", "b")))
    assert done.status == 1
    assert "is called [same] too" in " ".join(done.out.split())


def test_more_than_thirty_nodes_are_summarised(isthmus: Call, tmp_path: Path) -> None:
    ca = make_ca("east CA")
    issued = ca.issue("all")
    for at in range(32):
        issued.write(tmp_path / f"n{at}" / "certs")
        (tmp_path / f"n{at}" / "certs" / "ca.crt").write_bytes(ca.certificate_pem)
        write_yml(tmp_path / f"n{at}", settings_of(f"n{at}"))
    done = isthmus("doctor", *(tmp_path / f"n{at}" for at in range(32)))
    assert "992 of 992 dials succeed" in done.out
    assert "dials →" not in done.out


@pytest.mark.parametrize(("arguments", "said"), [([], "nothing was named"), (["no-such-thing"], "no such file")])
def test_wrong_usage_is_told(isthmus: Call, arguments: list[str], said: str) -> None:
    done = isthmus("doctor", *arguments)
    assert done.status in (64, 66)
    assert said in done.err
