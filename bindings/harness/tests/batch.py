"""The example ``batch``, as all languages have it."""

import sys

import mona

events = [{"arc_class": "ranker", "message": {"position": number}} for number in range(100)]
accepted = mona.export_batch(events)
print(f"{accepted} of 100 accepted", file=sys.stderr)
mona.close(5)
