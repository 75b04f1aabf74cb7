"""Users with passwords, and the realms that know them.

account  a user with the hash of a password, as a realm gives it   stored  a user as it stands in the cluster's state
native   the realms `reserved` and `native`, of that state          file    the realm of the files users, users_roles
"""
