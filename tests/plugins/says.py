"""A plug-in that says what its arguments are: fields for its `hello`, and the messages that answer `emit`.
A message with `each` is said for every bulletin, whose id stands for `{id}` in it, and one with `times` so many
times, with `{n}` for the number."""
import json
import os
import subprocess
import sys
import time

HELLO, SAY = json.loads(sys.argv[1]), json.loads(sys.argv[2])


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def do(message):
    """Messages of our own, which are no part of the protocol, are carried out."""
    if message["type"] == "exit":
        os._exit(message["code"])
    elif message["type"] == "complain":
        os.write(2, (message["before"] * message["often"] + message["text"]).encode())
    elif message["type"] == "start":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        with open("pids", "w") as file:
            file.write(str(os.getpgid(0)))
    elif message["type"] == "sleep":
        time.sleep(message["seconds"])
    elif message["type"] == "keep":
        with open("asked.json", "w") as file:
            json.dump(asked, file)
    elif message["type"] == "cannot" and "every" in message:
        for number in range(0, len(asked["claims"]), message.pop("every")):
            say({**message, "claim": number})
    else:
        say(message)


for line in sys.stdin:
    asked = json.loads(line)
    if asked["type"] == "hello":
        say({
            "type": "hello", "protocol": "caveat/plugin/v1", "ir": "caveat/ir/v1", "id": "says", "title": "Says",
            "summary": "says what it is told", "extensions": ["txt"],
            "support": {name: {"support": "exact"} for name in asked["features"]}, **HELLO,
        })
        continue
    bulletins = [bulletin["id"] for bulletin in asked["rules"]["bulletins"]]
    for message in SAY:
        each = bulletins if message.pop("each", False) else [""]
        for number in range(message.pop("times", 1)):
            for bulletin in each:
                do(json.loads(json.dumps(message).replace("{id}", bulletin).replace("{n}", str(number))))
