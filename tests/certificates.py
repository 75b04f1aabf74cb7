"""Authorities and certificates for tests, made with `cryptography` alone: the product is not judged by itself."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key and the certificates above it, nearest first, the root left out."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def certificate_pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        """The certificate and what is above it."""
        return self.certificate_pem + b"".join(one.public_bytes(Encoding.PEM) for one in self.chain)

    @property
    def key_pem(self) -> bytes:
        """The key, in clear."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def write(self, folder: Path, name: str = "node") -> tuple[Path, Path]:
        """Write `name.crt` (with its chain) and `name.key`, and return both paths."""
        folder.mkdir(parents=True, exist_ok=True)
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        certificate.write_bytes(self.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        return certificate, key


@dataclass(frozen=True)
class Authority(Issued):
    """A CA."""

    def issue(
        self,
        common_name: str = "node",
        *,
        dns: Sequence[str] = ("localhost",),
        ips: Sequence[str] = ("127.0.0.1",),
        usages: Sequence[x509.ObjectIdentifier] = (SERVER, CLIENT),
        days: tuple[int, int] = (-1, 365),
        key: Key | None = None,
    ) -> Issued:
        """Issue a leaf that is valid from `days[0]` to `days[1]`, counted from today."""
        own = key or ec.generate_private_key(ec.SECP256R1())
        names = [*(x509.DNSName(name) for name in dns), *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in ips)]
        builder = _builder(common_name, self.certificate.subject, own, days, ca=False)
        builder = builder.add_extension(_authority_key(self), critical=False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), own, self._above)

    def intermediate(self, common_name: str = "intermediate CA") -> Authority:
        """Issue a CA under this one."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(common_name, self.certificate.subject, key, (-1, 365), ca=True)
        builder = builder.add_extension(_authority_key(self), critical=False)
        return Authority(builder.sign(self.key, hashes.SHA256()), key, self._above)

    @property
    def _above(self) -> tuple[x509.Certificate, ...]:
        root = self.certificate.subject == self.certificate.issuer
        return () if root else (self.certificate, *self.chain)


def make_ca(common_name: str = "test CA", *, key_usage: bool = True) -> Authority:
    """Make a root CA; without `key_usage` such as older certutils of Elasticsearch made."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = _builder(common_name, subject, key, (-1, 365), ca=True, key_usage=key_usage)
    return Authority(builder.sign(key, hashes.SHA256()), key)


def self_signed(common_name: str = "node", *, dns: Sequence[str] = ("localhost",)) -> Issued:
    """Make a leaf that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = _builder(common_name, subject, key, (-1, 365), ca=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in dns]), critical=False)
    return Issued(builder.sign(key, hashes.SHA256()), key)


def _builder(
    common_name: str, issuer: x509.Name, key: Key, days: tuple[int, int], *, ca: bool, key_usage: bool = True
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.add_extension(usage, critical=True) if key_usage else builder


def _authority_key(issuer: Issued) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
