"""Converts Sigma rules by converters of pySigma.

Reads {"converters": [{"backend": ..., "pipelines": [...], "format": null or ...}], "rules": [text]} and writes, for each
converter and rule, {"refused": why} or {"query": ..., "fields": {NAME: [NAMES]}, "asks": whether it asks for a kind of
event}; the versions of the packages named in "packages"; and for each query of SQLite in "queries" the numbers of the rows
in "rows" that it finds.
"""

import importlib.metadata
import json
import re
import sqlite3
import sys
import warnings

from sigma.collection import SigmaCollection
from sigma.plugins import InstalledSigmaPlugins


# How targets ask for a kind of event where no pipeline adds a selection for it.
ASKS = re.compile(r"datamodel=|metadata\.event_type = \"[A-Z_]+\"\) AND")


def convert(plugins, converter, text):
    pipeline = plugins.get_pipeline_resolver().resolve(converter["pipelines"])
    backend = plugins.backends[converter["backend"]](processing_pipeline=pipeline)
    collection = SigmaCollection.from_yaml(text)
    rule = collection.rules[0]
    own = len(rule.detection.detections)
    named = [name for name in (rule.logsource.category, rule.logsource.service) if name]
    more = [converter["format"]] if converter["format"] else []
    try:
        queries = backend.convert(collection, *more)
    except Exception as error:
        return {"refused": re.sub(r"\s+", " ", str(error)) or type(error).__name__}
    query = "\n".join(str(one) for one in queries) if isinstance(queries, list) else str(queries)
    applied = backend.last_processing_pipeline
    asks = (
        len(rule.detection.detections) > own
        or "query_table" in applied.state
        or ASKS.search(query) is not None
        or any(re.search(rf"\b{name}\b", query) for name in named)
    )
    fields = {name: sorted(str(one) for one in to) for name, to in applied.field_mappings.items() if name}
    return {"query": query, "fields": fields, "asks": asks}


def find(queries, rows):
    fields = sorted({field for row in rows for field in row})
    connection = sqlite3.connect(":memory:")
    connection.create_function("REGEXP", 2, lambda pattern, text: text is not None and re.search(pattern, text) is not None)
    # Sigma compares without regard to case, SQLite's "=" only where it is told to; numbers are numbers.
    columns = [f"`{field}` {'INTEGER' if field == 'EventID' else 'TEXT COLLATE NOCASE'}" for field in fields]
    connection.execute(f"CREATE TABLE logs ({', '.join(['row INTEGER', *columns])})")
    marks = ", ".join("?" * (len(fields) + 1))
    connection.executemany(
        f"INSERT INTO logs VALUES ({marks})",
        ([number, *(row.get(field) for field in fields)] for number, row in enumerate(rows)),
    )
    named = (query.replace("<TABLE_NAME>", "logs").replace("SELECT *", "SELECT row", 1) for query in queries)
    return [[row for (row,) in connection.execute(query)] for query in named]


def main():
    warnings.filterwarnings("ignore")
    given = json.load(sys.stdin)
    plugins = InstalledSigmaPlugins.autodiscover()
    converted = [[convert(plugins, one, text) for text in given["rules"]] for one in given["converters"]]
    versions = {name: importlib.metadata.version(name) for name in given["packages"]}
    found = find(given["queries"], given["rows"])
    json.dump({"converted": converted, "versions": versions, "found": found}, sys.stdout)


main()
