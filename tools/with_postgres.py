#!/usr/bin/env python3
"""Runs a command beside a PostgreSQL cluster of its own, which is gone afterwards: with_postgres.py COMMAND …
The command finds it by TEST_POSTGRES, the URL of a database in it. Where that is set already, somebody around us has
started one, and the command just runs.

The cluster lies in a temporary folder, listens on a Unix socket there and nowhere else, and never runs as root: as root
we start it as `postgres`, or else as `nobody`. It flushes to the disk as a real one does, unless TEST_POSTGRES_FSYNC is off:
what a killed process wrote the system still has, so only a test of power cuts could tell. Then it lies in memory, where
there is room: a new database is three hundred files, and each story has one. It ends when we end, however that happens."""
import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

USER = "kycd"
PATIENCE = 60
PR_SET_PDEATHSIG = 1
FSYNC = os.environ.get("TEST_POSTGRES_FSYNC", "on")
MEMORY = "/dev/shm"
MEMORY_ROOM = 2 << 30
SETTINGS = {
    "listen_addresses": "",
    "fsync": FSYNC,
    "synchronous_commit": "on",
    # Three files of stories at once, up to thirty programs each, each with up to 16.
    "max_connections": "1500",
    "logging_collector": "off",
    "log_min_messages": "warning",
    # bench/postgres.mjs looks there for what kycd asks.
    "track_activity_query_size": "4096",
    "timezone": "UTC",
}
IN_MEMORY = {"full_page_writes": "off", "max_wal_size": "512MB"}


def find(tool):
    """Debian keeps the server's tools off the PATH."""
    newest_first = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + tool), key=lambda p: -int(p.split("/")[4]))
    path = (newest_first or [shutil.which(tool)])[0]
    if not path:
        sys.exit(f"with_postgres: {tool} is not there; tools/setup.sh test installs it")
    return path


def unprivileged():
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            who = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
    sys.exit("with_postgres: as root, and there is neither a user postgres nor nobody")


def may_lie_in_memory():
    return FSYNC == "off" and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_ROOM


def end_with_us():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    def __init__(self):
        # Short: a socket's path has at most 107 bytes.
        in_memory = may_lie_in_memory()
        self.settings = {**SETTINGS, **(IN_MEMORY if in_memory else {})}
        self.folder = tempfile.mkdtemp(prefix="kycd-pg-", dir=MEMORY if in_memory else "/tmp")
        self.who = unprivileged()
        if self.who:
            os.chown(self.folder, self.who["user"], self.who["group"])
        self.data = self.folder + "/data"
        self.log = self.folder + "/log"
        self.server = None
        self.url = f"postgresql://{USER}@/postgres?host={self.folder}"

    def start(self):
        made = subprocess.run(
            [find("initdb"), "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", timeout=PATIENCE, check=False, **self.who)
        if made.returncode != 0:
            sys.exit("with_postgres: initdb: " + made.stdout.decode())
        command = [find("postgres"), "-D", self.data, "-k", self.folder]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log, "wb") as log:
            self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                           preexec_fn=end_with_us, **self.who)
        until = time.monotonic() + PATIENCE
        while subprocess.run([find("pg_isready"), "-q", "-d", self.url], check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > until:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    sys.exit("with_postgres: the server does not start: " + log.read())
            time.sleep(0.05)

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)


def run(command):
    child = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: child.send_signal(n))
    while True:
        try:
            code = child.wait()
            return 128 - code if code < 0 else code
        except KeyboardInterrupt:  # the child heard it too
            pass


def main():
    command = sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    if os.environ.get("TEST_POSTGRES"):
        os.execvp(command[0], command)
    cluster = Cluster()
    try:
        cluster.start()
        os.environ["TEST_POSTGRES"] = cluster.url
        return run(command)
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
