"""A configuration folder, and the program run in it as a person or a script would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from isthmus.keystore import FILE_NAME, Keystore

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]
Person = Callable[..., "pexpect.spawn[str]"]

TIMEOUT_SECONDS = 30


@pytest.fixture
def conf_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder


@pytest.fixture
def path(conf_dir: Path) -> Path:
    return conf_dir / FILE_NAME


@pytest.fixture
def environ(conf_dir: Path) -> dict[str, str]:
    return {**os.environ, "ISTHMUS_PATH_CONF": str(conf_dir)}


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run `isthmus keystore …` without a terminal; `stdin` is what it reads."""

    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "isthmus", "keystore", *arguments],
            input=stdin,
            capture_output=True,
            env=environ,
            timeout=TIMEOUT_SECONDS,
        )

    return run


@pytest.fixture
def person(environ: dict[str, str]) -> Person:
    """Run `isthmus keystore …` on a terminal of its own."""

    def person(*arguments: str) -> pexpect.spawn[str]:
        return pexpect.spawn(
            sys.executable,
            ["-m", "isthmus", "keystore", *arguments],
            encoding="utf-8",
            env=environ,
            timeout=TIMEOUT_SECONDS,
        )

    return person


@pytest.fixture
def keystore(path: Path) -> Keystore:
    """A keystore without a password that holds bootstrap.password."""
    keystore = Keystore.create(path)
    keystore.put("bootstrap.password", "first secret")
    keystore.save()
    return keystore
