"""Who comes with a client certificate on the HTTP port.

realm   from a certificate to an authentication, its roles by role mappings    reading  the realms that settings declare
"""
