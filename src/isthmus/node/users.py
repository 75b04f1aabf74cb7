"""The users of a cluster as the node keeps them: a first password for `elastic`, and new ones on order."""

from __future__ import annotations

from typing import TextIO

from isthmus.security.passwords import generate_password, hash_password
from isthmus.security.users.native import SUPERUSER
from isthmus.security.users.stored import USERS, StoredUser, user_key
from isthmus.state.replicated import ReplicatedMap


async def ensure_first_password(state: ReplicatedMap, bootstrap_password: str | None, terminal: TextIO) -> None:
    """Give `elastic` a password if the cluster has none yet: that of the keystore, else a new one.

    A new one is shown on `terminal`, if it is a terminal, this once.
    """
    key = user_key(SUPERUSER)
    if state.get(key) is not None:
        return
    password = bootstrap_password or generate_password()
    user = StoredUser(password_hash=await hash_password(password))
    await state.put(key, USERS.encode(user), expected=0)
    if bootstrap_password is None and terminal.isatty():
        terminal.write(
            f"\nThe password of the user [{SUPERUSER}] is: {password}\n"
            "It is shown this once. `isthmus reset-password` makes a new one.\n\n"
        )
        terminal.flush()
