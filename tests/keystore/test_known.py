"""Only names of secure settings are kept, and a mistyped one is answered with the right one."""

from __future__ import annotations

import pytest

from isthmus.errors import DataError
from isthmus.keystore.known import check_name, check_value
from isthmus.settings import declared


@pytest.mark.parametrize(
    "name",
    [
        "bootstrap.password",
        "keystore.seed",
        "cluster.remote.london.credentials",
        "xpack.security.transport.ssl.keystore.secure_password",
        "xpack.security.http.ssl.keystore.secure_key_password",
        "xpack.security.remote_cluster_client.ssl.truststore.secure_password",
        "xpack.security.remote_cluster_server.ssl.secure_key_passphrase",
    ],
)
def test_names_of_secure_settings_are_known(name: str) -> None:
    assert check_name(name) is None


def test_every_declared_secure_setting_is_known() -> None:
    names = [setting.name.replace("*", "some") for setting in declared() if setting.scope == "secure"]
    assert names
    assert [check_name(name) for name in names] == [None] * len(names)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("bootstrap.pasword", "bootstrap.password"),
        ("cluster.remote.london.credential", "cluster.remote.london.credentials"),
        (
            "xpack.security.transport.ssl.keystore.password",
            "xpack.security.transport.ssl.keystore.secure_password",
        ),
        ("xpack.security.htp.ssl.secure_key_passphrase", "xpack.security.http.ssl.secure_key_passphrase"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(wrong: str, right: str) -> None:
    with pytest.raises(DataError, match=r"no secure setting") as caught:
        check_name(wrong)
    assert f"did you mean [{right}]" in str(caught.value)


def test_a_name_like_none_is_refused_with_where_to_look() -> None:
    with pytest.raises(DataError, match="isthmus settings"):
        check_name("s3.client.default.access_key")


def test_force_lets_an_unknown_name_through_with_a_warning() -> None:
    assert "s3.client.default.access_key" in (check_name("s3.client.default.access_key", force=True) or "")


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "ä", "x" * 256, "../x/y"])
def test_a_name_no_setting_can_have_is_refused_even_by_force(name: str) -> None:
    with pytest.raises(DataError, match="no name of a setting"):
        check_name(name, force=True)


@pytest.mark.parametrize("force", [False, True])
def test_a_setting_of_the_yml_file_is_sent_there(force: bool) -> None:
    with pytest.raises(DataError, match=r"not a secure setting.*isthmus\.yml"):
        check_name("cluster.name", force=force)


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(DataError, match="is empty"):
        check_value("bootstrap.password", "")


def test_a_value_the_setting_takes_passes() -> None:
    check_value("bootstrap.password", "correct horse battery")
