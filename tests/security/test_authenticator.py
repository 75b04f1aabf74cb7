"""Who may pass: a user with the right password, and nobody else, with the words that clients know."""

from __future__ import annotations

import bcrypt
import pytest

from isthmus.security.authenticator import Asking, Authenticator, Realms
from isthmus.security.checking import PasswordChecker
from isthmus.security.errors import AuthenticationError
from tests.security.doubles import PASSWORD, SomeUsers, basic


class CountingCheck:
    """bcrypt, counted."""

    def __init__(self) -> None:
        self.hashes: list[bytes] = []

    def __call__(self, password: bytes, hashed: bytes) -> bool:
        self.hashes.append(hashed)
        return bcrypt.checkpw(password, hashed)


async def refusal(authenticator: Authenticator, header: str | None, target: str = "/_cat/nodes?v") -> str:
    with pytest.raises(AuthenticationError) as refused:
        await authenticator.authenticate(Asking(authorization=header, target=target, origin="127.0.0.1"))
    assert (refused.value.type, refused.value.status) == ("security_exception", 401)
    assert refused.value.challenges == ('Basic realm="security", charset="UTF-8"', "ApiKey")
    return str(refused.value)


async def passes(authenticator: Authenticator, username: str, password: str) -> str:
    asking = Asking(authorization=basic(username, password), origin="127.0.0.1")
    return (await authenticator.authenticate(asking)).user.username


async def test_the_right_password_passes(users: SomeUsers, checker: PasswordChecker) -> None:
    assert await passes(Authenticator(Realms(passwords=(users,)), checker), "elastic", PASSWORD) == "elastic"


async def test_refusals_have_elasticsearchs_words(users: SomeUsers, checker: PasswordChecker) -> None:
    authenticator = Authenticator(Realms(passwords=(users,)), checker)
    where = "for REST request [/_cat/nodes?v]"
    assert await refusal(authenticator, None) == f"missing authentication credentials {where}"
    for name in ("elastic", "nobody"):
        assert await refusal(authenticator, basic(name, "wrong")) == f"unable to authenticate user [{name}] {where}"


async def test_an_unknown_user_costs_as_much_as_a_wrong_password(users: SomeUsers) -> None:
    check = CountingCheck()
    checker = PasswordChecker(check)
    authenticator = Authenticator(Realms(passwords=(users,)), checker)
    await refusal(authenticator, basic("nobody", "wrong"))
    await refusal(authenticator, basic("nobody", "x" * 100))
    checker.close()
    assert [hashed[:7] for hashed in check.hashes] == [b"$2b$10$"] * 2


async def test_a_password_once_right_is_not_computed_again_until_it_changes(users: SomeUsers) -> None:
    check = CountingCheck()
    checker = PasswordChecker(check)
    authenticator = Authenticator(Realms(passwords=(users,)), checker)
    for _ in range(50):
        await passes(authenticator, "elastic", PASSWORD)
    assert len(check.hashes) == 1
    users.hashes["elastic"] = bcrypt.hashpw(b"another one", bcrypt.gensalt(4)).decode()
    await refusal(authenticator, basic("elastic", PASSWORD))
    await passes(authenticator, "elastic", "another one")
    del users.hashes["elastic"]
    await refusal(authenticator, basic("elastic", "another one"))
    checker.close()


async def test_a_long_path_is_cut_in_the_refusal(users: SomeUsers, checker: PasswordChecker) -> None:
    assert len(await refusal(Authenticator(Realms(passwords=(users,)), checker), None, target="/" + "x" * 8000)) < 400
