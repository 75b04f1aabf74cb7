"""The command line: each command parses, calls a lower layer, and prints.

A command lives in the module of its name and is imported only when it is called, so that starting one command
never pays for another.
"""
