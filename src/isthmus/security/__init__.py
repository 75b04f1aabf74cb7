"""Who is asking, and what he may do.

subject       who is asking, as a value                 credentials  the Authorization header as values (pure)
authenticator credentials to an authentication, or a refusal; tries the realms in order
acting        who acts and by which action, known wherever a request leads
forwarding    who acts, carried to other nodes and judged there again
privileges    tables of the actions that privileges grant             roles             roles, wherever they stand
authorization roles compiled to decisions                             patterns, expressions, languages  of names
errors        what is told to somebody who may not pass
users         users with passwords: reserved, native, of files       api_keys          API keys
tokens        access and refresh tokens                              service_accounts  users of programs, with tokens
kept, watched how things stand in the cluster's state, and are read from it
passwords     the rules for passwords; making and hashing them       random_secrets    of secrets that we make
checking      bcrypt in threads, with bounded crowds, and the cache before it
throttle      addresses from which many logins fail are slowed down
"""
