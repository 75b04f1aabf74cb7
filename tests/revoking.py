"""Revocation lists made by openssl, for tests: the product is not judged by itself."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

from tests.certificates import DAY, Authority, Issued

_CONFIGURATION = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
crlnumber = {folder}/number
default_md = sha256
"""


def revocation_list(
    folder: Path, ca: Authority, *revoked: Issued, days: tuple[float, float] = (-1, 1), der: bool = False
) -> Path:
    """Write the list of `ca` that revokes `revoked`, made and due `days` from now, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    ca.write(folder, "ca")
    (folder / "number").write_text("01\n")
    (folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=folder))
    serials = [one.certificate.serial_number.to_bytes(20).lstrip(b"\0").hex().upper() for one in revoked]
    lines = [f"R\t{_stamp(300)}\t{_stamp(0)}\t{serial}\tunknown\t/CN=x\n" for serial in serials]
    (folder / "index.txt").write_text("".join(lines))
    made, due = (f"{_stamp(day)}" for day in days)
    arguments = ["-config", "openssl.cnf", "-gencrl", "-cert", "ca.crt", "-keyfile", "ca.key", "-out", "list.pem"]
    _openssl(folder, "ca", *arguments, "-crl_lastupdate", made, "-crl_nextupdate", due)
    if der:
        _openssl(folder, "crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")
    return folder / ("list.der" if der else "list.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _stamp(days: float) -> str:
    return (datetime.datetime.now(datetime.UTC) + days * DAY).strftime("%y%m%d%H%M%SZ")
