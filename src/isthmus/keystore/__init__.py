"""The encrypted file of secure settings: `isthmus.keystore` in the configuration folder.

format    bytes ↔ values: the layout, its encryption and its bounds (sans-IO)
storage   the file: written whole or not at all, also where it is a bind mount
known     which names may be kept
keystore  the three together
"""

from isthmus.keystore.keystore import (
    FILE_NAME,
    Keystore,
    has_password,
    read_sealed,
    secure_settings,
    write_sealed,
)
from isthmus.keystore.known import check_name

__all__ = ["FILE_NAME", "Keystore", "check_name", "has_password", "read_sealed", "secure_settings", "write_sealed"]
