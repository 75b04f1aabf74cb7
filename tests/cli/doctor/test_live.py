"""`doctor --live` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from isthmus.cli.doctor.live import command
from tests.live.site import CLUSTER, Site


@pytest.mark.live
def test_a_real_node_is_told_as_it_is(tmp_path: Path) -> None:
    site = Site(tmp_path)
    try:
        node = site.start("first")
        folder = tmp_path / "first"
        identity = tmp_path / "me.pem"
        identity.write_bytes((folder / "node.crt").read_bytes() + (folder / "node.key").read_bytes())
        files = ["--identity", str(identity), "--ca", str(tmp_path / "ca.crt"), "--expect", str(folder / "node.crt")]
        result = CliRunner().invoke(command, [node.transport, node.http, *files, "--json"])
    finally:
        site.close()
    transport, http = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (transport["protocol"], http["protocol"]) == ("transport", "HTTP")
    assert transport["node"]["cluster_name"] == CLUSTER
    assert (transport["alien"], transport["namesake"], transport["findings"]) == ("refused", "refused", [])
