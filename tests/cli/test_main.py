"""The program's last line of defence: one clear line and an exit status, whatever happens."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from isthmus.cli import main
from isthmus.cli.main import run
from isthmus.errors import ConfigError


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `isthmus settings` raise."""

    @click.command("settings")
    @click.argument("how")
    def command(how: str) -> None:
        if how == "told":
            raise ConfigError("it is wrong", where="a\x1b[31mfile", hint="mend it")
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("isthmus.cli.settings.command", command)


@pytest.mark.usefixtures("failing")
def test_an_error_is_one_line_with_place_and_mend_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "told"]) == 78
    assert capsys.readouterr().err == "isthmus: a\\x1b[31mfile: it is wrong (mend it)\n"


@pytest.mark.usefixtures("failing")
def test_an_unforeseen_failure_shows_no_trace_but_keeps_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run(["settings", "unforeseen"]) == 70
    said = capsys.readouterr().err
    assert "Traceback" not in said
    (trace,) = tmp_path.glob("isthmus-*.trace")
    assert str(trace) in said
    assert "RuntimeError: unforeseen" in trace.read_text()
    assert trace.stat().st_mode & 0o077 == 0


def test_a_wrong_call_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["no-such-command"]) == 64
    assert "--help" in capsys.readouterr().err


def test_every_command_that_is_listed_can_be_loaded() -> None:
    context = click.Context(main.isthmus)
    for name in main.COMMANDS:
        assert main.isthmus.get_command(context, name) is not None
