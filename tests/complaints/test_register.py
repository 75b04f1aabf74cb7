"""Which test answers which complaint. A test that is renamed or lost is noticed here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent

# Thread: the file of the test whose docstring states the complaint.
ANSWERS = {
    "cloud-on-k8s#9269": "pki/test_rotation.py",
    "cloud-on-k8s#9198": "pki/rules/test_chain_and_dates.py",
    "elasticsearch#158368": "pki/test_authority.py",
    "elasticsearch#69403": "cli/certutil/test_cert.py",
    "elasticsearch#117769": "pki/test_authority.py",
    "elasticsearch#106003": "cli/certutil/test_csr.py",
    "elasticsearch#30944": "complaints/test_stores.py",
    "elasticsearch#54975": "cli/certutil/test_csr.py",
    "elasticsearch#125860": "live/test_expiry.py",
    "docs-content#7918": "pki/rules/test_usage_and_authority.py",
    "elasticsearch#54867": "lifecycle/reloading/test_reload.py",
    "elasticsearch#63870": "live/test_reload.py",
    "elasticsearch#96266": "lifecycle/reloading/test_reload.py",
    "kibana#110082": "live/test_reload.py",
    "spring-boot#44807": "live/test_reload.py",
    "elasticsearch#63953": "pki/test_rotation.py",
    "helm-charts#90": "cli/keystore/test_bind_mount.py",
    "docs-content#3245": "cli/doctor/test_live.py",
    "docs-content#3932": "pki/rules/test_usage_and_authority.py",
    "security#4480": "pki/rules/test_chain_and_dates.py",
    "security#6245": "live/test_denied.py",
    "security#1952": "cli/test_reset_password.py",
    "RKE2#8318": "interop/test_recovery.py",
    "NATS leaf nodes": "lifecycle/reloading/test_channel.py",
}


@pytest.mark.parametrize(("thread", "file"), ANSWERS.items(), ids=ANSWERS)
def test_each_complaint_is_stated_by_a_test(thread: str, file: str) -> None:
    functions = [
        one
        for one in ast.parse((TESTS / file).read_text()).body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and one.name.startswith("test_")
    ]
    assert any(thread in (ast.get_docstring(one) or "") for one in functions)
