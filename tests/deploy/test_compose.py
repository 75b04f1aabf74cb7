"""The image and the three nodes of `deploy/compose`, as far as they can be judged without a container engine."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from isthmus.cli.docker_environment import node_arguments, setting_name
from isthmus.settings import load
from isthmus.settings.ssl_settings import HTTP_SSL, TRANSPORT_SSL

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy" / "compose"
NODES = ("node-0001", "node-0002", "node-0003")


def read_yaml(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(COMPOSE / name)


@pytest.fixture(scope="module")
def topology() -> dict[str, Any]:
    read: dict[str, Any] = read_yaml("docker-compose.yml")
    return read


def addresses(topology: dict[str, Any]) -> dict[str, str]:
    return {name: topology["services"][name]["networks"]["backend"]["ipv4_address"] for name in NODES}


def instances(name: str) -> dict[str, list[str]]:
    return {instance["name"]: instance["ip"] for instance in read_yaml(name)["instances"]}


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.MULTILINE))


def test_docker_accepts_the_topology() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("docker compose is not installed on this machine")
    checked = subprocess.run(
        [docker, "compose", "--file", COMPOSE / "docker-compose.yml", "config", "--quiet"],
        env={**os.environ, "ELASTIC_PASSWORD": "of-a-test"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_nodes_have_static_addresses_of_the_bridge(topology: dict[str, Any]) -> None:
    subnet = ipaddress.ip_network(topology["networks"]["backend"]["ipam"]["config"][0]["subnet"])
    found = addresses(topology)
    assert len(set(found.values())) == 3
    assert all(ipaddress.ip_address(address) in subnet for address in found.values())


def test_certificates_are_made_for_just_these_names_and_addresses(topology: dict[str, Any]) -> None:
    trusted, alien = instances("instances.yml"), instances("instances-alien.yml")
    assert set(trusted) == {"node-0001", "node-0002"}
    assert set(alien) == {"node-0003"}
    for name, address in addresses(topology).items():
        assert address in (trusted | alien)[name]


@pytest.mark.parametrize("name", NODES)
def test_the_settings_of_each_node_are_right(topology: dict[str, Any], name: str, tmp_path: Path) -> None:
    environ = {str(key): str(value) for key, value in topology["services"][name]["environment"].items()}
    shutil.copy(COMPOSE / "elasticsearch.yml", tmp_path)
    settings = load(tmp_path, overrides=node_arguments(environ)[1::2], environ={})
    assert settings.warnings == ()
    assert settings.get(TRANSPORT_SSL.enabled)
    assert settings.get(TRANSPORT_SSL.client_authentication) == "required"
    assert settings.get(TRANSPORT_SSL.verification_mode) == "full"
    assert settings.get(HTTP_SSL.enabled)
    assert environ["node.name"] == name
    assert {key for key in environ if setting_name(key) is None} == {"ELASTIC_PASSWORD"}


def test_the_password_is_chosen_by_the_person(topology: dict[str, Any]) -> None:
    assert topology["x-settings"]["ELASTIC_PASSWORD"].startswith("${ELASTIC_PASSWORD:?")


@pytest.mark.parametrize("name", NODES)
def test_a_node_sees_its_own_key_alone_and_is_published_on_loopback_alone(topology: dict[str, Any], name: str) -> None:
    service = topology["services"][name]
    certificates = [volume for volume in service["volumes"] if volume.startswith("certs-")]
    assert certificates == [f"certs-{name[-4:]}:/usr/share/elasticsearch/config/certs:ro"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_image_has_the_tested_versions_each_with_its_hashes() -> None:
    image, tested = pins("requirements.lock"), pins("requirements-test.lock")
    assert image.items() <= tested.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=~ ]", dependency)[0].lower().replace(".", "-") for dependency in project["dependencies"]}
    assert needed <= set(image)
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(image)
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_image_copies_only_what_is_there() -> None:
    dockerfile = (COMPOSE / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(?:--\S+ )*(\S+) ", dockerfile, re.MULTILINE)
    allowed = re.findall(r"^!(.+)$", (COMPOSE / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / path).exists() for path in copied)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give the keys to the node's user")
def test_the_script_gives_each_node_its_key_and_the_alien_another_authority(tmp_path: Path) -> None:
    for name in NODES:
        (tmp_path / name).mkdir()
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    script = ["sh", str(COMPOSE / "make-certificates.sh"), str(COMPOSE), str(tmp_path)]
    subprocess.run(script, env=environ, check=True, capture_output=True)

    for name in NODES:
        key = (tmp_path / name / "node.key").stat()
        assert (stat.S_IMODE(key.st_mode), key.st_uid, key.st_gid) == (0o600, 1000, 0)
        assert sorted(file.name for file in (tmp_path / name).iterdir()) == ["ca.crt", "node.crt", "node.key"]
    assert trusts(tmp_path / "node-0001", tmp_path / "node-0002")
    assert trusts(tmp_path / "node-0002", tmp_path / "node-0001")
    assert not trusts(tmp_path / "node-0001", tmp_path / "node-0003")
    assert not trusts(tmp_path / "node-0003", tmp_path / "node-0001")

    before = (tmp_path / "node-0001" / "node.key").read_bytes()
    subprocess.run(script, env=environ, check=True, capture_output=True)
    assert (tmp_path / "node-0001" / "node.key").read_bytes() == before


def trusts(one: Path, other: Path) -> bool:
    """Ask openssl whether the authority of `one` issued the certificate of `other`."""
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(one / "ca.crt"), str(other / "node.crt")]
    return subprocess.run(command, capture_output=True).returncode == 0
