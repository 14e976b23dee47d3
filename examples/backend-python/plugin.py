#!/usr/bin/env python3
"""A target for Caveat in Python: a page of Markdown for each bulletin. It needs nothing but Python 3.8.

The host speaks first, one JSON object a line; see docs/plugin-protocol.md.
"""
import json
import sys

PROTOCOL, IR = "caveat/plugin/v1", "caveat/ir/v1"
UNSEEN = {"unknowable": "nobody can tell"}


def hello(host):
    """What this plug-in is. A reader of the page can look up everything but what nobody can tell."""
    no = {name: {"support": "no", "why": why} for name, why in UNSEEN.items()}
    return {
        "type": "hello", "protocol": PROTOCOL, "ir": IR,
        "id": "python-example", "title": "Markdown report", "extensions": ["md"],
        "summary": "a page for each bulletin that says in words when a host is vulnerable",
        "options": [{"name": "details", "default": "yes", "values": ["yes", "no"],
                     "help": "whether the page says when a host is vulnerable"}],
        "support": {name: no.get(name, {"support": "exact"}) for name in host["features"]},
    }


def escaped(text):
    """Text that Markdown takes as text: rules are not to be trusted."""
    line = " ".join(text.split())
    return "".join(f"&#{ord(c)};" if c in "\\`*_[]<>#|&~\u202a\u202b\u202c\u202d\u202e" else c for c in line)


def page(bulletin, claims, details):
    titles = bulletin["titles"]
    lines = [f"# {escaped(bulletin['id'])}: {escaped(titles[0]['text'] if titles else '')}", ""]
    for claim in claims:
        what = f"vulnerable to {claim['vulnerability']}" if claim["kind"] == "vulnerable" else "not up to date"
        lines += [f"## Package {escaped(claim['package'])}: {what}", ""]
        if details == "yes":
            lines += [f"When {escaped(claim['words'])}.", ""]
        if claim["severity"]:
            lines += [f"Severity: {escaped(claim['severity'])}.", ""]
        for loss in claim["losses"]:
            word = "seen in part" if loss["kept"] else "not looked at"
            lines.append(f"- {word}: {escaped(loss['words'])} ({escaped(loss['why'])})")
        lines += [""] if claim["losses"] else []
    return "\n".join(lines)


def emit(order):
    for bulletin in order["rules"]["bulletins"]:
        claims = [claim for claim in order["claims"] if claim["bulletin"] == bulletin["id"]]
        yield {
            "type": "artifact",
            "path": f"python-example/{bulletin['id'].lower()}.md",
            "text": page(bulletin, claims, order["options"]["details"]),
            "bulletins": [bulletin["id"]],
        }
    yield {"type": "done"}


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    for line in sys.stdin:
        message = json.loads(line)
        answers = [hello(message)] if message["type"] == "hello" else emit(message)
        for answer in answers:
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
