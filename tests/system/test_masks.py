# SPDX-License-Identifier: LGPL-2.1-or-later
"""Without a boundary of ids, as nspawn does it: masks and read-only mounts, and a line that says what they are."""

import os
import stat

import pytest

from beds import inside

NOTICES = {
    "no": "Without a user namespace the payload's root is the host's root: this is no security boundary",
    "identity": "The payload's root is mapped to the host's root: this is no security boundary",
}


@pytest.fixture(scope="module", params=sorted(NOTICES))
def machine(request, module_bare):
    """A Debian machine without a boundary; `mode` says how."""
    with module_bare.boot(module_bare.tree("trixie"), f"--private-users={request.param}") as booted:
        assert booted.system_state() == "running", booted.inside("systemctl", "--failed").stdout
        booted.mode = request.param
        yield booted


def test_a_line_says_that_it_is_no_boundary(machine):
    lines = [line for line in machine.output.splitlines() if "boundary" in line]
    assert lines == [NOTICES[machine.mode]]


def test_pid_1_is_the_hosts_root(machine):
    assert os.stat(f"/proc/{machine.leader}").st_uid == 0
    assert (inside.namespaces(machine.leader)["user"] == inside.namespaces("self")["user"]) == (machine.mode == "no")


@pytest.mark.parametrize("kind", sorted(set(inside.KINDS) - {"user"}))
def test_all_other_namespaces_are_its_own(machine, kind):
    assert inside.namespaces(machine.leader)[kind] != inside.namespaces("self")[kind]


@pytest.mark.parametrize("name", ["kallsyms", "kcore", "keys", "sysrq-trigger", "timer_list"])
def test_a_file_of_proc_is_masked(machine, name):
    if not os.path.exists(f"/proc/{name}"):
        assert machine.call(inside.refusal, os.stat, f"/proc/{name}") == "ENOENT"
        return
    st = machine.call(os.stat, f"/proc/{name}")
    assert stat.S_IMODE(st.st_mode) == 0 and st.st_size == 0
    assert machine.call(inside.refusal, inside.open_for_writing, f"/proc/{name}") == "EROFS"
    assert machine.call(inside.read, f"/proc/{name}") == ""


@pytest.mark.parametrize("name", ["acpi", "apm", "asound", "bus", "fs", "irq", "scsi", "sys"])
def test_a_folder_of_proc_is_read_only(machine, name):
    if os.path.isdir(f"/proc/{name}"):
        assert machine.call(os.statvfs, f"/proc/{name}").f_flag & os.ST_RDONLY


@pytest.mark.parametrize("knob", ["kernel/core_pattern", "kernel/panic", "vm/swappiness", "fs/file-max"])
def test_a_knob_cannot_be_written(machine, knob):
    assert machine.call(inside.refusal, inside.open_for_writing, f"/proc/sys/{knob}") == "EROFS"


def test_a_knob_of_its_own_network_can_be_written(machine):
    assert machine.call(inside.refusal, inside.open_for_writing, "/proc/sys/net/ipv4/ip_forward") == ""


def test_the_kernel_log_is_an_empty_fifo(machine):
    assert stat.S_ISFIFO(machine.call(os.stat, "/proc/kmsg").st_mode)
    assert machine.call(inside.refusal, os.open, "/proc/kmsg", os.O_RDONLY) == ""


def test_sys_is_read_only(machine):
    assert machine.call(os.statvfs, "/sys").f_flag & os.ST_RDONLY


@pytest.mark.parametrize("name", ["module", "firmware", "power", "fs/bpf", "kernel/debug", "kernel/tracing"])
def test_a_folder_of_sys_is_masked(machine, name):
    if os.path.isdir(f"/sys/{name}"):
        assert machine.call(os.listdir, f"/sys/{name}") == []
        assert stat.S_IMODE(machine.call(os.stat, f"/sys/{name}").st_mode) == 0


def test_a_masked_folder_is_there_to_be_tested(machine):
    assert os.listdir("/sys/module") and machine.call(os.listdir, "/sys/module") == []


def test_every_mount_of_the_masks_is_read_only(machine):
    rows = inside.read(f"/proc/{machine.leader}/mountinfo").splitlines()
    masks = [row.split() for row in rows if "/inaccessible/" in row.split()[3]]
    assert len(masks) >= 4 and all(row[5].startswith("ro,nosuid,nodev,noexec") for row in masks)


def test_capabilities_have_nothing_of_the_whole_machine(machine):
    status = inside.read(f"/proc/{machine.leader}/status")
    mask = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapBnd"))
    forbidden = {16: "SYS_MODULE", 17: "SYS_RAWIO", 20: "SYS_PACCT", 25: "SYS_TIME", 34: "SYSLOG", 38: "PERFMON"}
    assert [name for bit, name in forbidden.items() if mask >> bit & 1] == []
