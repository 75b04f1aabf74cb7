"""HTTP: routes named as in Elasticsearch's API, JSON in and out. Decisions are made elsewhere.

view        what the routes need of the node          meter        what the node measures of itself
routes      the table of all routes                   routing      what a route is
app         one pipeline for every request            server       listeners, bounds, graceful end
connection  one HTTP connection                       handshakes   failed TLS handshakes, for the log
admin       the Unix socket for this machine's administrator, on `unix_socket`
parameters, media, filter_path, answers, errors, units, wildcards   the parts of the pipeline (pure)
cat         `_cat` APIs: columns declared once, one renderer
info, health, nodes (with node_filter), certificates                the other APIs
"""
