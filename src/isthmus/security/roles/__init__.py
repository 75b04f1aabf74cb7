"""What a role says.

descriptor  a role as a value, and as JSON
parsing     JSON to a role
reserved    the roles that are built in, and those of service accounts
file        the roles of `roles.yml`
"""
