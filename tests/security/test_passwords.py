"""Passwords: made strong, hashed so that others can check them, refused where bcrypt would cut them."""

from __future__ import annotations

import bcrypt
import pytest

from isthmus.security.passwords import WeakPasswordError, check_password, generate_password, hash_password


def test_a_made_password_has_20_letters_that_no_shell_minds_and_is_never_made_twice() -> None:
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert len(one) == 20
        assert not set(one) & set(" \t\"'\\$`!&|;<>()[]{}?*#~%@:/,=^")
        check_password(one)


async def test_a_hash_is_bcrypt_of_cost_10_that_bcrypt_itself_confirms() -> None:
    hashed = await hash_password("correct horse")
    assert hashed.startswith("$2b$10$")
    assert bcrypt.checkpw(b"correct horse", hashed.encode())
    assert not bcrypt.checkpw(b"correct horsf", hashed.encode())


@pytest.mark.parametrize("password", ["", "12345", "x" * 73, "ü" * 37, "lone surrogate \ud800"])
async def test_a_password_that_breaks_the_rules_is_refused_and_not_told(password: str) -> None:
    with pytest.raises(WeakPasswordError) as refused:
        await hash_password(password)
    assert not password or password not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("password", ["123456", "x" * 72, "ü" * 36])
def test_a_password_at_the_bounds_is_taken(password: str) -> None:
    check_password(password)
