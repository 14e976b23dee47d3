"""Scans files with YARA-X. Standard input: {rules, filename, files}; standard output: {warnings, matches}."""
import json
import sys

import yara_x

request = json.load(sys.stdin)
compiler = yara_x.Compiler()
if request["filename"] is not None:
    compiler.define_global("filename", request["filename"])
compiler.add_source(request["rules"])
warnings = [str(warning) for warning in compiler.warnings()]
rules = compiler.build()


def text(value):
    """Strings with escapes are bytes to YARA-X."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


matches = []
for file in request["files"]:
    with open(file, "rb") as opened:
        found = yara_x.Scanner(rules).scan(opened.read()).matching_rules
    for rule in found:
        meta = [[name, text(value)] for name, value in rule.metadata]
        matches.append({"file": file, "rule": rule.identifier, "tags": list(rule.tags), "meta": meta})
json.dump({"warnings": warnings, "matches": matches}, sys.stdout)
