#!/usr/bin/env python3
"""As much of systemctl as docs/operating.md asks for, for one unit in a scratch place: reads the unit that was installed
there, hands over its credentials, and starts, stops and reloads its program. $STAGE: the place, in which every folder of a
real machine has its like; what is said goes to $STAGE/journal."""
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

STAGE = os.environ["STAGE"]
FOLDERS = os.environ["STAGE_FOLDERS"].split(":")
UNIT = STAGE + "/etc/systemd/system/kycd.service"
PID = STAGE + "/pid"
LIMIT = 20


def staged(text):
    return re.sub("|".join(re.escape(folder) for folder in FOLDERS), lambda found: STAGE + found.group(), text)


def unit():
    values = {}
    for line in open(UNIT, encoding="utf-8"):
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            values.setdefault(name, []).append(staged(value))
    return values


def state(pid):
    try:
        return open(f"/proc/{pid}/stat", encoding="utf-8").read().rpartition(") ")[2][0]
    except FileNotFoundError:
        return "gone"


def running():
    try:
        pid = int(open(PID, encoding="utf-8").read())
    except FileNotFoundError:
        return None
    return None if state(pid) in ("gone", "Z") else pid


def start():
    values = unit()
    credentials = STAGE + "/credentials"
    os.makedirs(credentials, exist_ok=True)
    for line in values["LoadCredential"]:
        name, _, file = line.partition(":")
        shutil.copy(file, f"{credentials}/{name}")
    environment = {name: os.environ[name] for name in os.environ if re.match("PATH$|KYCD_|[A-Z]+SAN_OPTIONS$", name)}
    for line in values["Environment"]:
        name, _, value = line.partition("=")
        environment[name] = value.replace("%d", credentials)
    with open(STAGE + "/journal", "ab") as journal:
        child = subprocess.Popen(shlex.split(values["ExecStart"][0]), cwd=values["WorkingDirectory"][0], env=environment,
                                 stdin=subprocess.DEVNULL, stdout=journal, stderr=journal, start_new_session=True)
    with open(PID, "w", encoding="utf-8") as file:
        file.write(str(child.pid))


def stop():
    pid = running()
    if not pid:
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + LIMIT
    while running() and time.monotonic() < end:
        time.sleep(0.02)
    if running():
        os.kill(pid, signal.SIGKILL)
        sys.exit("the program did not stop")


def reload():
    pid = running()
    if not pid:
        sys.exit("the program does not run")
    subprocess.run(shlex.split(unit()["ExecReload"][0].replace("$MAINPID", str(pid))), check=True)


def main():
    words = [word for word in sys.argv[1:] if word != "--now"]
    if words == ["daemon-reload"]:
        return
    if len(words) != 2 or words[1] != "kycd":
        sys.exit(f"systemctl {' '.join(sys.argv[1:])}: not known here")
    deeds = {"enable": [start], "start": [start], "stop": [stop], "restart": [stop, start], "reload": [reload]}
    for deed in deeds[words[0]]:
        deed()


main()
