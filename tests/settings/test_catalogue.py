"""The declared settings as a whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.settings import Catalogue, Setting, Settings, declared
from isthmus.settings.values import boolean, text

CHANNELS = ("transport", "http", "remote_cluster_server", "remote_cluster_client")


def test_every_setting_has_help_and_a_default() -> None:
    settings = Settings(Path("/config"), {})
    for setting in declared():
        assert setting.help.endswith(".")
        assert settings.get(setting) == setting.default_for(settings)


def test_the_default_of_every_setting_obeys_its_type(read: object) -> None:
    plain = [setting for setting in declared() if isinstance(setting.default, str) and "*" not in setting.name]
    assert plain
    for setting in plain:
        assert setting.parse(setting.default) == setting.default


def test_a_default_is_written_as_a_source_would_write_it() -> None:
    settings = Settings(Path("/config"), {})
    for setting in declared():
        default = setting.default_for(settings)
        if default not in (None, (), ""):
            assert setting.parse(setting.written(default)) == default


@pytest.mark.parametrize("channel", CHANNELS)
def test_each_channel_has_the_whole_family(channel: str) -> None:
    for member in (
        "enabled",
        "verification_mode",
        "client_authentication",
        "certificate",
        "key",
        "secure_key_passphrase",
        "certificate_authorities",
        "certificate_revocation_lists",
        "keystore.path",
        "keystore.type",
        "keystore.secure_password",
        "keystore.secure_key_password",
        "truststore.path",
        "truststore.type",
        "truststore.secure_password",
        "supported_protocols",
        "cipher_suites",
    ):
        assert declared().find(f"xpack.security.{channel}.ssl.{member}") is not None


def test_exactly_the_passwords_are_secure() -> None:
    for setting in declared():
        secret = "password" in setting.name or "passphrase" in setting.name or "credentials" in setting.name
        assert (setting.scope == "secure") is secret


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("node.attr.rack", "node.attr.*"),
        ("node.attr.a.b", "node.attr.*"),
        ("cluster.remote.berlin.credentials", "cluster.remote.*.credentials"),
        ("cluster.remote.a.b.credentials", None),
        ("cluster.remote..credentials", None),
        ("node.attr.", None),
        ("node.name", "node.name"),
        ("node.nam", None),
        ("node.attr.*", "node.attr.*"),
    ],
)
def test_a_star_stands_for_a_segment_or_the_rest(name: str, found: str | None) -> None:
    setting = declared().find(name)
    assert (setting.name if setting else None) == found


@pytest.mark.parametrize(
    ("typo", "nearest"),
    [
        ("clustr.name", "cluster.name"),
        ("http.prot", "http.port"),
        ("node.atr.rack", "node.attr.rack"),
        ("cluster.remote.berlin.credential", "cluster.remote.berlin.credentials"),
        ("cluster.initial_master_node", "cluster.initial_master_nodes"),
        ("xyz", None),
    ],
)
def test_the_nearest_name_is_found(typo: str, nearest: str | None) -> None:
    assert declared().nearest(typo) == nearest


def test_the_nearest_name_can_be_sought_among_secrets_alone() -> None:
    typo = "xpack.security.http.ssl.keystore.password"
    assert declared().nearest(typo, secure=True) == "xpack.security.http.ssl.keystore.secure_password"


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice: a"):
        Catalogue([Setting("a", text, "", "A."), Setting("a", boolean, False, "B.")])
    with pytest.raises(ValueError, match=r"declared twice: a\.\*"):
        Catalogue([Setting("a.*", text, "", "A."), Setting("a.*", boolean, False, "B.")])


def test_the_catalogue_is_read_without_what_only_a_file_needs() -> None:
    program = (
        "import sys, isthmus.settings as s; list(s.declared()); "
        "print([m for m in ('ruamel', 'socket', 'difflib', 'click', 'ssl') if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"
