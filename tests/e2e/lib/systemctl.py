#!/usr/bin/env python3
"""A substitute for systemctl with the commands that docs/operating.md uses, for the unit kycd in a temporary folder: reads the
installed unit file, copies its credentials, and starts, stops and reloads its program. $STAGE: the temporary folder, which contains
the folders of a real machine ($STAGE_FOLDERS). The output of the program is appended to $STAGE/journal."""
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
PID_FILE = STAGE + "/pid"
STOP_LIMIT_S = 20


def in_stage(text):
    """Returns the text with the folders of a real machine replaced by those in $STAGE."""
    return re.sub("|".join(re.escape(folder) for folder in FOLDERS), lambda match: STAGE + match.group(), text)


def read_unit():
    values = {}
    for line in open(UNIT, encoding="utf-8"):
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            values.setdefault(name, []).append(in_stage(value))
    return values


def process_state(pid):
    try:
        return open(f"/proc/{pid}/stat", encoding="utf-8").read().rpartition(") ")[2][0]
    except FileNotFoundError:
        return "gone"


def running_pid():
    try:
        pid = int(open(PID_FILE, encoding="utf-8").read())
    except FileNotFoundError:
        return None
    return None if process_state(pid) in ("gone", "Z") else pid


def start():
    values = read_unit()
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
    with open(PID_FILE, "w", encoding="utf-8") as file:
        file.write(str(child.pid))


def stop():
    pid = running_pid()
    if not pid:
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_LIMIT_S
    while running_pid() and time.monotonic() < end:
        time.sleep(0.02)
    if running_pid():
        os.kill(pid, signal.SIGKILL)
        sys.exit("the program did not stop")


def reload():
    pid = running_pid()
    if not pid:
        sys.exit("the program is not running")
    subprocess.run(shlex.split(read_unit()["ExecReload"][0].replace("$MAINPID", str(pid))), check=True)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--now"]
    if arguments == ["daemon-reload"]:
        return
    if len(arguments) != 2 or arguments[1] != "kycd":
        sys.exit(f"systemctl {' '.join(sys.argv[1:])}: this substitute does not support it")
    actions = {"enable": [start], "start": [start], "stop": [stop], "restart": [stop, start], "reload": [reload]}
    for action in actions[arguments[0]]:
        action()


main()
