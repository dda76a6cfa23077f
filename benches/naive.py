"""What a plain script does with the same pages: json.loads and counting in a dict.

No ledger, no durability, no restart: every run of it counts everything again. For each path on
standard input it answers with the seconds that page took, less those in which other programs had
the processor.
"""

import json
import sys
import time
from collections import Counter

counts = Counter()
wait_ms = Counter()


def now():
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            queued = int(file.read().split()[1]) / 1e9
    except OSError:
        queued = 0.0
    return time.perf_counter() - queued


def take(body):
    for item in json.loads(body)["items"]:
        labels = (item.get("medium"), item.get("direction"), item.get("serviceName"))
        if item.get("status") == "Completed":
            counts[("ended", *labels, item.get("outcome"))] += 1
        for channel in item.get("channels") or ():
            for event in channel.get("events") or ():
                if event["type"] == "Queue":
                    properties = event["properties"]
                    for queue in properties.get("virtualQueues", ("none",)):
                        key = (*labels, queue, properties.get("result"))
                        counts[("queue", *key)] += 1
                        wait_ms[key] += event["duration"] or 0


for line in sys.stdin:
    with open(line.strip(), "rb") as file:
        body = file.read()
    began = now()
    take(body)
    print(now() - began, flush=True)
