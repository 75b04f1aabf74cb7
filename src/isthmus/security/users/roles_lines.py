"""The file `users_roles`: lines `role:name,name`, changed for one user. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from isthmus.security.keyed_lines import drop_line, names_in, put_line


def with_roles(text: str, username: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> str:
    """Return the text with a user in the lines of the roles `add`, and no more in those of `remove`."""
    for role in add:
        text = _with_members(text, role, dict.fromkeys([*_members(text, role), username]))
    for role in remove:
        text = _with_members(text, role, [name for name in _members(text, role) if name != username])
    return text


def without_user(text: str, username: str) -> str:
    """Return the text with a user in no line."""
    return with_roles(text, username, remove=[role for role in names_in(text) if username in _members(text, role)])


def _members(text: str, role: str) -> list[str]:
    lists = (line.strip().partition(":")[2] for line in text.splitlines() if line.strip().startswith(f"{role}:"))
    return [name.strip() for names in lists for name in names.split(",") if name.strip()]


def _with_members(text: str, role: str, members: Collection[str]) -> str:
    return put_line(text, role, ",".join(members)) if members else drop_line(text, role)
