"""Users whose hashes are cheap to check."""

from __future__ import annotations

from collections.abc import Iterator

import bcrypt
import pytest

from isthmus.security.checking import PasswordChecker
from tests.security.doubles import PASSWORD, SomeUsers


@pytest.fixture
def users() -> SomeUsers:
    return SomeUsers({"elastic": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()})


@pytest.fixture
def checker() -> Iterator[PasswordChecker]:
    checker = PasswordChecker()
    yield checker
    checker.close()
