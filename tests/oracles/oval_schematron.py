"""Runs the asserts that stand inside OVAL's schemas (ISO schematron) over definitions documents.

`oscap oval validate` runs those of the core schema only. Usage: oval_schematron.py SCHEMAS FILE...
SCHEMAS is a folder such as /usr/share/openscap/schemas/oval/5.11.2. Needs lxml.
"""

import sys

from lxml import etree, isoschematron

SCH = "{http://purl.oclc.org/dsdl/schematron}"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
# The namespaces that Caveat writes; the schema brings along those of all other systems.
WANTED = ("oval", "ind", "win")


def asserts(folder: str) -> isoschematron.Schematron:
    schema = isoschematron.extract_xsd(etree.parse(f"{folder}/windows-definitions-schema.xsd"))
    kept = 0
    for pattern in list(schema.getroot().iter(f"{SCH}pattern")):
        if pattern.get("id", "oval").startswith(WANTED):
            kept += 1
        else:
            pattern.getparent().remove(pattern)
    if kept < 100:
        sys.exit(f"{folder} has {kept} patterns only")
    return isoschematron.Schematron(schema, store_report=True)


def main(folder: str, files: list[str]) -> int:
    if not files:
        sys.exit("no file was given")
    schema = asserts(folder)
    failures = 0
    for file in files:
        if schema.validate(etree.parse(file)):
            continue
        for failed in schema.validation_report.iter(f"{SVRL}failed-assert"):
            failures += 1
            print(f"{file}: {failed.findtext(f'{SVRL}text').strip()} ({failed.get('location')})")
    print(f"{len(files)} files, {failures} failed asserts")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
