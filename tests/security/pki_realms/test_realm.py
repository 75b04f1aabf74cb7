"""Whose a certificate is, to a PKI realm."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from isthmus.pki.distinguished import common_name_of, principal_text
from isthmus.security.pki_realms.realm import PkiRealm
from isthmus.security.role_mappings.kept import RoleMappings
from isthmus.security.role_mappings.stored import RoleMapping
from isthmus.tls.witness import PeerIdentity
from tests.certificates import Issued, make_ca
from tests.security.state import own_state

CA, OTHER = make_ca("ca"), make_ca("other")
JO = CA.issue("jo", days=(-2, 1))
EVERYBODY = {"field": {"username": "*"}}


@pytest.fixture
def mappings(tmp_path: Path) -> Iterator[RoleMappings]:
    with own_state(tmp_path) as state:
        yield RoleMappings(state)


def shown(issued: Issued, *, verified: bool = True) -> PeerIdentity:
    return PeerIdentity((issued.certificate, *issued.chain), verified, "TLSv1.3", "")


def name(*parts: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


async def test_the_owner_of_a_certificate_has_the_roles_of_mappings_that_hold(mappings: RoleMappings) -> None:
    realm = PkiRealm("p", None, None, mappings)
    mappings.changed = realm.forget
    found = realm.authenticate(shown(JO))
    assert found is not None
    assert (found.user.username, found.user.roles, found.user.metadata) == ("jo", (), {"pki_dn": "CN=jo"})
    await mappings.put("all", RoleMapping(enabled=True, roles=("b", "a"), rules=EVERYBODY))
    await mappings.put("off", RoleMapping(enabled=False, roles=("c",), rules=EVERYBODY))
    found = realm.authenticate(shown(JO))
    assert found is not None
    assert found.user.roles == ("a", "b")


@pytest.mark.parametrize(
    ("identity", "days"),
    [(shown(JO, verified=False), 0), (shown(JO), 2), (shown(JO), -3), (shown(OTHER.issue("jo")), 0)],
    ids=["not verified", "expired meanwhile", "not valid yet", "of another CA"],
)
def test_a_certificate_that_does_not_do_is_nobodys(mappings: RoleMappings, identity: PeerIdentity, days: int) -> None:
    now = datetime.now(UTC) + timedelta(days=days)
    realm = PkiRealm("p", None, [CA.certificate], mappings, now=lambda: now)
    assert realm.authenticate(identity) is None


def test_a_pattern_finds_the_name_in_the_subject(mappings: RoleMappings) -> None:
    realm = PkiRealm("p", re.compile("cn=(j)o", re.IGNORECASE), None, mappings)
    assert realm.name_in(shown(JO)) == "j"
    assert PkiRealm("p", re.compile("UID=(.*)"), None, mappings).name_in(shown(JO)) is None


def test_a_common_name_is_not_looked_for_in_the_middle_of_another_part() -> None:
    subject = name((NameOID.COMMON_NAME, "jo"), (NameOID.ORGANIZATION_NAME, "CN=admin,"))
    assert common_name_of(subject) == "jo"
    assert common_name_of(name((NameOID.ORGANIZATION_NAME, "CN=admin,"))) is None
    assert common_name_of(name((NameOID.COMMON_NAME, "wide"), (NameOID.COMMON_NAME, "narrow"))) == "narrow"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            name(
                (NameOID.COUNTRY_NAME, "DE"),
                (NameOID.ORGANIZATION_NAME, "Shops, Inc."),
                (NameOID.ORGANIZATIONAL_UNIT_NAME, "Web"),
                (NameOID.COMMON_NAME, "jo"),
            ),
            'CN=jo, OU=Web, O="Shops, Inc.", C=DE',
        ),
        (
            name((NameOID.ORGANIZATION_NAME, 'Käse "x"'), (NameOID.COMMON_NAME, "Jörg")),
            'CN=Jörg, O="Käse \\"x\\""',
        ),
        (
            name((NameOID.DOMAIN_COMPONENT, "com"), (NameOID.COMMON_NAME, "Ann"), (NameOID.EMAIL_ADDRESS, "a@b.c")),
            "EMAILADDRESS=a@b.c, CN=Ann, DC=com",
        ),
    ],
)
def test_a_subject_is_written_as_elasticsearch_was_seen_to_write_it(subject: x509.Name, text: str) -> None:
    assert principal_text(subject) == text
