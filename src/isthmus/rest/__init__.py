"""HTTP: routes named as in Elasticsearch's API, JSON in and out. Decisions are made elsewhere.

view       what the routes need of the node           routes     the table of all routes
app        one pipeline for every request             server     listeners, bounds, graceful end
admin      the Unix socket for this machine's administrator
parameters, media, filter_path, answers, errors       the parts of the pipeline (pure)
cat        `_cat` APIs: columns declared once, one renderer
info, health, nodes, certificates                     the APIs
"""
