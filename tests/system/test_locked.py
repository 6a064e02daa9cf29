# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the payload's root cannot undo, make or write. Every try would be harmless if it succeeded: values are
written as they are, files are only opened, mounts are the machine's own."""

import os
import stat

import pytest

from beds import inside

BASE = 0x10000 * 4712
NEWNS, NEWUSER, PRIVATE, RECURSIVE = 0x00020000, 0x10000000, 1 << 18, 16384


def _disk() -> int:
    """The number of the disk that this machine lives on, or of one that it has not."""
    st = os.stat("/")
    return st.st_dev if os.major(st.st_dev) else os.makedev(8, 0)


# "zero" has nothing to guard, but whoever may open it may open a disk.
NODES = {
    "disk": (stat.S_IFBLK, _disk()),
    "memory": (stat.S_IFCHR, os.makedev(1, 1)),
    "kmsg": (stat.S_IFCHR, os.makedev(1, 11)),
    "zero": (stat.S_IFCHR, os.makedev(1, 5)),
}
READ_ONLY = ["/run/host", "/run/host/os-release", "/run/host/incoming"]
LOCKED = ["/dev", "/dev/shm", "/run", "/run/host/unix-export", *READ_ONLY]


@pytest.fixture(scope="module")
def machine(module_bare):
    """A Debian machine with all defaults, and a disk's node in its tree."""
    tree = module_bare.tree("bookworm")
    for name, (kind, device) in NODES.items():
        os.mknod(tree / name, kind | 0o666, device)
    with module_bare.boot(tree, f"--private-users={BASE}") as booted:
        assert booted.system_state() == "running", booted.inside("systemctl", "--failed").stdout
        yield booted


@pytest.mark.parametrize("point", READ_ONLY)
def test_a_read_only_mount_cannot_be_made_writable(machine, point):
    flags = inside.MS_REMOUNT | inside.MS_BIND | inside.MS_NOSUID | inside.MS_NODEV | inside.MS_NOEXEC
    assert machine.call(inside.refusal, inside.mount, "none", point, None, flags) == "EPERM"
    assert machine.call(inside.refusal, os.mkdir, f"{point}/x") in ("EROFS", "EACCES", "ENOTDIR")


@pytest.mark.parametrize("point", ["/dev/shm", "/run", "/run/host", "/run/host/unix-export"])
def test_attributes_of_a_mount_cannot_be_dropped(machine, point):
    flags = inside.MS_REMOUNT | inside.MS_BIND
    assert machine.call(inside.refusal, inside.mount, "none", point, None, flags) == "EPERM"


@pytest.mark.parametrize("point", LOCKED)
def test_a_mount_of_the_managers_cannot_be_unmounted(machine, point):
    assert machine.call(inside.refusal, inside.umount, point) == "EINVAL"


def _in_new_namespace(flags, point):
    def try_it():
        inside.unshare(flags)
        inside.mount("none", "/", None, PRIVATE | RECURSIVE)
        return inside.refusal(inside.umount, point)

    return try_it


@pytest.mark.parametrize("flags", [NEWNS, NEWNS | NEWUSER], ids=["mount", "user-and-mount"])
@pytest.mark.parametrize("point", LOCKED)
def test_nor_in_a_namespace_of_its_own(machine, point, flags):
    assert machine.call(_in_new_namespace(flags, point)) == "EINVAL"


@pytest.mark.parametrize("point", ["/dev", "/run", "/run/host"])
def test_a_bind_does_not_show_what_is_below_a_mount(machine, point):
    parent = os.path.dirname(point)
    assert machine.call(inside.refusal, inside.mount, parent, "/mnt", None, inside.MS_BIND) == "EINVAL"


@pytest.mark.parametrize("folder", ["/", "/dev", "/tmp"])
@pytest.mark.parametrize("name", sorted(NODES))
def test_a_device_node_cannot_be_made(machine, name, folder):
    kind, device = NODES[name]
    path = f"{folder.rstrip('/')}/made-{name}"
    assert machine.call(inside.refusal, os.mknod, path, kind | 0o600, device) == "EPERM"


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_device_node_that_came_with_the_tree_cannot_be_opened(machine, name):
    assert machine.call(inside.refusal, os.open, f"/{name}", os.O_RDONLY | os.O_NONBLOCK) == "EACCES"


