"""The `_security` APIs.

who     who is asking                users   users and their passwords
tokens  access and refresh tokens    service_accounts  tokens of service accounts
roles   roles and privileges
body    the JSON object of a request
"""
