"""A plug-in that breaks the protocol in the way that its first argument names."""
import json
import os
import signal
import subprocess
import sys
import time

MODE = sys.argv[1]
HELLO = {
    "type": "hello", "protocol": "caveat/plugin/v1", "ir": "caveat/ir/v1", "id": "hostile", "title": "Hostile",
    "summary": "breaks things", "extensions": ["txt"],
}
EXACT = {"support": "exact"}


def say(message):
    sys.stdout.write((message if isinstance(message, str) else json.dumps(message)) + "\n")
    sys.stdout.flush()


def raw(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def artifact(**changes):
    bulletins = [bulletin["id"] for bulletin in emit["rules"]["bulletins"]]
    return {"type": "artifact", "path": "hostile/a.txt", "text": "text\n", "bulletins": bulletins, **changes}


def hello(**changes):
    features = json.loads(sys.stdin.readline())["features"]
    say({**HELLO, "support": {name: EXACT for name in features}, **changes})


def flood():
    while True:
        raw(b'{"type":"diagnostic","severity":"warning","message":"more"}\n')


def line():
    chunk = b"x" * (1 << 20)
    for _ in range(1024):
        raw(chunk)


def symlink():
    os.makedirs("out", exist_ok=True)
    os.symlink(os.path.abspath("elsewhere"), "out/hostile")
    say(artifact())
    say({"type": "done"})


def offspring():
    """A child that outlives its parent and holds the pipes open."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)  # caveat-offspring"])
    sys.exit(7)


def memory():
    hog = []
    while True:
        hog.append(bytearray(1 << 28))


def artifacts(*changes):
    for change in changes:
        say(artifact(**change))
    say({"type": "done"})


BEFORE = {
    "exits-at-once": lambda: sys.exit(0),
    "silent-from-the-start": lambda: time.sleep(600),
    "marked-hello": lambda: raw(b'\xef\xbb\xbf{"type":"hello"}\n'),
    "garbage-hello": lambda: say("Welcome to plug-in 1.0!"),
    "wrong-id": lambda: hello(id="other"),
    "wrong-protocol": lambda: hello(protocol="caveat/plugin/v2"),
    "wrong-ir": lambda: hello(ir="caveat/ir/v0"),
    "errs-in-no-direction": lambda: hello(support={"hotfix": {"support": "approximate", "direction": "exact", "why": "x"}}),
    "huge-hello": lambda: hello(summary="x" * 1_000_000),
}
AFTER = {
    "crashes": lambda: 1 / 0,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exits-before-done": lambda: (say(artifact()), sys.exit(0)),
    "closes-stdout": lambda: (os.close(1), time.sleep(600)),
    "silent": lambda: time.sleep(600),
    "ignores-sigterm": lambda: (signal.signal(signal.SIGTERM, signal.SIG_IGN), time.sleep(600)),
    "closes-stdin": lambda: (os.close(0), time.sleep(600)),
    "offspring": offspring,
    "flood": flood,
    "flood-of-stderr": lambda: [sys.stderr.write("x" * 4096) for _ in iter(int, 1)],
    "line": line,
    "memory": memory,
    "byte-order-mark": lambda: raw(b'\xef\xbb\xbf{"type":"done"}\n'),
    "invalid-utf-8": lambda: raw(b'{"type":"done\xff"}\n'),
    "garbage": lambda: say('{"type": "artifact", "path": '),
    "unknown-message": lambda: say({"type": "run", "command": "id"}),
    "deep-json": lambda: say("[" * 100_000),
    "two-hellos": lambda: say({**HELLO, "support": {}}),
    "path-above": lambda: artifacts({"path": "hostile/../../x"}),
    "path-absolute": lambda: artifacts({"path": "/tmp/x"}),
    "path-of-another": lambda: artifacts({"path": "rust/mod.rs"}),
    "path-backslash": lambda: artifacts({"path": "hostile/..\\x"}),
    "path-device": lambda: artifacts({"path": "hostile/aux.txt"}),
    "path-hidden": lambda: artifacts({"path": "hostile/.git"}),
    "path-case": lambda: artifacts({}, {"path": "hostile/A.TXT"}),
    "path-folder-case": lambda: artifacts({"path": "hostile/A/b.txt"}, {"path": "hostile/a/c.txt"}),
    "path-file-and-folder": lambda: artifacts({}, {"path": "hostile/a.txt/b.txt"}),
    "duplicate": lambda: artifacts({}, {}),
    "symlink": symlink,
    "unknown-bulletin": lambda: artifacts({"bulletins": ["MS99-999"]}),
    "left-out-and-made": lambda: artifacts({"fidelity": "left-out"}),
    "lies": lambda: artifacts({"fidelity": "exact"}),
    "reports-a-defect": lambda: say({"type": "failed", "message": "out of luck \u001b[31m"}),
    "reports-an-error": lambda: (
        say({"type": "diagnostic", "severity": "error", "message": "bad rule", "help": "mend it"}), artifacts({})),
    "writes-to-stderr": lambda: (print("Deprecation\u001b[2Jwarning", file=sys.stderr), artifacts({})),
    "ends-badly": lambda: (artifacts({}), sys.exit(5)),
    "killed-after-done": lambda: (artifacts({}), os.kill(os.getpid(), signal.SIGKILL)),
    "talks-on": lambda: (artifacts({}), say(artifact(path="hostile/b.txt"))),
    "repeats-done": lambda: (artifacts({}), say({"type": "done"})),
    "mutters-on": lambda: (artifacts({}), raw(b"bye")),
    "lingers": lambda: (artifacts({}), time.sleep(600)),
    "good": lambda: artifacts({}),
}

if MODE in BEFORE:
    BEFORE[MODE]()
    time.sleep(600)
unseen = {"service-start": {"support": "no", "why": "for the sake of it"}}
features = json.loads(sys.stdin.readline())["features"]
say({**HELLO, "support": {name: EXACT for name in features} | (unseen if MODE == "lies" else {})})
if MODE == "closes-stdin":
    AFTER[MODE]()
emit = json.loads(sys.stdin.readline())
AFTER[MODE]()
