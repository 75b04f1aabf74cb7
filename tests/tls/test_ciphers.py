"""Which cipher suites a channel offers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from isthmus.errors import ConfigError
from isthmus.tls.ciphers import iana_name, openssl_name
from isthmus.tls.generation import load_generation
from tests.certificates import Authority
from tests.tls.handshakes import PREFIX, channel, config, shake_hands


@pytest.mark.parametrize("suite", ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_cipher_suites_are_chosen_by_their_iana_names_or_openssl_s(suite: str, ca: Authority, tmp_path: Path) -> None:
    node = channel(
        config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=("TLSv1.2",), cipher_suites=(suite,))
    )
    dialler, _ = shake_hands(node.client_context, node.server_context)
    cipher = dialler.ssl_object.cipher()
    assert cipher is not None
    assert cipher[0] == "ECDHE-ECDSA-AES256-GCM-SHA384"


def test_iana_names_are_those_that_openssl_knows() -> None:
    listed = subprocess.run(
        ["openssl", "ciphers", "-stdname", "-s", "-tls1_2", "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:DHE+AES:AESGCM"],
        check=True,
        capture_output=True,
        text=True,
    )
    names = [(line.split()[0], line.split()[2]) for line in listed.stdout.splitlines()]
    java = [(iana, ours) for iana, ours in names if "CCM" not in iana]  # Java has no CCM
    assert len(java) > 20
    assert [openssl_name(iana) for iana, _ in java] == [name for _, name in java]


def test_openssl_s_names_are_turned_into_those_of_iana() -> None:
    command = ["openssl", "ciphers", "-stdname", "-s", "-tls1_2", "ALL:eNULL:!PSK:!SRP:@SECLEVEL=0"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    names = {line.split()[2]: line.split()[0] for line in listed}
    assert len(names) > 60
    assert {name: iana_name(name) for name in names} == names


@pytest.mark.parametrize("suites", [(), ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)])
def test_the_security_level_holds_whatever_suites_are_chosen(
    suites: tuple[str, ...], ca: Authority, tmp_path: Path
) -> None:
    asked = config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=("TLSv1.2",), cipher_suites=suites)
    generation = load_generation(asked)
    assert generation.server_context is not None
    assert {generation.server_context.security_level, generation.client_context.security_level} == {2}


@pytest.mark.parametrize(
    ("suites", "protocols", "word"),
    [
        (("TLS_NO_SUCH_SUITE",), ("TLSv1.2",), "TLS_NO_SUCH_SUITE"),
        (("TLS_RSA_WITH_RC4_128_MD5",), ("TLSv1.2",), "too weak"),
        (("TLS_AES_128_GCM_SHA256",), ("TLSv1.3",), "cannot be chosen one by one"),
        (("ECDHE-ECDSA-AES256-GCM-SHA384",), ("TLSv1.3", "TLSv1.2"), "cannot be chosen one by one"),
        (("TLS_AES_128_GCM_SHA256",), ("TLSv1.2",), "none of the cipher suites is one of TLS 1.2"),
        (("ALL:@SECLEVEL=0",), ("TLSv1.2",), "not known"),
        (("DEFAULT",), ("TLSv1.2",), "not known"),
    ],
)
def test_a_suite_that_cannot_be_had_is_refused_by_name(
    suites: tuple[str, ...], protocols: tuple[str, ...], word: str, ca: Authority, tmp_path: Path
) -> None:
    asked = config(tmp_path, ca.issue("n"), [ca.certificate], supported_protocols=protocols, cipher_suites=suites)
    with pytest.raises(ConfigError, match=word) as caught:
        load_generation(asked)
    assert caught.value.where == f"{PREFIX}.cipher_suites"
