#!/usr/bin/env python3
"""Runs a command with a temporary PostgreSQL cluster and deletes the cluster afterwards. Usage: with_postgres.py COMMAND...
The environment variable TEST_POSTGRES contains the URL of a database in the cluster. If it is already set, the command runs
without a new cluster.

The cluster is in a temporary folder, listens only on a Unix socket there and never runs as root: started by root, it runs as
the user postgres or nobody. It flushes to the disk as in production, unless TEST_POSTGRES_FSYNC=off: the kernel keeps what a
killed process wrote, so tests that kill processes need no flush. Without flushes the cluster is in memory (/dev/shm) if there
is enough space, because each end-to-end test creates databases of 300 files. The cluster also stops if this script is killed."""
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
TIMEOUT_SECONDS = 60
PR_SET_PDEATHSIG = 1
FSYNC = os.environ.get("TEST_POSTGRES_FSYNC", "on")
MEMORY_FOLDER = "/dev/shm"
MEMORY_BYTES_NEEDED = 2 << 30
SETTINGS = {
    "listen_addresses": "",
    "fsync": FSYNC,
    "synchronous_commit": "on",
    # Three files of end-to-end tests run at once, each with up to thirty kycd processes of up to 16 connections.
    "max_connections": "1500",
    "logging_collector": "off",
    "log_min_messages": "warning",
    # bench/postgres.mjs reads kycd's statements from pg_stat_activity and needs them complete.
    "track_activity_query_size": "4096",
    "timezone": "UTC",
}
IN_MEMORY_SETTINGS = {"full_page_writes": "off", "max_wal_size": "512MB"}


def find_tool(tool):
    """Finds a tool of the PostgreSQL server, which Debian does not install on PATH."""
    newest_first = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + tool), key=lambda p: -int(p.split("/")[4]))
    path = (newest_first or [shutil.which(tool)])[0]
    if not path:
        sys.exit(f"with_postgres: {tool} is not installed: run tools/setup.sh test")
    return path


def unprivileged_user():
    """Returns the arguments with which subprocess runs a command as another user, if this script runs as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    sys.exit("with_postgres: PostgreSQL cannot run as root and the users postgres and nobody do not exist: create one of them")


def can_use_memory():
    return (FSYNC == "off" and os.access(MEMORY_FOLDER, os.W_OK)
            and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES_NEEDED)


def stop_with_parent():
    """Makes the kernel send SIGQUIT to the server when this script ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    def __init__(self):
        # The folder's name is short because the path of a Unix socket has at most 107 bytes.
        in_memory = can_use_memory()
        self.settings = {**SETTINGS, **(IN_MEMORY_SETTINGS if in_memory else {})}
        self.folder = tempfile.mkdtemp(prefix="kycd-pg-", dir=MEMORY_FOLDER if in_memory else "/tmp")
        self.run_as = unprivileged_user()
        if self.run_as:
            os.chown(self.folder, self.run_as["user"], self.run_as["group"])
        self.data = self.folder + "/data"
        self.log = self.folder + "/log"
        self.server = None
        self.url = f"postgresql://{USER}@/postgres?host={self.folder}"

    def start(self):
        initdb = subprocess.run(
            [find_tool("initdb"), "-D", self.data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", timeout=TIMEOUT_SECONDS, check=False, **self.run_as)
        if initdb.returncode != 0:
            sys.exit("with_postgres: initdb failed: " + initdb.stdout.decode())
        command = [find_tool("postgres"), "-D", self.data, "-k", self.folder]
        for name, value in self.settings.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log, "wb") as log:
            self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                           preexec_fn=stop_with_parent, **self.run_as)
        until = time.monotonic() + TIMEOUT_SECONDS
        while subprocess.run([find_tool("pg_isready"), "-q", "-d", self.url], check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > until:
                with open(self.log, encoding="utf-8", errors="replace") as log:
                    sys.exit("with_postgres: the server did not start: " + log.read())
            time.sleep(0.05)

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait(TIMEOUT_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def run(command):
    child = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: child.send_signal(n))
    while True:
        try:
            code = child.wait()
            return 128 - code if code < 0 else code
        except KeyboardInterrupt:  # the terminal sent SIGINT to the child, too
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
