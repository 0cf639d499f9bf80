"""What a measurement says about the machine and the tree that it ran on."""
import os
import platform
import subprocess
from pathlib import Path


def first_value(path, name):
    """The value of the first line `name: value` of a file of /proc."""
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def machine_line():
    return (f"{first_value('/proc/cpuinfo', 'model name')}, {os.cpu_count()} cores, memory "
            f"{first_value('/proc/meminfo', 'MemTotal')}, Linux {platform.release()}")


def commit_of(tree):
    """The commit of the tree; "+" behind it: files differ from it."""
    def git(*words):
        return subprocess.run(["git", "-C", tree, *words], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def disk_free(folder):
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def memory_available():
    return int(first_value("/proc/meminfo", "MemAvailable").split()[0]) * 1024


def two_cores():
    """For the generator and for what is measured; the same one twice where there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return str(cores[0]), str(cores[-1])
