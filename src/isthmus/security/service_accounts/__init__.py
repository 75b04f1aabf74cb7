"""Service accounts: users of programs, built in, who come with tokens.

accounts  which there are            stored   one token as it stands in the state, and the texts of tokens
realm     a bearer token to an authentication, of the state or of the file `service_tokens`
service   tokens made and deleted
"""
