"""The keystore where it is a bind mount, as Docker and Kubernetes make them: a real one, in a mount namespace."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.keystore import Keystore

UNSHARE = ["unshare", "--map-root-user", "--mount"]
TIMEOUT_SECONDS = 60


def why_not() -> str | None:
    """Return why bind mounts cannot be made here, None if they can."""
    probe = "mount --bind /proc/version /proc/version"
    try:
        done = subprocess.run([*UNSHARE, "sh", "-c", probe], capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    except FileNotFoundError:
        return "there is no unshare(1)"
    return None if done.returncode == 0 else f"no mount namespace: {done.stderr.strip()}"


@pytest.fixture
def mounted(tmp_path: Path, path: Path, keystore: Keystore) -> Path:
    """The file that is mounted over `path`; it holds what the keystore held."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    outside = tmp_path / "outside" / "isthmus.keystore"
    outside.parent.mkdir()
    path.rename(outside)
    path.touch(0o600)
    return outside


def in_namespace(mounted: Path, path: Path, script: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    isthmus = shlex.join([sys.executable, "-m", "isthmus", "keystore"])
    mount = f"mount --bind {shlex.quote(str(mounted))} {shlex.quote(str(path))}"
    return subprocess.run(
        [*UNSHARE, "sh", "-euc", f'{mount}\nkeystore() {{ {isthmus} "$@"; }}\n{script}'],
        capture_output=True,
        text=True,
        env=environ,
        timeout=TIMEOUT_SECONDS,
    )


def test_a_bind_mounted_keystore_is_changed_in_place(mounted: Path, path: Path, environ: dict[str, str]) -> None:
    """helm-charts#90, docker-elk#579, elasticsearch#85463: device or resource busy."""
    inode = mounted.stat().st_ino
    script = """
        if mv -f "$ISTHMUS_PATH_CONF/isthmus.keystore" "$ISTHMUS_PATH_CONF/elsewhere"; then exit 99; fi
        printf 'another secret' | keystore add -x -f bootstrap.password
        printf 'pw\\npw\\n' | keystore passwd
        printf 'pw\\n' | keystore show bootstrap.password
    """
    done = in_namespace(mounted, path, script, environ)
    assert (done.returncode, done.stdout) == (0, "another secret"), done.stderr
    assert "busy" in done.stderr  # so the rename really was refused, as mv found
    assert Keystore.load(mounted, "pw").get("bootstrap.password") == "another secret"
    assert mounted.stat().st_ino == inode
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_damaged_bind_mounted_keystore_is_left_as_it_is(mounted: Path, path: Path, environ: dict[str, str]) -> None:
    damaged = mounted.read_bytes()[:-1]
    mounted.write_bytes(damaged)
    done = in_namespace(mounted, path, "printf x | keystore add -x -f bootstrap.password", environ)
    assert done.returncode == 65, done.stderr
    assert mounted.read_bytes() == damaged
