"""What a person does at a terminal: types commands, unpacks archives, asks a node over HTTPS."""

from __future__ import annotations

import base64
import http
import http.client
import os
import secrets
import shlex
import ssl
import subprocess
import sys
import zipfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

from isthmus.demo.narrator import Narrator
from isthmus.errors import UnavailableError

COMMAND_SECONDS = 60.0
REQUEST_SECONDS = 30.0
LAST_WORDS = 5


class Person:
    """Works in `folder` and lets `narrator` show every command. Passwords are in 0600 files: `elastic-password`."""

    def __init__(self, folder: Path, narrator: Narrator) -> None:
        self._folder = folder
        self._narrator = narrator
        self._passwords: dict[str, str] = {}
        self.thinks_of_password("elastic")

    def thinks_of_password(self, username: str) -> str:
        """Think of a password for a user, keep it in a file, and return it."""
        password = self._passwords[username] = secrets.token_urlsafe(15)
        place = self._folder / f"{username}-password"
        with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(password)
        return password

    def types(self, line: str, *, stdin: str = "", environ: dict[str, str] | None = None) -> str:
        """Run a command line that begins with `isthmus`, and return what it printed; raises UnavailableError."""
        self._narrator.command(line)
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(line)],
            cwd=self._folder,
            env={**os.environ, **(environ or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise UnavailableError(f"[{line}] ended with status {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def watches(self, line: str, on_line: Callable[[str], object]) -> None:
        """Run a command line that begins with `isthmus`, and hear each line of it at once; raises UnavailableError."""
        self._narrator.command(line)
        heard: deque[str] = deque(maxlen=LAST_WORDS)
        command = [sys.executable, "-u", "-m", *shlex.split(line)]
        with subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            for told in running.stdout or ():
                heard.append(told.strip())
                on_line(told.rstrip())
        if running.returncode != 0:
            raise UnavailableError(f"[{line}] ended with status {running.returncode}: {' '.join(heard)}")

    @property
    def password(self) -> str:
        """The password of `elastic`, as curl reads it from the file."""
        return self._passwords["elastic"]

    def unzips(self, archive: str, folder: str) -> set[str]:
        """Unpack an archive and return the names in it."""
        self._narrator.command(f"unzip {archive} -d {folder}")
        with zipfile.ZipFile(self._folder / archive) as opened:
            opened.extractall(self._folder / folder)
            return set(opened.namelist())

    def keeps_password(self, node: str) -> None:
        """Put the password of `elastic` into the node's keystore, through standard input."""
        conf = {"ISTHMUS_PATH_CONF": str(self._folder / node)}
        self._narrator.command(f"export ISTHMUS_PATH_CONF={node}")
        self.types("isthmus keystore create", environ=conf)
        self.types("isthmus keystore add --stdin bootstrap.password", stdin=self.password, environ=conf)

    def keeps_secret(self, node: str, name: str, value: str) -> None:
        """Put a secret into the node's keystore, through standard input."""
        conf = {"ISTHMUS_PATH_CONF": str(self._folder / node)}
        self.types(f"isthmus keystore add --stdin {name}", stdin=value, environ=conf)

    def peeks(self, address: str, path: str, ca: str) -> str:
        """GET `path` as `elastic` without a word and return the body; raises UnavailableError."""
        return self._get(address, path, ca)

    def asks(self, address: str, path: str, ca: str) -> str:
        """GET `path` as `elastic` and return the body; raises UnavailableError."""
        self._narrator.command(f"curl --cacert {ca} -u elastic:$(cat elastic-password) 'https://{address}/{path}'")
        return self._get(address, path, ca)

    def sends(self, address: str, method: str, path: str, file: str, ca: str, *, lines: bool = False) -> str:
        """Send a file of the folder, JSON or `lines` of it, and return the body; raises UnavailableError."""
        kind = "application/x-ndjson" if lines else "application/json"
        self._narrator.command(
            f"curl --cacert {ca} -u elastic:$(cat elastic-password) -X {method} -H 'Content-Type: {kind}' "
            f"--data-binary @{file} 'https://{address}/{path}'"
        )
        return self._request(address, method, path, ca, (self._folder / file).read_bytes(), kind)

    def tries(self, username: str, address: str, method: str, path: str, ca: str) -> tuple[int, str]:
        """Ask as some user; return the status and the body, whatever they are. Raises UnavailableError."""
        self._narrator.command(
            f"curl --cacert {ca} -u {username}:$(cat {username}-password) -X {method} 'https://{address}/{path}'"
        )
        return self._answer(address, method, path, ca, username)

    def can_ask(self, address: str, ca: str) -> bool:
        """Say whether the node at `address` answers requests already."""
        try:
            self._get(address, "", ca)
        except UnavailableError:
            return False
        return True

    def _get(self, address: str, path: str, ca: str) -> str:
        return self._request(address, "GET", path, ca)

    def _request(
        self, address: str, method: str, path: str, ca: str, body: bytes | None = None, kind: str | None = None
    ) -> str:
        status, told = self._answer(address, method, path, ca, "elastic", body, kind)
        if status != http.HTTPStatus.OK:
            raise UnavailableError(f"https://{address}/{path} answered {status}: {told[:300]}")
        return told

    def _answer(
        self,
        address: str,
        method: str,
        path: str,
        ca: str,
        username: str,
        body: bytes | None = None,
        kind: str | None = None,
    ) -> tuple[int, str]:
        host, _, port = address.rpartition(":")
        trust = ssl.create_default_context(cafile=self._folder / ca)
        token = base64.b64encode(f"{username}:{self._passwords[username]}".encode()).decode()
        connection = http.client.HTTPSConnection(host, int(port), timeout=REQUEST_SECONDS, context=trust)
        try:
            headers = {"Authorization": f"Basic {token}"} | ({"Content-Type": kind} if kind is not None else {})
            connection.request(method, f"/{path}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as cause:
            raise UnavailableError(f"https://{address}/{path} did not answer: {cause}") from cause
        finally:
            connection.close()
