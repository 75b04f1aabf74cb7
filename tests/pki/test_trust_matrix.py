"""Who trusts whom, of all nodes in both directions; openssl judges the same chains."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from isthmus.pki.rules.facts import ChannelFacts, FileFacts, NodeFacts
from isthmus.pki.trust_matrix import State, covers, trust_matrix
from tests.certificates import CLIENT, SERVER, Authority, Issued, make_ca

NOW = datetime.now(UTC)
CA = make_ca("east CA")


def node(
    name: str,
    issued: Issued | None,
    trusted: Sequence[Issued] = (CA,),
    *,
    host: str = "127.0.0.1",
    enabled: bool = True,
    mode: str = "full",
    client_authentication: str = "required",
    files: tuple[FileFacts, ...] = (),
) -> NodeFacts:
    channel = ChannelFacts(
        prefix="xpack.security.transport.ssl",
        enabled=enabled,
        verification_mode=mode,
        client_authentication=client_authentication,
        supported_protocols=("TLSv1.3",),
        cipher_suites=(),
        public_key=issued.certificate.public_key() if issued else None,
        presented=(issued.certificate, *issued.chain) if issued else (),
        trusted=tuple(one.certificate for one in trusted),
        files=files,
    )
    return NodeFacts(name=name, where=f"/{name}", channels=(channel,), addresses={"transport": (host,)})


def states(*nodes: NodeFacts, now: datetime = NOW) -> list[list[State]]:
    return [[verdict.state for verdict in row] for row in trust_matrix(nodes, now).rows]


def why(*nodes: NodeFacts, now: datetime = NOW) -> str:
    return trust_matrix(nodes, now).rows[0][1].why


SOUND = node("a", CA.issue("a"))


def test_nodes_of_one_ca_trust_each_other_both_ways() -> None:
    assert states(SOUND, node("b", CA.issue("b"))) == [["ok", "ok"], ["ok", "ok"]]


def test_an_intermediate_that_is_sent_along_is_followed_and_one_that_is_not_breaks_the_path() -> None:
    issued = CA.intermediate().issue("b")
    assert states(SOUND, node("b", issued))[0][1] == "ok"
    alone = node("b", Issued(issued.certificate, issued.key))
    assert states(SOUND, alone)[0][1] == "refused"
    assert "was neither sent along nor is it trusted" in why(SOUND, alone)


def test_a_node_of_another_ca_is_refused_and_refuses() -> None:
    other = make_ca("west CA")
    west = node("b", other.issue("b"), [other])
    assert states(SOUND, west) == [["ok", "refused"], ["refused", "ok"]]
    assert "[a] refuses [b]" in why(SOUND, west)


def test_a_trust_widened_on_one_side_alone_is_not_enough_because_both_sides_show_certificates() -> None:
    other = make_ca("west CA")
    widened = node("a", CA.issue("a"), [CA, other])
    west = node("b", other.issue("b"), [other])
    assert states(widened, west)[0][1] == "refused"
    assert "[b] refuses [a]" in why(widened, west)
    assert states(widened, node("b", other.issue("b"), [CA, other]))[0][1] == "ok"


def test_a_ca_of_the_same_name_with_another_key_is_told_as_such() -> None:
    namesake = make_ca("east CA")
    assert "another key" in why(SOUND, node("b", namesake.issue("b"), [namesake]))


def test_an_expired_certificate_is_refused_from_the_moment_that_it_expires() -> None:
    short = node("b", CA.issue("b", days=(-1, 3)))
    assert states(SOUND, short)[0][1] == "ok"
    assert states(SOUND, short, now=NOW + timedelta(days=4))[0][1] == "refused"
    assert "expired" in why(SOUND, short, now=NOW + timedelta(days=4))


def test_a_certificate_for_servers_alone_is_refused_only_when_its_node_dials() -> None:
    serving = node("b", CA.issue("b", usages=(SERVER,)))
    assert states(SOUND, serving) == [["ok", "ok"], ["refused", "refused"]]
    assert "clientAuth" in trust_matrix([SOUND, serving], NOW).rows[1][0].why


def test_a_certificate_for_clients_alone_is_refused_only_when_its_node_is_dialled() -> None:
    assert states(SOUND, node("b", CA.issue("b", usages=(CLIENT,)))) == [["ok", "refused"], ["ok", "refused"]]


def test_without_client_authentication_the_dialler_may_show_anything() -> None:
    lax = node("b", CA.issue("b"), client_authentication="none")
    assert states(node("a", None), lax)[0][1] == "ok"
    assert states(node("a", None), SOUND)[0][1] == "refused"


def test_a_name_that_is_missing_matters_under_full_alone() -> None:
    elsewhere = node("b", CA.issue("b", ips=("192.0.2.7",)), host="192.0.2.8")
    assert states(SOUND, elsewhere)[0][1] == "refused"
    assert "[192.0.2.8]" in why(SOUND, elsewhere)
    assert states(node("a", CA.issue("a"), mode="certificate"), elsewhere)[0][1] == "ok"


def test_a_leaf_in_the_truststore_vouches_for_nobody() -> None:
    leaf = CA.issue("b")
    assert states(node("a", CA.issue("a"), [leaf]), node("b", leaf))[0][1] == "refused"


def test_what_cannot_be_read_is_unknown_and_not_refused() -> None:
    fault = FileFacts(path="x", setting="y", kind="certificate", format="PEM", fault="gone", mend="put it back")
    assert states(SOUND, node("b", None, files=(fault,))) == [["ok", "unknown"], ["unknown", "unknown"]]


def test_tls_on_one_side_alone_is_refused_and_on_none_is_said() -> None:
    clear = node("b", None, enabled=False)
    assert states(SOUND, clear) == [["ok", "refused"], ["refused", "clear"]]


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "A.Example.com.", True),
        ("*.example.com", "a.b.example.com", False),
        ("*.example.com", "example.com", False),
        ("a.example.com", "a.example.com", True),
        ("a.example.com", "b.example.com", False),
    ],
)
def test_names_are_matched_as_openssl_matches_them(name: str, host: str, covered: bool, tmp_path: Path) -> None:
    certificate = CA.issue("n", dns=(name,)).certificate
    (tmp_path / "n.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "x509", "-in", str(tmp_path / "n.crt"), "-noout", "-checkhost", host.rstrip(".")]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert ("does match" in said) is covered
    assert covers(certificate, host) is covered


@pytest.mark.parametrize("depth", [0, 1, 3])
@pytest.mark.parametrize("known", [True, False])
def test_openssl_agrees_on_which_chains_lead_to_a_trusted_ca(depth: int, known: bool, tmp_path: Path) -> None:
    signer: Authority = make_ca()
    root = signer
    for level in range(depth):
        signer = signer.intermediate(f"intermediate {level}")
    issued, trusted = signer.issue("b"), root if known else make_ca("another")
    (tmp_path / "ca.crt").write_bytes(trusted.certificate_pem)
    certificate, _ = issued.write(tmp_path)
    command = ["openssl", "verify", "-purpose", "sslserver", "-CAfile", str(tmp_path / "ca.crt")]
    judged = subprocess.run(
        [*command, "-untrusted", str(certificate), str(certificate)], capture_output=True, timeout=60
    )
    verdict = states(
        node("a", None, [trusted], client_authentication="none"), node("b", issued, client_authentication="none")
    )
    assert (verdict[0][1] == "ok") is (judged.returncode == 0) is known


def test_a_hundred_nodes_with_trust_of_their_own_follow_each_chain_once_for_each_trust() -> None:
    issued = [CA.issue(f"n{at}") for at in range(100)]
    extra = [make_ca(f"CA {at}") for at in range(100)]
    matrix = trust_matrix([node(f"n{at}", issued[at], [CA, extra[at]]) for at in range(100)], NOW)
    assert {verdict.state for _, _, verdict in matrix.pairs()} == {"ok"}
    assert len(list(matrix.pairs())) == 9900
