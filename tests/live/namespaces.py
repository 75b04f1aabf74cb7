"""Machines of one's own: network namespaces on a bridge, with real addresses. For root on Linux only."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
CLONE_NEWNET = 0x40000000  # sched.h


class Machine:
    """A network namespace. What runs inside sees its addresses only, and so do the processes started there."""

    def __init__(self, namespace: str, address: str) -> None:
        self.address = address
        self._inside = ThreadPoolExecutor(1, initializer=_enter, initargs=(namespace,))

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` inside."""
        return self._inside.submit(function, *args, **kwargs).result()

    def close(self) -> None:
        """End what runs `function`s inside."""
        self._inside.shutdown()


class Network:
    """Machines by name, each with its address (all of one /24), connected by a bridge in a namespace of its own."""

    def __init__(self, addresses: dict[str, str]) -> None:
        self._prefix = f"isthmus-{os.getpid()}"
        self._namespaces: list[str] = []
        self.machines: dict[str, Machine] = {}
        try:
            switch = self._add_switch()
            for number, (name, address) in enumerate(addresses.items()):
                self.machines[name] = self._add_machine(name, address, switch, f"port{number}")
        except subprocess.CalledProcessError:
            self.close()
            raise

    def close(self) -> None:
        """Remove everything."""
        for machine in self.machines.values():
            machine.close()
        for namespace in self._namespaces:
            ip("netns", "del", namespace)

    def _add_switch(self) -> str:
        switch = self._add_namespace("switch")
        ip("-n", switch, "link", "add", "bridge", "type", "bridge")
        ip("-n", switch, "link", "set", "bridge", "up")
        return switch

    def _add_machine(self, name: str, address: str, switch: str, port: str) -> Machine:
        namespace = self._add_namespace(name)
        ip("-n", switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        ip("-n", switch, "link", "set", port, "master", "bridge", "up")
        ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
        for link in ("lo", "eth0"):
            ip("-n", namespace, "link", "set", link, "up")
        return Machine(namespace, address)

    def _add_namespace(self, name: str) -> str:
        namespace = f"{self._prefix}-{name}"
        ip("netns", "add", namespace)
        self._namespaces.append(namespace)
        return namespace


def why_impossible() -> str | None:
    """Say why this machine allows no network namespaces, or None if it does."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces are made by root only"
    if shutil.which("ip") is None:
        return "there is no `ip` command (iproute2)"
    try:
        Network({"probe": "192.0.2.1"}).close()
    except subprocess.CalledProcessError as error:
        return f"`{' '.join(error.cmd)}` is not allowed here: {error.stderr.strip()}"
    return None


def ip(*arguments: str) -> None:
    """Run `ip`; raises CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def _enter(namespace: str) -> None:
    """Move this thread, and what it starts, into the namespace (setns(2); Python has it from 3.12 on)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", namespace).open() as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns", namespace)
