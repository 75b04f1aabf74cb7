"""Issuing: from an instance to a key, a certificate, and the files they go into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from isthmus.cli.certutil.archive import Member
from isthmus.cli.certutil.instances import Instance
from isthmus.pki.authority import Authority, issue_self_signed, validity
from isthmus.pki.bundles import Bundle
from isthmus.pki.keys import KeyType, generate_key
from isthmus.pki.profiles import Profile

# What is cut off by less than this is not worth a word: the CA was made a little earlier for as many days.
_NOT_WORTH_A_WORD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """An instance, its bundle, and the files made of it."""

    instance: Instance
    bundle: Bundle
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs (None: each certificate itself), for which use, for how long, with which kind of keys."""

    authority: Authority | None
    profile: Profile
    days: int
    key_type: KeyType
    key_size: int | None

    def bundle_for(self, instance: Instance) -> Bundle:
        """Make a key and a certificate for `instance`; the CA is what the bundle trusts."""
        key = generate_key(self.key_type, self.key_size)
        if self.authority is None:
            certificate = issue_self_signed(instance.names, key, self.profile, days=self.days)
            return Bundle(key, certificate, name=instance.name)
        certificate = self.authority.issue(instance.names, key.public_key(), self.profile, days=self.days)
        trusted = (self.authority.certificate,)
        return Bundle(key, certificate, self.authority.intermediates, trusted, instance.name)

    def capped_at(self) -> datetime | None:
        """Give the end of the CA if it cuts off more than a day of what was asked for."""
        if self.authority is None:
            return None
        wanted, end = validity(self.days)[1], self.authority.certificate.not_valid_after_utc
        return end if wanted - end > _NOT_WORTH_A_WORD else None
