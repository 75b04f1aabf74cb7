"""What the environment of a container says to the node."""

from __future__ import annotations

import pytest

from isthmus.cli.docker_environment import handed_on, node_arguments, notices, setting_name
from isthmus.errors import ConfigError

SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("cluster.name", "cluster.name"),
        ("xpack.security.http.ssl.client_authentication", "xpack.security.http.ssl.client_authentication"),
        ("node.attr.Rack-1", "node.attr.Rack-1"),
        ("ES_SETTING_CLUSTER_NAME", "cluster.name"),
        ("ES_SETTING_BOOTSTRAP_MEMORY__LOCK", "bootstrap.memory_lock"),
        ("ES_SETTING_XPACK_SECURITY_HTTP_SSL_CLIENT__AUTHENTICATION", "xpack.security.http.ssl.client_authentication"),
        ("ES_SETTING_", None),
        ("PATH", None),
        ("HOSTNAME", None),
        ("a.", None),
        (".a", None),
        ("a b.c", None),
    ],
)
def test_a_variable_is_a_setting_by_its_dots_or_its_prefix(variable: str, name: str | None) -> None:
    assert setting_name(variable) == name


def test_settings_become_arguments() -> None:
    environ = {"PATH": "/bin", "discovery.type": "single-node", "ES_SETTING_NODE_NAME": "n=1", "http.port": ""}
    assert node_arguments(environ) == ["-E", "node.name=n=1", "-E", "discovery.type=single-node"]


@pytest.mark.parametrize(
    "variable",
    [
        "bootstrap.password",
        "ES_SETTING_BOOTSTRAP_PASSWORD",
        "xpack.security.transport.ssl.keystore.secure_password",
        "xpack.security.transport.ssl.keystore.password",
        "ES_SETTING_XPACK_SECURITY_HTTP_SSL_SECURE__KEY__PASSPHRASE",
        "cluster.remote.other.credentials",
    ],
)
def test_a_secret_never_becomes_an_argument(variable: str) -> None:
    with pytest.raises(ConfigError, match="may not stand in the environment") as caught:
        node_arguments({variable: SECRET})
    assert SECRET not in str(caught.value)


def test_an_enrollment_token_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="ENROLLMENT_TOKEN is not supported"):
        node_arguments({"ENROLLMENT_TOKEN": SECRET})


def test_the_node_does_not_inherit_secrets_or_settings() -> None:
    environ = {
        "PATH": "/bin",
        "ELASTIC_PASSWORD": SECRET,
        "ELASTIC_PASSWORD_FILE": "/f",
        "KEYSTORE_PASSWORD": SECRET,
        "KEYSTORE_PASSWORD_FILE": "/f",
        "cluster.name": "c",
        "ES_SETTING_NODE_NAME": "n",
        "ISTHMUS_PATH_CONF": "/image",
    }
    assert handed_on(environ) == {"PATH": "/bin", "ISTHMUS_PATH_CONF": "/image"}


def test_the_configuration_folder_may_have_elasticsearchs_name() -> None:
    assert handed_on({"ES_PATH_CONF": "/mine", "ISTHMUS_PATH_CONF": "/image"}) == {"ISTHMUS_PATH_CONF": "/mine"}


def test_what_only_java_needs_is_said_to_have_no_effect() -> None:
    assert [notice.partition(" ")[0] for notice in notices({"ES_JAVA_OPTS": "-Xmx1g", "CLI_JAVA_OPTS": ""})] == [
        "ES_JAVA_OPTS"
    ]
