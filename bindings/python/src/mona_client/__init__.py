"""Drop-in for the package mona-client 0.2.1, with what 0.2.7 added, on libmona.

``from mona_client import client`` is where everything is; ``docs/languages/mona-client.md`` lists each
difference. Importing it starts no client and no thread.
"""

name = "mona_client"
