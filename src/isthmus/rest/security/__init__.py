"""The `_security` APIs.

who     who is asking                users   users and their passwords
tokens  access and refresh tokens    service_accounts  tokens of service accounts
roles   roles and privileges           api_keys, api_key_grant, api_key_json  API keys
body    the JSON object of a request
"""
