"""Calling certutil and looking at what it wrote."""

from __future__ import annotations

import stat
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


def unzip(path: Path) -> Path:
    """Unpack a zip beside itself as the program unzip would, modes included; give the folder."""
    target = path.with_suffix("")
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            written = Path(archive.extract(entry, target))
            written.chmod(stat.S_IMODE(entry.external_attr >> 16))
    return target


def members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [entry.filename for entry in archive.infolist() if not entry.is_dir()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def verify(ca: Path, leaf: Path, *others: Path) -> None:
    """Let openssl judge a certificate file by its strict rules; issuers may stand in the file itself."""
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(ca), "-untrusted", str(leaf)]
    for other in others:
        command += ["-untrusted", str(other)]
    done = subprocess.run([*command, str(leaf)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def program(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
