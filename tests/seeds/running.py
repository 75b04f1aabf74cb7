"""Blocks of the page as they stand there, run by the official clients and by curl."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from isthmus.demo.nodes import NodeProcess
from tests.live.clients import NO_CLIENT, javascript_client
from tests.live.site import PASSWORD, SOON, Site
from tests.seeds.blocks import Block

TOLD = "console.log(JSON.stringify(response))"
CONNECTED = """
const { Client } = require('@elastic/elasticsearch')
const [url, trust] = process.argv.slice(1)
const ca = require('node:fs').readFileSync(trust)
const client = new Client({ node: url, auth: { username: 'elastic', password: process.env.PASSWORD }, tls: { ca } });
"""


def by_python(block: Block, site: Site, node: NodeProcess, password: str = PASSWORD) -> Any:
    with site.client(node, password) as client:
        known: dict[str, Any] = {"client": client}
        exec(block.text, known)
        return known["resp"].body


def by_javascript(block: Block, site: Site, node: NodeProcess, password: str = PASSWORD) -> Any:
    modules = javascript_client()
    if modules is None:
        pytest.skip(NO_CLIENT)
    script = f"{CONNECTED}(async () => {{\n{block.text.replace('console.log(response)', TOLD)}}})()"
    command = ["node", "-e", script, f"https://{node.http}", str(site.root / "ca.crt")]
    return json.loads(_output(command, {"NODE_PATH": modules, "PASSWORD": password}))


def by_curl(block: Block, site: Site, node: NodeProcess, password: str = PASSWORD) -> Any:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    method, path = block.text.splitlines()[0].split()
    path = path if path.startswith("/") else f"/{path}"
    body = block.text.partition("\n")[2]
    command = ["curl", "-sS", "--cacert", str(site.root / "ca.crt"), "-u", f"elastic:{password}", "-X", method]
    command += ["-H", "Content-Type: application/json", "-d", body, f"https://{node.http}{path}"]
    return json.loads(_output(command, {}))


RUN: dict[str, Callable[..., Any]] = {
    "python": by_python,
    "javascript": by_javascript,
    "console": by_curl,
}


def _output(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=SOON * 2, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
