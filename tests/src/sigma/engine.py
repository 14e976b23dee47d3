"""Runs Sigma rules on rows of events: pySigma turns each rule into a query of SQLite.

Reads {"rules": [text], "rows": [{"source": ..., FIELD: VALUE}]} and writes, for each rule, what PyYAML reads
in it and the numbers of the rows in which it fires, or why it cannot be read.
"""

import json
import re
import sqlite3
import sys

import yaml
from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection


def table(rows):
    fields = sorted({field for row in rows for field in row} | {"source"})
    connection = sqlite3.connect(":memory:")
    connection.create_function(
        "REGEXP", 2, lambda pattern, text: text is not None and re.search(pattern, str(text)) is not None
    )
    # Sigma compares without regard to case, SQLite's "=" only where it is told to.
    columns = ", ".join(f"`{field}` COLLATE NOCASE" for field in fields)
    connection.execute(f"CREATE TABLE logs (row INTEGER, {columns})")
    marks = ", ".join("?" * (len(fields) + 1))
    values = ([number, *(row.get(field) for field in fields)] for number, row in enumerate(rows))
    connection.executemany(f"INSERT INTO logs VALUES ({marks})", values)
    return connection, fields


def fired(connection, fields, text):
    collection = SigmaCollection.from_yaml(text)
    rule = collection.rules[0]
    source = rule.logsource.category or rule.logsource.service
    for query in sqliteBackend().convert(collection):
        query = query.replace("<TABLE_NAME>", "logs").replace("SELECT *", "SELECT row, source", 1)
        # A field that no event has is a column that is not there.
        for _ in range(30):
            try:
                return [row for row, of in connection.execute(query) if of == source]
            except sqlite3.OperationalError as error:
                missing = re.fullmatch(r"no such column: (\w+)", str(error))
                if not missing:
                    raise
                connection.execute(f"ALTER TABLE logs ADD COLUMN `{missing[1]}` COLLATE NOCASE")


def main():
    given = json.load(sys.stdin)
    connection, fields = table(given["rows"])
    results = []
    for text in given["rules"]:
        try:
            results.append({"read": yaml.safe_load(text), "fired": fired(connection, fields, text)})
        except Exception as error:
            results.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(results, sys.stdout, default=str)


main()