KNOBS = """
sys/kernel/core_pattern sys/kernel/core_pipe_limit sys/kernel/core_uses_pid sys/kernel/modprobe
sys/kernel/modules_disabled sys/kernel/sysrq sysrq-trigger sys/kernel/panic sys/kernel/panic_on_oops
sys/kernel/randomize_va_space sys/kernel/kptr_restrict sys/kernel/dmesg_restrict sys/kernel/printk
sys/kernel/perf_event_paranoid sys/kernel/unprivileged_bpf_disabled sys/kernel/kexec_load_disabled
sys/kernel/threads-max sys/kernel/hung_task_timeout_secs sys/kernel/yama/ptrace_scope sys/kernel/poweroff_cmd
sys/kernel/hotplug sys/kernel/ctrl-alt-del sys/kernel/cad_pid sys/kernel/sched_rt_runtime_us
sys/kernel/random/write_wakeup_threshold sys/kernel/keys/maxkeys sys/kernel/watchdog
sys/vm/drop_caches sys/vm/overcommit_memory sys/vm/swappiness sys/vm/panic_on_oom sys/vm/mmap_min_addr
sys/vm/max_map_count sys/vm/nr_hugepages sys/vm/compact_memory sys/vm/min_free_kbytes sys/vm/oom_kill_allocating_task
sys/fs/file-max sys/fs/nr_open sys/fs/suid_dumpable sys/fs/protected_symlinks sys/fs/protected_hardlinks
sys/fs/pipe-max-size sys/fs/aio-max-nr sys/fs/inotify/max_user_watches sys/fs/epoll/max_user_watches
sys/fs/lease-break-time sys/fs/binfmt_misc/register sys/fs/binfmt_misc/status
sys/dev/tty/ldisc_autoload sys/abi/vsyscall32 sys/debug/exception-trace
kcore kmsg kallsyms mtrr timer_list irq/default_smp_affinity scsi/scsi acpi/wakeup
""".split()


def _write_as_it_is(path: str) -> None:
    """Writes a file's own value into it; only opens what is write-only."""
    try:
        value = inside.read(path)[:4096]
    except OSError:
        value = ""
    fd = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if value:
            os.write(fd, value.encode())
    finally:
        os.close(fd)


def _fresh_proc(path):
    def try_it():
        inside.unshare(NEWNS)
        inside.mount("none", "/", None, PRIVATE | RECURSIVE)
        inside.mount("proc", "/mnt", "proc")
        return inside.refusal(_write_as_it_is, f"/mnt/{path}")

    return try_it


REFUSED = ("EACCES", "EPERM", "EROFS", "ENOENT")


def _host_value(path: str) -> str:
    # Only of a setting; the others are reports, and some of them never end.
    try:
        return inside.read(path)[:4096] if path.startswith("/proc/sys/") else ""
    except OSError:
        return ""


@pytest.mark.parametrize("knob", KNOBS)
def test_a_knob_of_the_whole_machine_cannot_be_written(machine, knob):
    before = _host_value(f"/proc/{knob}")
    answers = [machine.call(inside.refusal, _write_as_it_is, f"{proc}/{knob}") for proc in ("/proc", "/run/host/proc")]
    answers.append(machine.call(_fresh_proc(knob)))
    assert all(answer in REFUSED for answer in answers), answers
    if os.path.exists(f"/proc/{knob}"):
        assert "ENOENT" not in answers, answers
    assert _host_value(f"/proc/{knob}") == before


def _writable_below(top: str, skip=()) -> list[str]:
    found = []
    for folder, folders, names in os.walk(top):
        inner = os.path.relpath(folder, top)
        folders[:] = [name for name in folders if os.path.normpath(f"{inner}/{name}") not in skip]
        for name in names:
            path = f"{folder}/{name}"
            if not os.path.islink(path) and inside.refusal(inside.open_for_writing, path) == "":
                found.append(os.path.relpath(path, top))
    return found


# Below /proc/sys: what belongs to namespaces of the machine's own. A pattern ends with "/" or is a name.
NAMESPACED = (
    "net/",  # network
    "user/",  # user
    "fs/mqueue/",  # ipc, and what follows
    "kernel/shmmax kernel/shmall kernel/shmmni kernel/shm_rmid_forced kernel/msgmax kernel/msgmni kernel/msgmnb",
    "kernel/sem kernel/auto_msgmni kernel/msg_next_id kernel/sem_next_id kernel/shm_next_id",
    "kernel/hostname kernel/domainname",  # uts
    "kernel/ns_last_pid kernel/pid_max",  # pid
)
PATTERNS = tuple(pattern for line in NAMESPACED for pattern in line.split())


