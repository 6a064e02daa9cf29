# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the payload may do: what it reads of itself, with and without a user namespace, as PID 1 and as PID 2."""

import platform
import shutil

import pytest

from beds import bare as bare_bed

USERS = ("pick", "no")
NAMES = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
""".split()
DEFAULT = set("""
AUDIT_CONTROL AUDIT_WRITE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_OWNER KILL LEASE LINUX_IMMUTABLE MKNOD
NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_NICE SYS_PTRACE
SYS_RESOURCE SYS_TTY_CONFIG NET_ADMIN
""".split())


def _status(text: str) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def _names(mask: str) -> set[str]:
    bits = int(mask, 16)
    return {name for number, name in enumerate(NAMES) if bits >> number & 1}


def _our_bounding_set() -> set[str]:
    with open("/proc/self/status", encoding="ascii") as file:
        return _names(_status(file.read())["CapBnd"])


@pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
@pytest.mark.parametrize("users", USERS)
def test_capabilities_are_the_default_ones_with_what_is_added_and_dropped(run, users, form):
    status = ["cat", "/proc/self/status"]
    possible = set(NAMES) if users == "pick" else _our_bounding_set()
    plain = _status(run(f"--private-users={users}", *form, *status).check().stdout)
    assert _names(plain["CapBnd"]) == DEFAULT & possible
    assert plain["CapBnd"] == plain["CapEff"] == plain["CapPrm"]
    changed = ["--capability=sys_time,CAP_SYSLOG", "--drop-capability=mknod"]
    done = _status(run(f"--private-users={users}", *form, *changed, *status).check().stdout)
    assert _names(done["CapBnd"]) == (DEFAULT | {"SYS_TIME", "SYSLOG"}) - {"MKNOD"} & possible
    assert done["CapEff"] == done["CapBnd"] and int(done["CapInh"], 16) == 0


@pytest.mark.parametrize("users", USERS)
def test_all_and_nothing_are_possible(run, users):
    possible = set(NAMES) if users == "pick" else _our_bounding_set()
    every = _status(run(f"--private-users={users}", "--capability=all", "cat", "/proc/self/status").check().stdout)
    none = _status(run(f"--private-users={users}", "--drop-capability=all", "cat", "/proc/self/status").check().stdout)
    assert _names(every["CapEff"]) == _names(every["CapBnd"]) == possible
    assert {int(none[key], 16) for key in ("CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb")} == {0}


@pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
@pytest.mark.parametrize("users", USERS)
def test_a_user_has_the_ambient_capabilities_and_no_others(run, users, form):
    options = [f"--private-users={users}", *form, "--uid=daemon", "--ambient-capability=net_raw,kill"]
    done = _status(run(*options, "cat", "/proc/self/status").check().stdout)
    for key in ("CapAmb", "CapEff", "CapPrm", "CapInh"):
        assert _names(done[key]) == {"NET_RAW", "KILL"}, key
    assert done["Uid"].split() == ["1"] * 4


def test_root_with_an_ambient_capability_keeps_all_others(run):
    done = _status(run("--ambient-capability=net_raw", "cat", "/proc/self/status").check().stdout)
    assert _names(done["CapEff"]) == DEFAULT and _names(done["CapAmb"]) == {"NET_RAW"}


def test_the_stub_init_keeps_no_more_than_it_had(run):
    """Else a payload that gets hold of it has what was taken away from itself. It has to end others."""
    options = ["-a", "--uid=daemon", "--ambient-capability=net_raw"]
    stub = _status(run(*options, "--no-new-privileges=yes", "cat", "/proc/1/status").check().stdout)
    assert int(stub["CapAmb"], 16) == int(stub["CapInh"], 16) == 0 and stub["Uid"].split()[0] == "0"
    assert _names(stub["CapBnd"]) == _names(stub["CapPrm"]) == DEFAULT and stub["NoNewPrivs"] == "1"
    nothing = _status(run("-a", "--drop-capability=all", "cat", "/proc/1/status").check().stdout)
    assert _names(nothing["CapPrm"]) == _names(nothing["CapBnd"]) == {"KILL"}


@pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
@pytest.mark.parametrize("users", USERS)
def test_no_new_privileges_makes_set_user_id_mean_nothing(bare, users, form):
    tree = bare.tree("minbase")
    shutil.copy(tree / "usr/bin/id", tree / "usr/bin/id-of-root")
    (tree / "usr/bin/id-of-root").chmod(0o4755)
    for word, wanted in ("no", ["0"]), ("yes", ["1", "1"]):
        options = ["-D", tree, "-M", bare_bed.new_name("nnp"), f"--private-users={users}", *form, "--uid=daemon"]
        script = "echo $(id-of-root -u) $(grep -o 'NoNewPrivs.*1' /proc/self/status | cut -f2)"
        done = bare.run("-q", *options, f"--no-new-privileges={word}", "sh", "-c", script).check()
        assert done.stdout.split() == wanted


def test_a_booted_system_has_no_more_than_it_may(bare):
    options = ["--drop-capability=sys_boot,mknod", "--capability=sys_time"]
    with bare.boot(bare.tree("bookworm"), *options) as machine:
        machine.wait_ready(60)
        status = _status(machine.shell("cat /proc/1/status").check().stdout)
        assert _names(status["CapBnd"]) == (DEFAULT | {"SYS_TIME"}) - {"SYS_BOOT", "MKNOD"}
        service = ["systemd-run", "--pipe", "--wait", "-q", "cat", "/proc/self/status"]
        assert _status(machine.inside(*service).check().stdout)["CapBnd"] == status["CapBnd"]


@pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
@pytest.mark.parametrize("users", USERS)
def test_personality_is_what_uname_tells(run, users, form):
    machine = platform.machine()
    small = {"x86_64": ("x86", "i686"), "aarch64": ("arm", "armv8l")}[machine]
    show = [f"--private-users={users}", *form]
    assert run(*show, "uname", "-m").check().stdout.strip() == machine
    assert run(*show, f"--personality={small[0]}", "uname", "-m").check().stdout.strip() == small[1]


@pytest.mark.parametrize("users", USERS)
def test_a_tree_of_32_bits_is_told_so_unless_asked_otherwise(bare, users):
    tree = bare.tree("minbase")
    machine, number, small = {"x86_64": (b"\x3e", b"\x03", "i686"), "aarch64": (b"\xb7", b"\x28", "armv8l")}[
        platform.machine()
    ]
    header = (tree / "usr/bin/uname").read_bytes()[:64]
    assert header[18:19] == machine
    (tree / "bin/sh").unlink()
    (tree / "bin/sh").write_bytes(header[:18] + number + header[19:])
    options = ["-q", "-D", tree, "-M", bare_bed.new_name("bits"), f"--private-users={users}"]
    assert bare.run(*options, "uname", "-m").check().stdout.strip() == small
    native = {"x86_64": "x86-64", "aarch64": "arm64"}[platform.machine()]
    assert bare.run(*options, f"--personality={native}", "uname", "-m").check().stdout.strip() == platform.machine()
