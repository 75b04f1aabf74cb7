"""Files of lines `name:value`, as `users` and `service_tokens` are; comments and other lines stay as they are. Pure."""

from __future__ import annotations

from isthmus.security.credentials import is_username


def can_stand(name: str) -> bool:
    """Tell whether a name of a user or role can stand in such a file: nothing in it parts lines, names or values."""
    return is_username(name) and not name.startswith("#") and ":" not in name and "," not in name


def names_in(text: str) -> list[str]:
    """Return the names, in order, each once."""
    named = (line.strip().partition(":") for line in text.splitlines())
    return list(dict.fromkeys(name for name, colon, _ in named if colon and not name.startswith("#")))


def put_line(text: str, name: str, value: str) -> str:
    """Return the text with `name:value` in place of the lines of that name, or at the end."""
    lines, new = text.splitlines(), f"{name}:{value}"
    at = next((at for at, line in enumerate(lines) if _is_of(line, name)), len(lines))
    kept = [line for line in lines[at + 1 :] if not _is_of(line, name)]
    return _joined([*lines[:at], new, *kept])


def drop_line(text: str, name: str) -> str:
    """Return the text without the lines of a name."""
    return _joined([line for line in text.splitlines() if not _is_of(line, name)])


def _is_of(line: str, name: str) -> bool:
    return line.strip().startswith(f"{name}:")


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
