"""A node that would keep its old certificates is refused when the rotation is planned.

Seen on a real OpenSearch 2.19: new trust was taken up, and the new certificate refused with "New certificates do not
have valid Issuer DNs"; with both settings the whole rotation went through.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.lifecycle.rotation.inventory import Inventory, NodeEntry
from isthmus.lifecycle.rotation.taking_up import must_take_up
from tests.lifecycle.folders.writing import write_yml

RELOADS = {"plugins.security.ssl.certificates_hot_reload.enabled": True}
ANY_ISSUER = {f"plugins.security.ssl.{one}.enforce_cert_reload_dn_verification": False for one in ("transport", "http")}
HTTPS = {"plugins.security.ssl.http.enabled": True}


def check(folder: Path, settings: dict[str, bool], *restart: str, other_issuer: bool = True) -> None:
    write_yml(folder, settings, "opensearch.yml")
    inventory = Inventory((NodeEntry(str(folder), restart=restart),))
    must_take_up(inventory, ("transport", "http"), other_issuer=other_issuer)


@pytest.mark.parametrize(
    ("settings", "lacks"),
    [
        ({}, "certificates_hot_reload.enabled. is not true"),
        (RELOADS, "transport.enforce_cert_reload_dn_verification. is not false"),
        (
            RELOADS | HTTPS | dict(list(ANY_ISSUER.items())[:1]),
            "http.enforce_cert_reload_dn_verification. is not false",
        ),
    ],
)
def test_an_opensearch_that_would_not_take_up_new_certificates_is_refused(
    tmp_path: Path, settings: dict[str, bool], lacks: str
) -> None:
    with pytest.raises(ConfigError, match=lacks):
        check(tmp_path, settings)


def test_an_opensearch_that_is_told_to_take_them_up_or_is_restarted_is_rotated(tmp_path: Path) -> None:
    check(tmp_path, RELOADS | ANY_ISSUER | HTTPS)
    check(tmp_path, RELOADS, other_issuer=False)
    check(tmp_path, {}, "systemctl", "restart", "opensearch")


def test_elasticsearch_takes_them_up_by_itself(tmp_path: Path) -> None:
    write_yml(tmp_path, {})
    must_take_up(Inventory((NodeEntry(str(tmp_path)),)), ("transport",), other_issuer=True)
