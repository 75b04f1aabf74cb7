"""Privileges of applications, which keep them here: what each grants is told by the actions that it names.

stored  one as it stands in the state    orders   what a request to make some says
kept    the ones that there are
"""
