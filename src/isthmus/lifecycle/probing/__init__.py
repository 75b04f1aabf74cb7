"""What a port really does, seen by dialling it.

dial      one TLS dial with a given identity and trust, answered with a value
line      the connection beneath it        greeting  the question that proves an acceptance
verdict   what the end of a dial means     plain     what speaks without TLS
probe     everything of one port           port      what was seen of it
offer     TLS versions                     suites    cipher suites
alien     a stranger who tries to get in   owner     whose port it is, by folders
rules     what is seen, judged by `pki.rules`
findings  what only a port can show
"""
