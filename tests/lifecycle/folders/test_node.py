"""A configuration folder is read as the node that it makes, whichever engine it belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.lifecycle.folders import NodeFolder, read_folder
from isthmus.lifecycle.folders.opensearch import in_its_words
from isthmus.pki.rules.facts import ChannelFacts
from isthmus.pki.rules.rule import Finding
from isthmus.tls.config import PemConfig
from tests.certificates import make_ca
from tests.lifecycle.folders.writing import (
    HTTP,
    TRANSPORT,
    encrypt_key,
    nobody,
    pem_node,
    settings_of,
    with_keystore,
    write_p12,
    write_yml,
)


def channel(folder: NodeFolder, name: str = "transport") -> ChannelFacts:
    found = folder.facts.channel(name)
    assert found is not None
    return found


def test_a_folder_of_elasticsearch_gives_name_addresses_ports_and_files(tmp_path: Path) -> None:
    ca = make_ca()
    node = read_folder(pem_node(tmp_path, ca, settings={"transport.port": 9777, "http.port": "9210-9219"}), nobody)
    assert (node.name, node.engine, node.findings) == ("node-1", "elasticsearch", ())
    assert node.addresses["transport"] == ("127.0.0.1",)
    assert (str(node.ports["transport"]), str(node.ports["http"])) == ("9777", "9210-9219")
    assert isinstance(node.channels["transport"].identity, PemConfig)
    assert channel(node).trusted == (ca.certificate,)
    assert channel(node).presented[0].public_key() == channel(node).public_key
    assert [file.fault for file in channel(node).files] == ["", "", ""]


def test_settings_that_isthmus_would_refuse_do_not_stop_the_reading(tmp_path: Path) -> None:
    foreign = {
        "xpack.security.authc.realms.saml.saml1.order": 2,
        "discovery.seed_providers": "file",
        "transport.profiles.client.port": "9500-9600",
        "xpack.ml.enabled": False,
        "no.such.setting": "x",
        "path.data": ["/a", "/b"],
        "node.master": True,
    }
    node = read_folder(pem_node(tmp_path, settings=foreign), nobody)
    assert node.findings == ()


def test_a_mistake_in_a_setting_of_tls_is_a_finding(tmp_path: Path) -> None:
    node = read_folder(pem_node(tmp_path, settings={f"{TRANSPORT}.verification_mode": "ful"}), nobody)
    [finding] = node.findings
    assert (finding.severity, finding.node) == ("error", "node-1")
    assert "verification_mode" in finding.sentence
    assert "elasticsearch.yml" in finding.where


def test_settings_of_tls_that_contradict_each_other_are_findings(tmp_path: Path) -> None:
    folder = pem_node(tmp_path, settings={f"{TRANSPORT}.keystore.path": "node.p12", f"{HTTP}.key": "x.key"})
    sentences = " ".join(finding.sentence for finding in read_folder(folder, nobody).findings)
    assert "both set" in sentences
    assert f"[{HTTP}.key] is set without" in sentences


def test_words_in_capitals_are_taken_as_elasticsearch_takes_them(tmp_path: Path) -> None:
    node = read_folder(pem_node(tmp_path, settings={f"{TRANSPORT}.verification_mode": "CERTIFICATE"}), nobody)
    assert node.findings == ()
    assert channel(node).verification_mode == "certificate"


def test_old_versions_of_tls_are_handed_on_to_the_rules(tmp_path: Path) -> None:
    node = read_folder(
        pem_node(tmp_path, settings={f"{TRANSPORT}.supported_protocols": ["TLSv1.2", "TLSv1.1"]}), nobody
    )
    assert node.findings == ()
    assert channel(node).supported_protocols == ("TLSv1.2", "TLSv1.1")
    assert node.channels["transport"].supported_protocols == ("TLSv1.2",)


@pytest.mark.parametrize("host", ["0.0.0.0", "_site_", "_eth0_", "${UNKNOWN_VARIABLE}"])
def test_an_address_that_only_the_machine_knows_is_none(tmp_path: Path, host: str) -> None:
    node = read_folder(pem_node(tmp_path, settings={"network.host": host}), nobody, {})
    assert node.addresses["transport"] == ()


def test_the_narrower_address_wins(tmp_path: Path) -> None:
    settings = {"network.host": "0.0.0.0", "transport.publish_host": "node-1.example.com", "http.host": "www.example"}
    node = read_folder(pem_node(tmp_path, settings=settings), nobody)
    assert node.addresses["transport"] == ("node-1.example.com",)
    assert node.addresses["http"] == ("www.example",)


def test_a_node_without_a_name_has_that_of_its_folder(tmp_path: Path) -> None:
    folder = write_yml(tmp_path / "data-7" / "config", {"cluster.name": "east"})
    assert read_folder(folder, nobody).name == "data-7"


@pytest.mark.parametrize(("keystore", "password"), [("v7", None), ("v7-password", "test-password")])
def test_the_keystore_of_elasticsearch_opens_the_stores(tmp_path: Path, keystore: str, password: str | None) -> None:
    ca, p12 = make_ca(), {f"{TRANSPORT}.enabled": True, f"{TRANSPORT}.keystore.path": "node.p12"}
    write_p12(ca, tmp_path / "node.p12", "test-secret")
    folder = with_keystore(write_yml(tmp_path, p12), keystore)
    node = read_folder(folder, lambda what: password if "keystore" in what else None)
    [file] = channel(node).files
    assert (file.fault, file.password_missing, file.format) == ("", False, "PKCS12")
    assert file.encryption == "PBES2 AES-256"
    assert channel(node).public_key == channel(node).presented[0].public_key()


def test_a_keystore_whose_password_nobody_knows_is_a_finding(tmp_path: Path) -> None:
    [finding] = read_folder(with_keystore(pem_node(tmp_path), "v7-password"), nobody).findings
    assert finding.severity == "error"
    assert "password" in finding.sentence


def test_a_keystore_that_is_damaged_is_a_finding(tmp_path: Path) -> None:
    folder = with_keystore(pem_node(tmp_path), "v7")
    (folder / "elasticsearch.keystore").write_bytes((folder / "elasticsearch.keystore").read_bytes()[:-1])
    [finding] = read_folder(folder, nobody).findings
    assert "damaged" in finding.sentence


def test_a_password_in_the_settings_file_is_used_and_noted(tmp_path: Path) -> None:
    folder = pem_node(tmp_path, settings={f"{TRANSPORT}.key_passphrase": "test-word"})
    encrypt_key(tmp_path / "certs" / "node.key", "test-word")
    node = read_folder(folder, nobody)
    assert [(one.rule, one.severity) for one in node.findings] == [("plain-password", "note")]
    assert channel(node).public_key is not None
    assert "test-word" not in repr(node)


def test_each_password_is_asked_for_once(tmp_path: Path) -> None:
    ca = make_ca()
    write_p12(ca, tmp_path / "node.p12", "test-secret")
    settings = {f"{TRANSPORT}.enabled": True, f"{TRANSPORT}.keystore.path": "node.p12"}
    asked: list[str] = []

    def ask(what: str) -> str:
        asked.append(what)
        return "test-secret"

    node = read_folder(write_yml(tmp_path, settings), ask)
    assert asked == [f"{TRANSPORT}.keystore.path [{tmp_path}/node.p12]"]
    assert channel(node).public_key is not None
    unknown = channel(read_folder(tmp_path, nobody)).files[0]
    assert (unknown.password_missing, unknown.fault) == (True, "")
    wrong = channel(read_folder(tmp_path, lambda _what: "wrong")).files[0]
    assert "password does not open" in wrong.fault


def test_a_folder_of_opensearch_is_read_by_its_own_names(tmp_path: Path) -> None:
    ca = make_ca()
    pem_node(tmp_path, ca)
    (tmp_path / "elasticsearch.yml").unlink()
    prefix = "plugins.security.ssl"
    settings = {
        "node.name": "os-1",
        f"{prefix}.transport.pemcert_filepath": "certs/node.crt",
        f"{prefix}.transport.pemkey_filepath": "certs/node.key",
        f"{prefix}.transport.pemtrustedcas_filepath": "certs/ca.crt",
        f"{prefix}.transport.enforce_hostname_verification": False,
        f"{prefix}.http.enabled": True,
        f"{prefix}.http.pemcert_filepath": "certs/node.crt",
        f"{prefix}.http.pemkey_filepath": "certs/gone.key",
        f"{prefix}.http.clientauth_mode": "REQUIRE",
    }
    node = read_folder(write_yml(tmp_path, settings, "opensearch.yml"), nobody)
    assert (node.engine, node.name, node.findings) == ("opensearch", "os-1", ())
    assert channel(node).enabled
    assert channel(node).verification_mode == "certificate"
    assert channel(node).trusted == (ca.certificate,)
    assert channel(node, "http").client_authentication == "required"
    lost = channel(node, "http").files[1]
    assert (lost.setting, "cannot be read" in lost.fault) == (f"{prefix}.http.pemkey_filepath", True)


def test_what_is_wrong_with_an_opensearch_folder_is_told_in_its_own_words() -> None:
    found = Finding(
        "verification-off",
        "note",
        "",
        "os-1",
        "transport",
        f"{TRANSPORT}.verification_mode",
        "verification_mode is certificate: the names in certificates are not compared",
        f"set it to full; or set {TRANSPORT}.certificate and {HTTP}.keystore.path",
    )
    told = in_its_words(found)
    assert told.where == "plugins.security.ssl.transport.enforce_hostname_verification"
    assert told.sentence.startswith("enforce_hostname_verification is false")
    assert told.mend == (
        "set it to true; or set plugins.security.ssl.transport.pemcert_filepath "
        "and plugins.security.ssl.http.keystore_filepath"
    )


def test_the_keystore_that_every_opensearch_node_has_is_no_matter_where_no_password_is_missed(tmp_path: Path) -> None:
    pem_node(tmp_path, make_ca())
    (tmp_path / "elasticsearch.yml").unlink()
    (tmp_path / "opensearch.keystore").write_bytes(b"x")
    prefix = "plugins.security.ssl.transport"
    files = {f"{prefix}.pemcert_filepath": "certs/node.crt", f"{prefix}.pemkey_filepath": "certs/node.key"}
    assert read_folder(write_yml(tmp_path, files, "opensearch.yml"), nobody).findings == ()


def test_what_is_not_read_of_opensearch_is_told_by_name(tmp_path: Path) -> None:
    settings = {
        "plugins.security.ssl.transport.server.pemcert_filepath": "server.pem",
        "plugins.security.ssl.transport.keystore_filepath": "gone.p12",
    }
    (tmp_path / "opensearch.keystore").write_bytes(b"x")
    findings = read_folder(write_yml(tmp_path, settings, "opensearch.yml"), nobody).findings
    told = [one.sentence for one in findings if one.rule == "not-judged"]
    assert ["opensearch.keystore" in told[0], "transport.server" in told[1]] == [True, True]


def test_the_remote_cluster_server_is_a_channel_where_it_is_switched_on(tmp_path: Path) -> None:
    prefix = "xpack.security.remote_cluster_server.ssl"
    settings = {
        "remote_cluster.port": 9555,
        f"{prefix}.key": "certs/node.key",
        f"{prefix}.certificate": "certs/node.crt",
    }
    assert "remote_cluster_server" not in read_folder(pem_node(tmp_path, settings=settings), nobody).channels
    node = read_folder(pem_node(tmp_path, settings={**settings, "remote_cluster_server.enabled": True}), nobody)
    assert "remote_cluster_server" in node.channels
    assert str(node.ports["remote_cluster_server"]) == "9555"


def test_without_security_no_channel_is_on(tmp_path: Path) -> None:
    node = read_folder(pem_node(tmp_path, settings={"xpack.security.enabled": False}), nobody)
    assert node.channels == {}
    assert not channel(node).enabled


def test_a_folder_without_settings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none of isthmus\.yml"):
        read_folder(tmp_path, nobody)


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "elasticsearch.yml").write_text("a: 1\n b: [\n")
    with pytest.raises(ConfigError) as refused:
        read_folder(tmp_path, nobody)
    assert "elasticsearch.yml:2" in str(refused.value.where)


def test_a_folder_of_isthmus_is_read(tmp_path: Path) -> None:
    pem_node(tmp_path)
    (tmp_path / "elasticsearch.yml").unlink()
    node = read_folder(write_yml(tmp_path, settings_of("own"), "isthmus.yml"), nobody)
    assert (node.engine, node.name) == ("isthmus", "own")