def _is_namespaced(name: str) -> bool:
    return any(name.startswith(pattern) if pattern.endswith("/") else name == pattern for pattern in PATTERNS)


@pytest.mark.parametrize("top", ["/proc/sys", "/run/host/proc/sys"])
def test_all_of_proc_sys_is_closed_but_what_is_namespaced(machine, top):
    found = machine.call(_writable_below, top, timeout=30)
    assert [name for name in found if not _is_namespaced(name)] == []
    assert "kernel/shmmax" in found, "the walk finds nothing at all"


@pytest.mark.parametrize("top", ["/proc", "/run/host/proc"])
def test_all_of_proc_is_closed(machine, top):
    def walk():
        own = [name for name in os.listdir(top) if name.isdigit()]
        return _writable_below(top, ("sys", *own))

    # Whoever writes "pressure" only asks to be told of it, and every user may.
    assert [name for name in machine.call(walk, timeout=30) if not name.startswith("pressure/")] == []


OWN_NETWORK = ("class/net/", "devices/virtual/net/")


@pytest.mark.parametrize("top", ["/sys", "/run/host/sys"])
def test_all_of_sys_is_closed_but_its_own_network(machine, top):
    found = machine.call(_writable_below, top, ("fs/cgroup",), timeout=60)
    assert [name for name in found if not name.startswith(OWN_NETWORK)] == []


def test_a_fresh_sysfs_is_closed_but_its_own_network(machine):
    def walk():
        inside.unshare(NEWNS)
        inside.mount("none", "/", None, PRIVATE | RECURSIVE)
        inside.mount("sysfs", "/mnt", "sysfs")
        return _writable_below("/mnt")

    found = machine.call(walk, timeout=60)
    assert [name for name in found if not name.startswith(OWN_NETWORK)] == []


@pytest.mark.parametrize("fstype", "debugfs tracefs securityfs configfs pstore bpf devtmpfs ext4".split())
def test_a_file_system_of_the_whole_machine_cannot_be_mounted(machine, fstype):
    def try_it():
        inside.unshare(NEWNS)
        return inside.refusal(inside.mount, "/disk" if fstype == "ext4" else fstype, "/mnt", fstype)

    # bpffs may be had by a user namespace since Linux 6.9, but only with a token of the host's.
    assert machine.call(try_it) in ("EPERM", "EACCES", "ENODEV")


NAMESPACED_KNOBS = {
    "kernel/shmmax": "123456789",
    "kernel/msgmax": "4321",
    "fs/mqueue/msg_max": "11",
    "net/ipv4/ip_forward": "1",
    "net/ipv4/ip_default_ttl": "63",
    "net/core/somaxconn": "77",
}


@pytest.mark.parametrize("knob", sorted(NAMESPACED_KNOBS))
def test_a_knob_of_its_own_can_be_written(machine, knob):
    def write():
        path = f"/proc/sys/{knob}"
        with open(path, "w", encoding="ascii") as handle:
            handle.write(NAMESPACED_KNOBS[knob])
        return inside.read(path).strip()

    before = inside.read(f"/proc/sys/{knob}")
    assert machine.call(write) == NAMESPACED_KNOBS[knob]
    assert inside.read(f"/proc/sys/{knob}") == before


def test_the_host_name_of_its_own_can_be_set(machine):
    machine.inside("hostname", "renamed").check()
    assert machine.call(inside.read, "/proc/sys/kernel/hostname") == "renamed\n"
    assert inside.read("/proc/sys/kernel/hostname") != "renamed\n"


def test_the_hosts_processes_cannot_be_seen(machine):
    pids = {int(name) for name in machine.call(os.listdir, "/proc") if name.isdigit()}
    assert 1 in pids and len(pids) < 60
    assert machine.call(os.readlink, "/proc/1/exe").endswith("/systemd")


def test_the_hosts_clock_cannot_be_set(machine):
    import time  # pylint: disable=import-outside-toplevel

    def try_it():
        return inside.refusal(time.clock_settime, time.CLOCK_REALTIME, time.time())

    assert machine.call(try_it) == "EPERM"
