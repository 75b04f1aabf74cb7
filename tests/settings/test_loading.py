"""From folder, `-E`, environment and keystore to settings; what is refused, and how it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import ConfigError, PermissionDeniedError
from isthmus.settings import find_conf_dir, load
from isthmus.settings.network_settings import HTTP_PORT
from isthmus.settings.node_settings import (
    BOOTSTRAP_PASSWORD,
    CLUSTER_NAME,
    DISCOVERY_SEED_HOSTS,
    NODE_ATTR,
    NODE_NAME,
    NODE_ROLES,
    PATH_DATA,
    PORTSFILE,
)
from isthmus.settings.ssl_settings import TRANSPORT_SSL
from isthmus.settings.values import PortRange
from tests.settings.conftest import Load, Refused

SECRET = "correct-horse-battery"


def test_without_a_file_all_settings_have_their_defaults(conf_dir: Path) -> None:
    settings = load(conf_dir, environ={})
    assert settings.get(CLUSTER_NAME) == "elasticsearch"
    assert settings.get(NODE_NAME) == os.uname().nodename
    assert settings.get(HTTP_PORT) == PortRange(9200, 9300)
    assert settings.where(HTTP_PORT) == "default"
    assert not settings.is_set(HTTP_PORT)
    assert settings.warnings == ()


def test_a_value_has_its_type_and_its_place(read: Load, conf_dir: Path) -> None:
    settings = read("cluster.name: c\n\nnode:\n  portsfile: true\n  roles: [data, ingest]\nhttp.port: 0\n")
    assert settings.get(PORTSFILE) is True
    assert settings.get(NODE_ROLES) == ("data", "ingest")
    assert settings.get(HTTP_PORT) == PortRange(0, 0)
    assert settings.where(HTTP_PORT) == f"{conf_dir}/isthmus.yml:6"
    assert settings.is_set(NODE_ROLES)


@pytest.mark.parametrize("name", ["isthmus.yml", "elasticsearch.yml"])
def test_either_file_is_read(conf_dir: Path, name: str) -> None:
    (conf_dir / name).write_text("cluster.name: mine\n")
    assert load(conf_dir, environ={}).get(CLUSTER_NAME) == "mine"


def test_both_files_are_one_too_many(conf_dir: Path) -> None:
    for name in ("isthmus.yml", "elasticsearch.yml"):
        (conf_dir / name).write_text("")
    with pytest.raises(ConfigError, match=r"both isthmus.yml and elasticsearch.yml"):
        load(conf_dir, environ={})


def test_a_folder_in_place_of_the_file_is_refused(conf_dir: Path) -> None:
    (conf_dir / "isthmus.yml").mkdir()
    with pytest.raises(ConfigError, match="not a file"):
        load(conf_dir, environ={})


def test_a_folder_that_cannot_be_searched_is_not_taken_for_an_empty_one(
    conf_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "lstat", refuse)
    with pytest.raises(PermissionDeniedError, match="cannot be searched: Permission denied"):
        load(conf_dir, environ={})


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path / "none")):
        load(tmp_path / "none", environ={})


def test_the_folder_is_that_of_the_environment_else_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("config", "other"):
        (tmp_path / name).mkdir()
    assert find_conf_dir({}) == tmp_path / "config"
    assert find_conf_dir({"ISTHMUS_PATH_CONF": ""}) == tmp_path / "config"
    assert find_conf_dir({"ISTHMUS_PATH_CONF": "other"}) == tmp_path / "other"
    with pytest.raises(ConfigError, match="none"):
        find_conf_dir({"ISTHMUS_PATH_CONF": "none"})


def test_relative_paths_are_relative_to_the_configuration_folder(read: Load, conf_dir: Path) -> None:
    settings = read("")
    assert settings.resolve("certs/ca.crt") == conf_dir / "certs" / "ca.crt"
    assert settings.resolve("/etc/ca.crt") == Path("/etc/ca.crt")
    assert settings.resolve(settings.get(PATH_DATA)) == conf_dir.parent / "data"


def test_e_wins_over_the_file(read: Load) -> None:
    settings = read("node.name: file\ncluster.name: c\n", overrides=["node.name=over=ride", "node.roles=data,master"])
    assert settings.get(NODE_NAME) == "over=ride"
    assert settings.where(NODE_NAME) == "-E"
    assert settings.get(CLUSTER_NAME) == "c"
    assert settings.get(NODE_ROLES) == ("data", "master")


@pytest.mark.parametrize("override", ["node.name", "=x", "node.name=", ""])
def test_e_takes_a_name_and_a_value(refused: Refused, override: str) -> None:
    assert "not of the form name=value" in refused(overrides=[override])


def test_e_gives_a_setting_once(refused: Refused) -> None:
    assert "[node.name] is set twice by -E" in refused(overrides=["node.name=a", "node.name=b"])


@given(name=st.text(alphabet="abcXYZ0123456789 .:/=-_äß", min_size=1, max_size=40).filter(lambda text: "$" not in text))
def test_e_says_what_the_file_says(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("config")
    by_option = load(folder, overrides=[f"node.attr.x={name}"], environ={})
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    (folder / "isthmus.yml").write_text(f'node.attr.x: "{quoted}"\n', encoding="utf-8")
    by_file = load(folder, environ={})
    assert by_option.affix(NODE_ATTR) == by_file.affix(NODE_ATTR) == {"x": name}


def test_placeholders_are_filled_in_file_and_e(read: Load) -> None:
    settings = read(
        "node.name: ${NAME}-1\ndiscovery.seed_hosts: ['${SEED}', '${NONE:b}']\n",
        overrides=["cluster.name=${CLUSTER}"],
        environ={"NAME": "n", "SEED": "a", "CLUSTER": "c"},
    )
    assert settings.get(NODE_NAME) == "n-1"
    assert settings.get(DISCOVERY_SEED_HOSTS) == ("a", "b")
    assert settings.get(CLUSTER_NAME) == "c"


def test_one_variable_may_hold_a_list(read: Load) -> None:
    settings = read("discovery.seed_hosts: ${SEEDS}\n", environ={"SEEDS": "a:9300, b"})
    assert settings.get(DISCOVERY_SEED_HOSTS) == ("a:9300", "b")


def test_hostname_is_known_also_where_the_shell_hands_it_not_on(read: Load) -> None:
    assert read("node.name: ${HOSTNAME}\n").get(NODE_NAME) == os.uname().nodename
    assert read("node.name: ${HOSTNAME}\n", environ={"HOSTNAME": "h"}).get(NODE_NAME) == "h"


def test_a_missing_variable_is_named_with_its_place(refused: Refused) -> None:
    told = refused("\nnode.name: ${NONE}\n")
    assert "isthmus.yml:2" in told
    assert "[node.name]" in told
    assert "[NONE]" in told


def test_an_unknown_setting_is_told_with_place_and_nearest_name(refused: Refused) -> None:
    told = refused("cluster.name: c\nxpack.security.transport.ssl.keystore_path: x.p12\n")
    assert "isthmus.yml:2: unknown setting [xpack.security.transport.ssl.keystore_path]" in told
    assert "did you mean [xpack.security.transport.ssl.keystore.path]?" in told


def test_an_unknown_setting_like_no_other_points_to_the_list(refused: Refused) -> None:
    assert "`isthmus settings`" in refused("zzzzqqqq: 1\n")


def test_an_ill_typed_setting_is_told_with_its_value_and_the_rule(refused: Refused) -> None:
    told = refused("http.port: many\n")
    assert "isthmus.yml:1: [http.port] is [many]: a port" in told


def test_all_mistakes_are_told_together(refused: Refused) -> None:
    told = refused(
        "clustr.name: a\nnode.name: a\nnode.name: b\nhttp.port: x\nnode.portsfile: yes\n"
        "xpack.security.fips_mode.enabled: true\n",
        overrides=["nonsense", "transport.port=-1"],
        secure={"node.name": "n", "bootstrap.pasword": SECRET},
    )
    assert told.startswith("9 mistakes in the settings:\n")
    assert len(told.splitlines()) == 10
    for name in (
        "clustr.name",
        "node.name",
        "http.port",
        "node.portsfile",
        "xpack.security.fips_mode.enabled",
        "transport.port",
        "bootstrap.pasword",
    ):
        assert f"[{name}]" in told


def test_thousands_of_mistakes_make_no_endless_message(refused: Refused) -> None:
    told = refused("".join(f"q{number}: 1\n" for number in range(200)))
    assert "and 150 more" in told


def test_secure_values_come_from_the_keystore(read: Load) -> None:
    settings = read(secure={"bootstrap.password": SECRET})
    assert settings.get(BOOTSTRAP_PASSWORD) == SECRET
    assert settings.where(BOOTSTRAP_PASSWORD) == "keystore"


def test_a_secret_in_the_file_is_refused_with_the_command(refused: Refused) -> None:
    told = refused(f"bootstrap.password: {SECRET}\n")
    assert "isthmus keystore add bootstrap.password" in told
    assert SECRET not in told


def test_a_secret_on_the_command_line_is_refused(refused: Refused) -> None:
    told = refused(overrides=[f"bootstrap.password={SECRET}"])
    assert "isthmus keystore add bootstrap.password" in told
    assert SECRET not in told


def test_a_plain_setting_in_the_keystore_is_refused(refused: Refused) -> None:
    told = refused(secure={"node.name": SECRET})
    assert "isthmus keystore remove node.name" in told
    assert SECRET not in told


def test_an_unknown_secret_is_told_with_the_nearest_secure_name(refused: Refused) -> None:
    told = refused(secure={"bootstrap.pasword": SECRET})
    assert "keystore: unknown setting [bootstrap.pasword] (did you mean [bootstrap.password]?)" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        (f"unknown.name: {SECRET}\n", {}),
        (f"xpack.security.transport.ssl.keystore.password: {SECRET}\n", {}),
        (f"node.name: [{SECRET}, {{a: b}}]\n", {}),
        ("http.port: ${PASSWORD}\n", {"environ": {"PASSWORD": SECRET}}),
        ("", {"overrides": [SECRET]}),
        ("", {"overrides": [f"unknown={SECRET}"]}),
        ("", {"overrides": [f"bootstrap.password={SECRET}", f"bootstrap.password={SECRET}"]}),
        ("", {"secure": {"bootstrap.password": ""}}),
    ],
)
def test_no_error_repeats_what_may_be_a_secret(refused: Refused, text: str, sources: dict[str, object]) -> None:
    assert SECRET not in refused(text, **sources)


def test_settings_show_no_values(read: Load) -> None:
    settings = read("node.name: somebody\n", secure={"bootstrap.password": SECRET})
    assert SECRET not in repr(settings)
    assert SECRET not in repr(vars(settings))
    assert "somebody" not in repr(settings)


def test_a_value_with_control_characters_cannot_reach_the_terminal(refused: Refused) -> None:
    assert "\x1b" not in refused('http.port: "\\e[2J"\n"\\e[31mname": x\n')


def test_the_family_of_a_channel_is_read(read: Load) -> None:
    settings = read(
        "xpack.security.transport.ssl:\n"
        "  enabled: true\n  verification_mode: certificate\n  client_authentication: optional\n"
        "  keystore.path: certs/n.p12\n  truststore: {path: certs/n.p12}\n  supported_protocols: TLSv1.3\n",
        secure={"xpack.security.transport.ssl.keystore.secure_password": SECRET},
    )
    assert settings.get(TRANSPORT_SSL.enabled) is True
    assert settings.get(TRANSPORT_SSL.verification_mode) == "certificate"
    assert settings.get(TRANSPORT_SSL.client_authentication) == "optional"
    assert settings.get(TRANSPORT_SSL.keystore_type) == "pkcs12"
    assert settings.get(TRANSPORT_SSL.truststore_path) == "certs/n.p12"
    assert settings.get(TRANSPORT_SSL.supported_protocols) == ("TLSv1.3",)
    assert settings.get(TRANSPORT_SSL.keystore_secure_password) == SECRET


def test_attributes_are_read_by_their_names(read: Load) -> None:
    settings = read("node.attr: {rack: r1, zone.id: z}\n")
    assert settings.affix(NODE_ATTR) == {"rack": "r1", "zone.id": "z"}
    assert settings.is_set(NODE_ATTR)


@pytest.mark.parametrize(
    "line",
    [
        "cluster.name: a:b",
        "cluster.name: ../a",
        "node.roles: [voting_only]",
        "discovery.seed_hosts: ['http://a']",
        "discovery.seed_hosts: ['a:99999']",
        "discovery.type: zen",
        "xpack.security.enabled: false",
        "xpack.security.transport.ssl.supported_protocols: [TLSv1.1]",
        "isthmus.transport.node_role_pattern: '('",
        "isthmus.transport.node_role_pattern: 'data-.*'",
    ],
)
def test_values_without_sense_are_refused(refused: Refused, line: str) -> None:
    assert f"[{line.partition(':')[0]}] is [" in refused(line)


@pytest.mark.parametrize(
    "seed", ["a", "a.b.example:9300", "10.0.0.1", "10.0.0.1:1", "::1", "[::1]:9300", "[fe80::1%eth0]"]
)
def test_seed_hosts_are_hosts_with_or_without_port(read: Load, seed: str) -> None:
    assert read(f"discovery.seed_hosts: ['{seed}']\n").get(DISCOVERY_SEED_HOSTS) == (seed,)
