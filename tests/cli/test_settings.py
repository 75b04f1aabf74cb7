"""`isthmus settings`."""

from __future__ import annotations

import json

import pytest

from isthmus.cli.main import run
from isthmus.settings import declared


def test_every_setting_is_listed_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings"]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "type", "default", "scope", "help"]
    assert [line.split()[0] for line in lines] == [setting.name for setting in declared()]


def test_a_line_tells_type_default_scope_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    run(["settings", "transport.connect"])
    (_, line) = capsys.readouterr().out.splitlines()
    assert [cell.strip() for cell in line.split("  ") if cell.strip()] == [
        "transport.connect_timeout",
        "time",
        "30s",
        "static",
        "How long opening a connection to a node may take.",
    ]


def test_a_prefix_narrows_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "--json", "xpack.security.http."]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert len(names) == 17
    assert all(name.startswith("xpack.security.http.ssl.") for name in names)


def test_json_holds_the_same_five_things(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "--json", "node.portsfile"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert set(entry) == {"name", "type", "default", "scope", "help"}
    assert (entry["type"], entry["default"], entry["scope"]) == ("true|false", "false", "static")


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("cluster.remote.*.credentials", "secure, reloadable"),
        ("bootstrap.password", "secure"),
        ("xpack.security.http.ssl.secure_key_passphrase", "secure"),
    ],
)
def test_a_secure_setting_says_whether_a_running_node_reads_it_anew(
    capsys: pytest.CaptureFixture[str], name: str, scope: str
) -> None:
    run(["settings", "--json", name])
    assert [entry["scope"] for entry in json.loads(capsys.readouterr().out)] == [scope]


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("node.roles", "[master, data, ingest, remote_cluster_client]"),
        ("http.port", "9200-9300"),
        ("http.max_content_length", "100mb"),
        ("discovery.seed_hosts", "[]"),
        ("bootstrap.password", "none"),
        ("http.bind_host", "http.host, else network.bind_host"),
    ],
)
def test_defaults_are_in_words(capsys: pytest.CaptureFixture[str], name: str, default: str) -> None:
    run(["settings", "--json", name])
    assert [entry["default"] for entry in json.loads(capsys.readouterr().out)] == [default]


def test_a_prefix_of_nothing_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "http.prot"]) == 64
    assert "no setting begins with [http.prot] (did you mean [http.port]?)" in capsys.readouterr().err
