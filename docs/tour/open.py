"""Print the id of the first open item of a list on standard input, the last day first."""

import json
import sys

items = json.load(sys.stdin)["items"]
print(next(item["id"] for item in reversed(items) if item["state"] == "open"))
