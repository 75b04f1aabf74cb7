"""The grammar of denied certificates."""

from __future__ import annotations

import pytest

from isthmus.settings.tls_settings import DENIED_CERTIFICATES, MAX_DENIED

DIGEST = "0f" * 32


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f"sha256:{DIGEST}", f"sha256:{DIGEST}"),
        (f"SHA256:{':'.join(['0F'] * 32)}", f"sha256:{DIGEST}"),
        ("serial:1F", "serial:1f"),
        ("serial:0x1f", "serial:1f"),
        ("serial:00:9a:BC", "serial:9abc"),
        ("serial-decimal:31", "serial:1f"),
    ],
)
def test_an_entry_may_be_written_as_tools_print_it(written: str, read: str) -> None:
    assert DENIED_CERTIFICATES.parse((written,)) == (read,)


@pytest.mark.parametrize(
    "written",
    [
        DIGEST,
        f"sha256:{DIGEST[:-1]}",
        f"sha256:{DIGEST}0",
        f"sha256:{':'.join(['0f'] * 31)}",
        f"sha1:{DIGEST[:40]}",
        "serial:xyz",
        "serial:",
        "serial:0",
        "serial:-1",
        "serial:0:1",
        "serial:1" + "0" * 40,
        "serial-decimal:1f",
        "serial-decimal:" + "9" * 50,
        "serial-decimal:٣",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"an entry is|a serial number"):
        DENIED_CERTIFICATES.parse((written,))


def test_their_number_is_bounded() -> None:
    assert len(DENIED_CERTIFICATES.parse([f"serial:{number + 1:x}" for number in range(MAX_DENIED)])) == MAX_DENIED
    with pytest.raises(ValueError, match="at most 1000"):
        DENIED_CERTIFICATES.parse([f"serial:{number + 1:x}" for number in range(MAX_DENIED + 1)])
