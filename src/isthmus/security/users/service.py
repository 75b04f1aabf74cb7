"""Users made, changed and deleted in the cluster's state."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from isthmus.errors import UsageError
from isthmus.security.acting import config_changed
from isthmus.security.audit import changes
from isthmus.security.passwords import hash_password
from isthmus.security.subject import User
from isthmus.security.users.native import RESERVED, StateUsers, shown
from isthmus.security.users.orders import NewPassword, PutUser, ValidationError
from isthmus.security.users.stored import USERS, StoredUser, user_key
from isthmus.state.errors import VersionConflictError
from isthmus.state.replicated import ReplicatedMap

TRIES = 20

Change = Callable[[StoredUser | None], StoredUser]


class PasswordOfNobodyError(UsageError):
    """A password was to be changed of a user that is not there."""

    type = "validation_exception"


class UserService:
    """Writes the users of `state`, which `users` reads."""

    def __init__(self, state: ReplicatedMap, users: StateUsers) -> None:
        self._state = state
        self._users = users

    def users(self, names: list[str]) -> list[User]:
        """Return the users of these names; all if there are no names."""
        known = self._users.users
        if not names:
            return [shown(name, stored) for name, stored in known.all().items()]
        found = ((name, known.get(name)) for name in names)
        return [shown(name, stored) for name, stored in found if stored is not None]

    async def put(self, order: PutUser) -> bool:
        """Make or change a user; tell whether it is new. Raises ValidationError, and what the state's owner says."""
        hashed = order.password_hash if order.password is None else await hash_password(order.password)

        def change(before: StoredUser | None) -> StoredUser:
            kept = hashed or (before.password_hash if before else None)
            if kept is None:
                raise ValidationError("password must be specified unless you are updating an existing user")
            return StoredUser(
                password_hash=kept,
                roles=order.roles,
                full_name=order.full_name,
                email=order.email,
                metadata=dict(order.metadata),
                enabled=order.enabled,
            )

        is_new = await self._change(order.username, change) is None
        config_changed(*changes.user_put(order))
        return is_new

    async def set_password(self, username: str, secret: NewPassword) -> None:
        """Give a user another password. Raises PasswordOfNobodyError."""
        hashed = secret.password_hash if secret.password is None else await hash_password(secret.password)

        def change(before: StoredUser | None) -> StoredUser:
            if before is None and username not in RESERVED:
                raise PasswordOfNobodyError("user must exist in order to change password")
            return replace(before or StoredUser(password_hash=""), password_hash=hashed or "")

        await self._change(username, change)
        config_changed(*changes.password_changed(username))

    async def set_enabled(self, username: str, *, enabled: bool) -> None:
        """Let a user in again, or no more. Raises PasswordOfNobodyError."""

        def change(before: StoredUser | None) -> StoredUser:
            if before is None:
                raise PasswordOfNobodyError(f"only existing users can be {'enabled' if enabled else 'disabled'}")
            return replace(before, enabled=enabled)

        await self._change(username, change)
        config_changed(*changes.user_enabled(username, enabled=enabled))

    async def delete(self, username: str) -> bool:
        """Delete a user; tell whether there was one."""
        if username in RESERVED:
            raise UsageError(f"user [{username}] is reserved and cannot be deleted")
        if self._users.users.get(username) is None:
            return False
        await self._state.delete(user_key(username))
        config_changed(*changes.user_deleted(username))
        return True

    async def _change(self, username: str, change: Change) -> StoredUser | None:
        """Write what `change` makes of a user, tried again where somebody came between; return what was before."""
        key = user_key(username)
        for attempt in range(TRIES):
            entry = self._state.get(key)
            before = None if entry is None else USERS.decode(entry)
            expected = 0 if entry is None else entry.revision
            try:
                await self._state.put(key, USERS.encode(change(before)), expected=expected)
            except VersionConflictError:
                if attempt == TRIES - 1:
                    raise
                continue
            return before
        raise AssertionError("the last try returns or raises")
