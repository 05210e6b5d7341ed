#!/usr/bin/env python3
"""Runs a program with the restrictions of a systemd unit that apply to one process, without systemd: the filters of system calls,
of address families and of memory that is both writable and executable, the limits of open files and core dumps, the umask, and no
new privileges. Arguments: the unit file, the program, and its arguments. A system call that the unit does not allow kills the program
with SIGSYS, so that the test sees it. Restrictions that need root (folders, users, devices) are not applied."""
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
WRITE_AND_EXECUTE = 2 | 4

lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
libc = ctypes.CDLL(None, use_errno=True)


class Argument(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


lib.seccomp_init.restype = ctypes.c_void_p
lib.seccomp_init.argtypes = [ctypes.c_uint32]
lib.seccomp_load.argtypes = [ctypes.c_void_p]
lib.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Argument)]
lib.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]


def errno_action(number):
    """The filter action (SCMP_ACT_ERRNO) that makes a system call fail with this errno."""
    return 0x00050000 | number


def service_lines(path):
    """Returns the lines of the section [Service] in their order, as (name, value)."""
    section, lines = None, []
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and not line.startswith("#"):
            lines.append(tuple(line.split("=", 1)))
    return lines


def group_members(group):
    """Yields the names of the system calls in a group of systemd, including the groups that it contains."""
    output = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", group], capture_output=True, text=True, check=True)
    for word in re.findall(r"^    ([^#\s]+)", output.stdout, re.M):
        yield from group_members(word) if word.startswith("@") else [word]


def allowed_calls(values):
    """Returns the names that the lines SystemCallFilter= allow; a line that starts with ~ removes names."""
    names = set()
    for value in values:
        words = {name for word in value.lstrip("~").split() for name in (group_members(word) if word.startswith("@") else [word])}
        names = names - words if value.startswith("~") else names | words
    if not names:
        sys.exit("the unit has no SystemCallFilter")
    return names


def add_rule(context, action, name, *arguments):
    """Adds a rule to a filter. Ignores a system call that does not exist on this architecture."""
    number = lib.seccomp_syscall_resolve_name(name.encode())
    if number < 0:
        return
    failed = lib.seccomp_rule_add_array(context, action, number, len(arguments), (Argument * len(arguments))(*arguments))
    # libseccomp returns EACCES if the rule has the filter's default action. Such a rule is not needed.
    if failed not in (0, -errno.EACCES):
        sys.exit(f"libseccomp: {name}: {os.strerror(-failed)}")


def load_filter(action, add_rules):
    """Loads a filter with a default action and the rules that add_rules(context) adds."""
    context = lib.seccomp_init(action)
    add_rules(context)
    failed = lib.seccomp_load(context)
    if failed:
        sys.exit(f"libseccomp: {os.strerror(-failed)}")


def restrict_families(context, names):
    allowed = sorted(FAMILIES[name] for name in names)
    for family in range(64):
        if family not in allowed:
            add_rule(context, errno_action(errno.EAFNOSUPPORT), "socket", Argument(0, EQ, family, 0))


def restrict_memory(context):
    add_rule(context, errno_action(errno.EPERM), "mmap", Argument(2, MASKED, WRITE_AND_EXECUTE, WRITE_AND_EXECUTE))
    for name in ("mprotect", "pkey_mprotect"):
        add_rule(context, errno_action(errno.EPERM), name, Argument(2, MASKED, 4, 4))


def main():
    unit = service_lines(sys.argv[1])
    values = {}
    for name, value in unit:
        values.setdefault(name, []).append(value)

    os.umask(int(values["UMask"][0], 8))
    files = int(values["LimitNOFILE"][0])
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    files = files if hard_limit == resource.RLIM_INFINITY else min(files, hard_limit)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    names = allowed_calls(values["SystemCallFilter"])
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS
        sys.exit("prctl(PR_SET_NO_NEW_PRIVS) failed")
    if values.get("MemoryDenyWriteExecute") == ["yes"]:
        load_filter(ALLOW, restrict_memory)
    if "RestrictAddressFamilies" in values:
        load_filter(ALLOW, lambda context: restrict_families(context, values["RestrictAddressFamilies"][0].split()))
    # As root, SQLite also calls chown() for its files. The service's user does not do this, so the unit does not allow it.
    # Make these calls fail instead of killing the program.
    refused = [] if os.geteuid() != 0 else sorted(set(group_members("@chown")) - names)

    def restrict_calls(context):
        for name in sorted(names):
            add_rule(context, ALLOW, name)
        for name in refused:
            add_rule(context, errno_action(errno.EPERM), name)

    load_filter(KILL, restrict_calls)
    os.execv(sys.argv[2], sys.argv[2:])


main()
