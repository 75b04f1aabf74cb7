"""Who is asking.

credentials   the Authorization header as values (pure)
passwords     the rules for passwords; making and hashing them
checking      bcrypt in threads, with bounded crowds, and the cache before it
authenticator credentials to a user, or a refusal
users         where the hashes of users stand in the cluster's state
"""
