"""The service accounts that there are. What each may do is told by its role descriptor, of the account's own name.

https://www.elastic.co/guide/en/elasticsearch/reference/8.19/service-accounts.html
"""

from __future__ import annotations

import re
from typing import Final

from isthmus.errors import UsageError
from isthmus.security.subject import User

ACCOUNTS: Final = (
    "elastic/auto-ops",
    "elastic/enterprise-search-server",
    "elastic/fleet-server",
    "elastic/fleet-server-remote",
    "elastic/kibana",
    "isthmus/console",
)

_TOKEN_NAME: Final = re.compile(r"[A-Za-z0-9-][A-Za-z0-9_-]{0,255}", re.ASCII)


def account_user(account: str) -> User:
    """Return the user that an account is."""
    return User(username=account, full_name=f"Service account - {account}", metadata={"_elastic_service_account": True})


def check_account(account: str) -> None:
    """Raise UsageError unless there is such an account."""
    if account not in ACCOUNTS:
        known = ", ".join(f"[{name}]" for name in ACCOUNTS)
        raise UsageError(f"the [{account[:100]}] service account does not exist", hint=f"there are {known}")


def check_token_name(name: str) -> None:
    """Raise UsageError for what cannot name a token."""
    if not _TOKEN_NAME.fullmatch(name):
        raise UsageError(
            f"service account token name [{name[:100]}] must have at least 1 character and at most 256 characters "
            "that are alphanumeric (A-Z, a-z, 0-9) or hyphen (-) or underscore (_). It must not begin with an "
            "underscore (_)."
        )
