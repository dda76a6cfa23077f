"""Reads OpenMetrics text from standard input and writes its families as JSON to standard output.

The reference parser reads it: it refuses what the specification forbids, where Prometheus takes
almost anything.
"""

import json
import math
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def number(value):
    """A number as JSON has it, or the word for one that JSON does not have."""
    if value is None:
        return None
    value = float(value)
    return value if math.isfinite(value) else str(value)


def exemplar(of):
    return of and {
        "labels": of.labels,
        "value": number(of.value),
        "timestamp": number(of.timestamp),
    }


def family(metric):
    return {
        "name": metric.name,
        "type": metric.type,
        "unit": metric.unit,
        "documentation": metric.documentation,
        "samples": [
            {
                "name": sample.name,
                "labels": sample.labels,
                "value": number(sample.value),
                "timestamp": number(sample.timestamp),
                "exemplar": exemplar(sample.exemplar),
            }
            for sample in metric.samples
        ],
    }


def main():
    # Bytes, because reading text would turn the line ends that the format forbids into right ones.
    text = sys.stdin.buffer.read().decode("utf-8")
    families = [family(metric) for metric in text_string_to_metric_families(text)]
    json.dump(families, sys.stdout, allow_nan=False)


try:
    main()
except ValueError as error:
    # With its kind, because some of the parser's errors have no words.
    sys.exit(f"not OpenMetrics: {error!r}")
