"""For all tests: no example of a property fails because the machine was slow; what nobody asked for is asked for by a
superuser."""

from __future__ import annotations

from hypothesis import settings

from isthmus.security.acting import Acting, act_as
from isthmus.security.roles.registry import built_in_permission
from isthmus.security.subject import Authentication, RealmRef, User

settings.register_profile("isthmus", deadline=None, print_blob=True)
settings.load_profile("isthmus")

SUPERUSER = Authentication(user=User(username="tests", roles=("superuser",)), authenticated_by=RealmRef("t", "native"))
act_as(Acting(SUPERUSER, built_in_permission(SUPERUSER), "indices:admin/tests"))
