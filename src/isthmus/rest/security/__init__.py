"""The `_security` APIs: users, and who is asking."""
