"""Runs a search over several targets and reduces their answers. A target is a set of indices at one place: this node,
another node, another cluster; what it is and where it lives is not known here.
"""
