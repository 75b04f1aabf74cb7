"""Which roles somebody has whom a realm knows, but not his roles: by rules over his name, DN and metadata.

rules   rules as values: read from JSON, and whether they hold for somebody
orders  what a request to make a mapping says    stored  one as it stands in the state    kept  all that there are
"""
