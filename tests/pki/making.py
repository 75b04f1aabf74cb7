"""Certificates for tests, also such as Isthmus itself would never make."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ObjectIdentifier

from isthmus.pki.authority import Authority, create_authority
from isthmus.pki.bundles import Bundle, certificates_to_pem
from isthmus.pki.keys import KeyType, PrivateKey, generate_key
from isthmus.pki.names import SubjectNames, common_name, parse_ip_address
from isthmus.pki.profiles import TRANSPORT, Profile, key_usage

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)


def names(name: str = "node1", dns: Sequence[str] = ("node1.example.com",), ip: Sequence[str] = ()) -> SubjectNames:
    return SubjectNames(common_name(name, "test"), tuple(dns), tuple(parse_ip_address(one, "test") for one in ip))


def authority(name: str = "Test CA", key_type: KeyType = "ec-p256") -> Authority:
    return create_authority(common_name(name, "test"), key_type=key_type)


def bundle(
    signer: Authority, name: str = "node1", key_type: KeyType = "ec-p256", profile: Profile = TRANSPORT
) -> Bundle:
    key = generate_key(key_type)
    certificate = signer.issue(names(name), key.public_key(), profile)
    return Bundle(key, certificate, signer.intermediates, (signer.certificate,), name)


@dataclass(frozen=True)
class Recipe:
    """A certificate described field by field; the default is a sound leaf."""

    subject: str = "node1"
    is_ca: bool = False
    critical_constraints: bool = True
    path_length: int | None = None
    usages: tuple[str, ...] | None = ("digitalSignature",)
    purposes: tuple[ObjectIdentifier, ...] = TRANSPORT.purposes
    start: datetime = NOW - timedelta(hours=1)
    end: datetime = NOW + YEAR
    identifier: bytes | None = None
    authority_identifier: bool = True
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = field(default=())

    def sign(self, key: PrivateKey, issuer: x509.Certificate | None, issuer_key: PrivateKey) -> x509.Certificate:
        subject = common_name(self.subject, "test")
        builder = x509.CertificateBuilder(
            issuer_name=issuer.subject if issuer else subject,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=self.start,
            not_valid_after=self.end,
        )
        for extension, critical in self._extensions(key, issuer):
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256())

    def _extensions(self, key: PrivateKey, issuer: x509.Certificate | None) -> list[tuple[x509.ExtensionType, bool]]:
        constraints = x509.BasicConstraints(ca=self.is_ca, path_length=self.path_length)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        own = own if self.identifier is None else x509.SubjectKeyIdentifier(self.identifier)
        found: list[tuple[x509.ExtensionType, bool]] = [(constraints, self.critical_constraints), (own, False)]
        if self.usages is not None:
            found.append((key_usage(self.usages), True))
        if self.purposes:
            found.append((x509.ExtendedKeyUsage(self.purposes), False))
        if self.authority_identifier:
            above = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value if issuer else own
            found.append((x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), False))
        return [*found, *self.extra]


CA_USAGES = ("keyCertSign", "cRLSign")


def odd_authority(recipe: Recipe, above: Authority | None = None) -> Authority:
    """Make a CA after `recipe`, self-signed or under another."""
    key = generate_key()
    signer = above.key if above else key
    certificate = recipe.sign(key, above.certificate if above else None, signer)
    return Authority(certificate, key, (above.certificate, *above.chain) if above else ())


def intermediate(above: Authority, name: str = "Intermediate CA") -> Authority:
    return odd_authority(Recipe(name, is_ca=True, usages=CA_USAGES, purposes=()), above)


def openssl_verify(
    folder: Path, chain: Sequence[x509.Certificate], root: x509.Certificate
) -> subprocess.CompletedProcess[str]:
    """Let the program openssl judge a chain by its strict rules."""
    (folder / "root.pem").write_bytes(certificates_to_pem([root]))
    (folder / "leaf.pem").write_bytes(certificates_to_pem(chain[:1]))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem"]
    if len(chain) > 1:
        (folder / "others.pem").write_bytes(certificates_to_pem(chain[1:]))
        command += ["-untrusted", "others.pem"]
    return subprocess.run([*command, "leaf.pem"], cwd=folder, capture_output=True, text=True, timeout=60)


def run(*command: str, cwd: Path) -> str:
    """Run a foreign program and give its output; it must succeed."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
