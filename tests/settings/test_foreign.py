"""Settings of Elasticsearch that mean nothing here."""

from __future__ import annotations

import pytest

from isthmus.settings import declared
from isthmus.settings.foreign import TABLE, find
from tests.settings.conftest import Load, Refused

# What the package, the container image and the automatic security set-up of Elasticsearch write of themselves.
FOUND_IN_THE_WILD = """
cluster.name: "docker-cluster"
network.host: 0.0.0.0
bootstrap.memory_lock: true
xpack.license.self_generated.type: basic
xpack.security.enabled: true
xpack.security.enrollment.enabled: true
xpack.ml.enabled: false
node.store.allow_mmap: false
path.repo: ["/mnt/backups"]
xpack.monitoring.collection.enabled: true
ingest.geoip.downloader.enabled: false
action.destructive_requires_name: true
xpack.security.audit.enabled: false
xpack.security.authc.api_key.enabled: true
remote_cluster_server.enabled: false
"""


def test_an_ordinary_file_of_elasticsearch_is_accepted_with_warnings(read: Load) -> None:
    settings = read(FOUND_IN_THE_WILD)
    assert len(settings.warnings) == 9
    assert any("isthmus.yml:4: [bootstrap.memory_lock] has no effect here: " in note for note in settings.warnings)


@pytest.mark.parametrize(
    "line",
    [
        "xpack.security.transport.ssl.trust_restrictions.path: t.yml",
        "xpack.security.authc.realms.ldap.ldap1.order: 0",
        "xpack.security.authc.password_hashing.algorithm: pbkdf2",
        "xpack.security.http.filter.deny: _all",
        "xpack.security.transport.filter.allow: [10.0.0.1]",
        "xpack.security.fips_mode.enabled: true",
        "transport.profiles.client.port: 9500",
        "node.master: true",
        "discovery.zen.minimum_master_nodes: 2",
        "http.cors.enabled: true",
    ],
)
def test_what_an_administrator_relies_on_is_refused_by_name(refused: Refused, line: str) -> None:
    told = refused(line)
    assert f"[{line.partition(':')[0]}] is refused: " in told
    assert "(remove it)" in told


@pytest.mark.parametrize(
    ("plain", "secure"),
    [
        ("key_passphrase", "secure_key_passphrase"),
        ("keystore.password", "keystore.secure_password"),
        ("keystore.key_password", "keystore.secure_key_password"),
        ("truststore.password", "truststore.secure_password"),
    ],
)
@pytest.mark.parametrize("channel", ["transport", "http", "remote_cluster_server", "remote_cluster_client"])
def test_a_password_in_the_file_is_sent_to_the_keystore(
    refused: Refused, channel: str, plain: str, secure: str
) -> None:
    told = refused(f"xpack.security.{channel}.ssl.{plain}: hunter2")
    assert f"isthmus keystore add xpack.security.{channel}.ssl.{secure})" in told
    assert "hunter2" not in told


def test_no_setting_is_both_declared_and_foreign() -> None:
    yml_names = [setting.name for setting in declared() if setting.scope != "secure"]
    assert [name for name in yml_names if find(name)] == []


def test_the_secure_names_that_replace_passwords_are_declared() -> None:
    for rule in TABLE:
        if rule.keystore_name is not None:
            setting = declared().find(rule.keystore_name(rule.pattern.replace("*", "transport")))
            assert setting is not None
            assert setting.scope == "secure"


def test_every_rule_has_its_reason_and_is_reached() -> None:
    for rule in TABLE:
        assert rule.reason
        assert find(rule.pattern.replace("*", "x")) is rule
