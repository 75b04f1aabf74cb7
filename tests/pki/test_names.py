from __future__ import annotations

import contextlib
import ipaddress

import pytest
from cryptography import x509
from hypothesis import assume, given
from hypothesis import strategies as st

from isthmus.errors import DataError
from isthmus.pki.authority import Authority, issue_self_signed
from isthmus.pki.keys import generate_key
from isthmus.pki.names import (
    COMMON_NAME_OID,
    SubjectNames,
    alternative_names,
    certificate_names,
    common_name,
    distinguished_name_text,
    names_of_extension,
    parse_common_name,
    parse_distinguished_name,
    parse_dns_name,
    parse_ip_address,
)
from isthmus.pki.profiles import TRANSPORT

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
DNS_NAMES = st.lists(LABEL, min_size=1, max_size=4).map(".".join).filter(lambda name: not name[-1].isdigit())


@pytest.mark.parametrize(
    "name", ["localhost", "node-0001", "node_1", "a.b.c", "*.example.com", "xn--bcher-kva.example", "A.Example", "1a"]
)
def test_dns_names_and_wildcards_are_accepted(name: str) -> None:
    assert parse_dns_name(name, "x") == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "*", "a..b", ".a", "a.", "-a", "a-", "a*.b", "*.*.b", "a.*.b", "a b", "a/b", "http://a", "bücher.de",
     "a" * 64, ".".join(["a" * 60] * 5), "a:1", "127.0.0.1", "::1", 7, None, ["a"]],
)  # fmt: skip
def test_what_is_no_dns_name_is_refused_with_the_place(name: object) -> None:
    with pytest.raises(DataError, match=r"^file: "):
        parse_dns_name(name, "file")


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4/24", "fe80::1%eth0", "a", "01.2.3.4", 12, None]
)
def test_what_is_no_address_is_refused_with_the_place(text: object) -> None:
    with pytest.raises(DataError, match=r"^file: "):
        parse_ip_address(text, "file")


@given(st.ip_addresses())
def test_every_address_is_accepted(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assume(getattr(address, "scope_id", None) is None)
    assert parse_ip_address(str(address), "x") == address


@given(
    st.lists(DNS_NAMES, max_size=5),
    st.lists(st.ip_addresses(v=4) | st.ip_addresses(v=6), max_size=5),
    st.lists(st.text(st.characters(categories=["L", "N", "S"]), min_size=1, max_size=200), max_size=3),
)
def test_alternative_names_come_back_as_they_went_in(
    dns: list[str], ips: list[ipaddress.IPv4Address | ipaddress.IPv6Address], common: list[str]
) -> None:
    checked = tuple(parse_common_name(name, "x") for name in common)
    extension = alternative_names(SubjectNames(common_name("n", "x"), tuple(dns), tuple(ips), checked))
    if extension is None:
        assert [*dns, *ips, *common] == []
    else:
        expected = (tuple(dict.fromkeys(dns)), tuple(dict.fromkeys(ips)), tuple(dict.fromkeys(checked)))
        assert names_of_extension(extension) == expected


def test_a_common_name_goes_in_as_utf8_other_name() -> None:
    extension = alternative_names(SubjectNames(common_name("n", "x"), common_names=("élan",)))
    assert extension is not None
    assert list(extension) == [x509.OtherName(COMMON_NAME_OID, b"\x0c\x05" + "élan".encode())]


def test_all_names_of_a_certificate_are_listed_once() -> None:
    names = SubjectNames(
        common_name("node1", "x"), ("node1", "b.example"), (parse_ip_address("::1", "x"),), ("role.data",)
    )
    certificate = issue_self_signed(names, generate_key(), TRANSPORT)
    assert certificate_names(certificate) == ["node1", "b.example", "::1", "role.data"]


def test_a_certificate_without_alternative_names_has_its_common_name(ca: Authority) -> None:
    assert certificate_names(ca.certificate) == ["Test CA"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CN=node5,OU=IT,DC=mydomain,DC=com", "CN=node5,OU=IT,DC=mydomain,DC=com"),
        ("cn=a, ou=b , O=c", "CN=a,OU=b,O=c"),
        ('CN="q,z"', r"CN=q\,z"),
        (r"CN=a\, b", r"CN=a\, b"),
        (r"CN=a\ ,O=b", r"CN=a\ ,O=b"),
        ("CN=a+OU=b,O=c", "CN=a+OU=b,O=c"),
        ("emailAddress=a@b.example", "1.2.840.113549.1.9.1=a@b.example"),
        ("CN=größe", "CN=größe"),
        ("CN=a=", "CN=a="),
    ],
)
def test_distinguished_names_are_read_as_people_write_them(text: str, shown: str) -> None:
    assert distinguished_name_text(parse_distinguished_name(text, "x")) == shown


def test_the_most_specific_part_of_a_distinguished_name_is_encoded_last() -> None:
    name = parse_distinguished_name("CN=node5,DC=mydomain,DC=com", "x")
    assert [part.value for part in name] == ["com", "mydomain", "node5"]


@pytest.mark.parametrize("text", ["", "CN", "CN=", "=a", ",", "CN=a,", "FOO=a", "C=DEU", "CN=" + "a" * 65, "a" * 5000])
def test_what_is_no_distinguished_name_is_refused_with_the_place(text: str) -> None:
    with pytest.raises(DataError, match=r"^file: "):
        parse_distinguished_name(text, "file")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=16))
def test_a_name_written_in_rfc_4514_form_is_read_back(value: str) -> None:
    name = common_name(value, "x")
    assert parse_distinguished_name(distinguished_name_text(name), "x") == name


@given(st.text(max_size=40))
def test_any_text_is_a_distinguished_name_or_a_data_error(text: str) -> None:
    with contextlib.suppress(DataError):
        assert parse_distinguished_name(text, "x").rdns


@pytest.mark.parametrize("name", ["", "a" * 65])
def test_a_common_name_out_of_bounds_is_refused(name: str) -> None:
    with pytest.raises(DataError, match="1 to 64"):
        common_name(name, "x")
