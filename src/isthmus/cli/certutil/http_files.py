"""The zip of `certutil http`: a folder for each node, one for the clients, and one for a CA made on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cryptography import x509

from isthmus.cli.certutil import http_texts as texts
from isthmus.cli.certutil.archive import Member
from isthmus.cli.certutil.ca import CA_PATH, authority_bundle, judge_authority
from isthmus.cli.certutil.files import FileFormat, judge, members_of, read_back
from isthmus.cli.certutil.instances import Instance
from isthmus.cli.certutil.issuing import Signer
from isthmus.cli.certutil.requesting import Requested, judge_request, request_for, request_members
from isthmus.errors import IntegrityError
from isthmus.pki.authority import Authority
from isthmus.pki.bundles import Bundle, certificates_to_pem, load_certificates
from isthmus.pki.keys import KeyType
from isthmus.pki.names import distinguished_name_text
from isthmus.pki.profiles import HTTP

ALIAS = "http"

_CLIENT_CA = f"kibana/{texts.CA_PEM}"


@dataclass(frozen=True, slots=True)
class NodeFiles:
    """What is made for one node: either its bundle, or its request."""

    instance: Instance
    path: str
    bundle: Bundle | None = field(default=None, repr=False)
    requested: Requested | None = None


def folder_of(instance: Instance, *, alone: bool) -> str:
    """Say where a node's files go."""
    return "elasticsearch" if alone else f"elasticsearch/{instance.filename}"


def certified(instance: Instance, folder: str, signer: Signer) -> NodeFiles:
    """Make a key and a certificate."""
    return NodeFiles(instance, f"{folder}/{ALIAS}", bundle=replace(signer.bundle_for(instance), name=ALIAS))


def requested(instance: Instance, folder: str, key_type: KeyType, key_size: int | None) -> NodeFiles:
    """Make a key, and ask for a certificate."""
    path = f"{folder}/{ALIAS}-{instance.filename}"
    return NodeFiles(instance, path, requested=request_for(path, instance.names, key_type, key_size))


def node_members(made: NodeFiles, form: FileFormat) -> list[Member]:
    """Make the files of a node."""
    folder, stem = made.path.rsplit("/", 1)
    password = bool(form.password)
    if made.requested:
        files = request_members(made.requested, form.password)
        readme = texts.node_readme_request(f"{stem}.csr", f"{stem}.key", f"{stem}.crt", password=password)
    else:
        files = members_of(made.path, made.bundle or Bundle(), form)
        readme = (
            texts.node_readme_pem(f"{stem}.crt", f"{stem}.key", password=password)
            if form.pem
            else texts.node_readme_store(f"{stem}.p12", password=password)
        )
    return [
        Member(f"{folder}/README.txt", readme),
        *files,
        Member(f"{folder}/sample-elasticsearch.yml", _settings(stem, form)),
    ]


def client_members(authority: Authority | None, hosts: Sequence[str]) -> list[Member]:
    """Make what clients need to trust the nodes."""
    trusted = [Member(_CLIENT_CA, certificates_to_pem(_trusted(authority)))] if authority else []
    return [
        Member("kibana/README.txt", texts.kibana_readme(has_ca=authority is not None)),
        *trusted,
        Member("kibana/sample-kibana.yml", texts.kibana_settings(hosts)),
    ]


def authority_members(authority: Authority, form: FileFormat) -> list[Member]:
    """Make the files of a CA that was made on the way."""
    files, flags = ("ca.crt and ca.key", "--ca-cert ca.crt --ca-key ca.key") if form.pem else ("ca.p12", "--ca ca.p12")
    readme = texts.authority_readme(files, flags, distinguished_name_text(authority.certificate.subject))
    return [Member("ca/README.txt", readme), *members_of(CA_PATH, authority_bundle(authority), form)]


def judge_node(made: NodeFiles, files: Mapping[str, bytes], form: FileFormat, *, strict: bool) -> None:
    """Raise DataError unless `files` hold what was made for a node."""
    if made.requested:
        judge_request(made.requested, files, form.password)
    elif made.bundle:
        judge(read_back(made.path, files, form), made.bundle, HTTP, made.path, strict=strict)


def judge_clients(authority: Authority, files: Mapping[str, bytes]) -> None:
    """Raise DataError unless clients are given the CA."""
    if load_certificates(files[_CLIENT_CA], _CLIENT_CA) != tuple(_trusted(authority)):
        raise IntegrityError("the file does not hold the CA", where=_CLIENT_CA)


def judge_new_authority(authority: Authority, files: Mapping[str, bytes], form: FileFormat) -> None:
    """Raise DataError unless `files` hold the CA that was made."""
    judge_authority(read_back(CA_PATH, files, form), authority, CA_PATH)


def host_of(instance: Instance) -> str:
    """Choose the name or address by which clients may call a node."""
    plain = [name for name in instance.names.dns if not name.startswith("*.")]
    addresses = [f"[{one}]" if one.version == 6 else str(one) for one in instance.names.ips]
    return (plain or addresses or [instance.filename])[0]


def _settings(stem: str, form: FileFormat) -> bytes:
    if form.pem:
        pem = {"certificate": f"{stem}.crt", "key": f"{stem}.key"}
        return texts.node_settings(pem, password="secure_key_passphrase" if form.password else None)
    password = "keystore.secure_password" if form.password else None
    return texts.node_settings({"keystore.path": f"{stem}.p12"}, password=password)


def _trusted(authority: Authority) -> list[x509.Certificate]:
    # With those above it: a client that wants a root finds one.
    return [authority.certificate, *authority.chain]
