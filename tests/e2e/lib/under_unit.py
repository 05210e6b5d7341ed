#!/usr/bin/env python3
"""Runs a program under what a systemd unit asks of the kernel for one process, without a systemd that runs: the filters of
system calls, of address families and of memory that is both written and run, the limits of files and cores, the umask, no
new privileges. $1: the unit; then the program and its arguments. What the unit does not allow ends the program with SIGSYS,
so that it is seen. What needs root (folders, users, devices) is not done here."""
import ctypes
import errno
import os
import re
import resource
import subprocess
import sys

KILL, ALLOW = 0x80000000, 0x7FFF0000
EQ, NE, MASKED = 4, 1, 7
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
WRITE_AND_RUN = 2 | 4

lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
libc = ctypes.CDLL(None, use_errno=True)


class Argument(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


lib.seccomp_init.restype = ctypes.c_void_p
lib.seccomp_init.argtypes = [ctypes.c_uint32]
lib.seccomp_load.argtypes = [ctypes.c_void_p]
lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Argument)]
lib.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]


def refuse(number):
    return 0x00050000 | number


def settings(path):
    """Every line of [Service], in their order."""
    section, lines = None, []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            lines.append(tuple(line.split("=", 1)))
    return lines


def members(group):
    """The names of system calls in a group, and in the groups in it."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], capture_output=True, text=True, check=True)
    for word in re.findall(r"^    ([^#\s]+)", said.stdout, re.M):
        yield from members(word) if word.startswith("@") else [word]


def allowed(values):
    names = set()
    for value in values:
        words = {name for word in value.lstrip("~").split() for name in (members(word) if word.startswith("@") else [word])}
        names = names - words if value.startswith("~") else names | words
    if not names:
        sys.exit("the unit has no SystemCallFilter")
    return names


def rule(context, action, name, *arguments):
    """A system call of other machines only is passed over."""
    number = lib.seccomp_syscall_resolve_name(name.encode())
    if number < 0:
        return
    failed = lib.seccomp_rule_add_array(context, action, number, len(arguments), (Argument * len(arguments))(*arguments))
    # EACCES: the rule says what the filter does anyway.
    if failed not in (0, -errno.EACCES):
        sys.exit(f"libseccomp: {name}: {os.strerror(-failed)}")


def load(action, rules):
    context = lib.seccomp_init(action)
    rules(context)
    failed = lib.seccomp_load(context)
    if failed:
        sys.exit(f"libseccomp: {os.strerror(-failed)}")


def families(context, names):
    wanted = sorted(FAMILIES[name] for name in names)
    for family in range(64):
        if family not in wanted:
            rule(context, refuse(errno.EAFNOSUPPORT), "socket", Argument(0, EQ, family, 0))


def memory(context):
    rule(context, refuse(errno.EPERM), "mmap", Argument(2, MASKED, WRITE_AND_RUN, WRITE_AND_RUN))
    for name in ("mprotect", "pkey_mprotect"):
        rule(context, refuse(errno.EPERM), name, Argument(2, MASKED, 4, 4))


def main():
    unit = settings(sys.argv[1])
    values = {}
    for name, value in unit:
        values.setdefault(name, []).append(value)

    os.umask(int(values["UMask"][0], 8))
    files = int(values["LimitNOFILE"][0])
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = files if most == resource.RLIM_INFINITY else min(files, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    names = allowed(values["SystemCallFilter"])
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        sys.exit("no new privileges: refused")
    if values.get("MemoryDenyWriteExecute") == ["yes"]:
        load(ALLOW, memory)
    if "RestrictAddressFamilies" in values:
        load(ALLOW, lambda context: families(context, values["RestrictAddressFamilies"][0].split()))
    # Run by root, SQLite gives its files to the database's owner, which the service's own user does not try.
    refused = [] if os.geteuid() != 0 else sorted(set(members("@chown")) - names)

    def calls(context):
        for name in sorted(names):
            rule(context, ALLOW, name)
        for name in refused:
            rule(context, refuse(errno.EPERM), name)

    load(KILL, calls)
    os.execv(sys.argv[2], sys.argv[2:])


main()
