"""Certificates as values: keys, names, authorities, requests, bundles, and the rules that certificates must obey.

Everything here takes bytes and values and gives values: no sockets, no settings, no files, no clock of its own where
a moment can be handed in. Errors are `isthmus.errors.DataError` and say where the fault is.

    keys         private keys: make, write, read        names        DNS names, addresses, alternative names
    profiles     what a certificate may be used for     distinguished  distinguished names (RFC 4514)
    authority    a CA that issues                       requests     certificate signing requests
    bundles      key + chain + trust in PEM, PKCS#12 or JKS
    form         what X.509 demands of one certificate  verify       chains: build and check
    rules        what the certificates of a node and a cluster must obey, one function a rule
    explain      why a peer was refused, for a person   describe     a certificate in plain values
"""
