# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a booted machine finds around itself: namespaces, ids, clocks, services, mounts. Nothing here changes it."""

import json
import os
import stat
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import inside, mounts, proc

BASE = 0x10000 * 4711
HOST_FILES = "/run/host/"


@pytest.fixture(scope="module")
def machine(module_bare):
    """A Debian machine with all defaults, but a range of ids that is known."""
    tree = module_bare.tree("trixie")
    (tree / "etc/hostname").unlink()  # systemd inside takes a name from there
    with module_bare.boot(tree, f"--private-users={BASE}") as booted:
        assert booted.system_state() == "running", booted.inside("systemctl", "--failed").stdout
        yield booted


@pytest.fixture(scope="module")
def plan(machine, module_bare):
    """What the program says it would do for the same words."""
    tree = bare_bed.read_record(machine.name)["ROOT"]
    done = module_bare.run("-D", tree, "-M", machine.name, f"--private-users={BASE}", "--dry-run=json")
    return json.loads(done.check().stdout)


@pytest.mark.parametrize("kind", ["uid", "gid"])
def test_ids_are_mapped_as_planned(machine, kind):
    rows = Path(f"/proc/{machine.leader}/{kind}_map").read_text(encoding="ascii").split()
    assert rows == ["0", str(BASE), "65536"]


def test_pid_1_is_the_shifted_root_on_the_host(machine):
    assert os.stat(f"/proc/{machine.leader}").st_uid == BASE


@pytest.mark.parametrize("path", ["/", "/etc/passwd", "/run", "/dev", "/dev/null", "/tmp", "/sys/fs/cgroup"])
def test_what_the_system_is_made_of_belongs_to_root(machine, path):
    def owner():
        st = os.lstat(path)
        return st.st_uid, st.st_gid

    assert machine.call(owner) == (0, 0)


def test_files_on_disk_keep_their_owners(machine):
    tree = Path(bare_bed.read_record(machine.name)["ROOT"])
    assert os.lstat(tree / "etc/passwd").st_uid == 0
    machine.shell("touch /root/new").check()
    assert os.lstat(tree / "root/new").st_uid == 0


@pytest.mark.parametrize("kind", sorted(inside.KINDS))
def test_every_namespace_is_its_own(machine, kind):
    assert inside.namespaces(machine.leader)[kind] != inside.namespaces("self")[kind]


def test_systemd_knows_that_it_is_in_a_container(machine):
    assert machine.inside("systemd-detect-virt", "-c").stdout.strip() == "container-other"


def test_uptime_starts_near_zero(machine):
    up = float(machine.call(inside.read, "/proc/uptime").split()[0])
    host_up = float(inside.read("/proc/uptime").split()[0])
    assert up < 60 and up < host_up - 60, f"{up} inside, {host_up} on the host"


def test_no_unit_has_failed(machine):
    assert machine.inside("systemctl", "--failed", "--no-legend", "--plain").stdout == ""


def test_a_nested_user_namespace_can_mount_proc(machine):
    machine.inside("unshare", "-Urpfm", "--mount-proc", "true").check()


def test_a_nested_user_namespace_can_mount_sysfs_with_a_network(machine):
    machine.inside("unshare", "-Urmn", "mount", "-t", "sysfs", "sysfs", "/mnt").check()


SANDBOX = """
PrivateTmp=yes ProtectSystem=strict PrivateDevices=yes PrivateUsers=yes ProtectProc=invisible DynamicUser=yes
ProtectHome=yes ProtectKernelTunables=yes ProtectKernelModules=yes ProtectKernelLogs=yes ProtectControlGroups=yes
ProtectClock=yes ProtectHostname=yes PrivateNetwork=yes PrivateIPC=yes PrivateMounts=yes NoNewPrivileges=yes
RestrictNamespaces=yes RestrictSUIDSGID=yes LockPersonality=yes MemoryDenyWriteExecute=yes
SystemCallFilter=@system-service StateDirectory=box RuntimeDirectory=box CacheDirectory=box
SetCredential=word:spoken LoadCredential=file:/etc/os-release
""".split()


@pytest.mark.parametrize("name", SANDBOX + [""], ids=lambda name: name.split("=")[0] or "all-together")
def test_a_sandboxed_service_starts(machine, name):
    words = [name] if name else SANDBOX
    options = [f"--property={word}" for word in words]
    script = "test ! -v CREDENTIALS_DIRECTORY -o -n \"$(ls $CREDENTIALS_DIRECTORY)\" && id -u && echo started"
    run = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", *options, "bash", "-c", script]
    done = machine.inside(*run, timeout=20).check()
    assert done.stdout.endswith("started\n"), done


def test_a_credential_reaches_a_sandboxed_service(machine):
    options = [f"--property={word}" for word in SANDBOX]
    script = "cat $CREDENTIALS_DIRECTORY/word"
    run = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", *options, "sh", "-c", script]
    assert machine.inside(*run, timeout=20).check().stdout == "spoken"


# Attributes of the plan, and how mountinfo writes them.
WORDS = {"nosuid": "nosuid", "nodev": "nodev", "noexec": "noexec", "nosymfollow": "nosymfollow"}


def _attribute_words(row: mounts.Mount) -> set[str]:
    words = set(row.options.split(","))
    return {word for word in words if word in WORDS} | ({"ro"} & words)


# target: type, attributes, propagation is always shared. Reference 4.2, under a user namespace with a network.
MOUNTS = {
    "/": ("ext4", "nodev"),
    "/dev": ("tmpfs", "nosuid"),
    "/dev/shm": ("tmpfs", "nosuid nodev"),
    "/dev/mqueue": ("mqueue", "nosuid nodev noexec"),
    "/dev/pts": ("devpts", "nosuid noexec"),
    "/run": ("tmpfs", "nosuid nodev"),
    "/run/host": ("tmpfs", "ro nosuid nodev noexec"),
    "/run/host/unix-export": ("tmpfs", "nosuid nodev noexec nosymfollow"),
    "/run/host/os-release": ("ext4", "ro nosuid nodev noexec"),
    "/run/host/incoming": ("ext4", "ro nosuid nodev noexec"),
    "/run/host/proc": ("proc", "nosuid nodev noexec"),
    "/run/host/sys": ("sysfs", "nosuid nodev noexec"),
    "/tmp": ("tmpfs", "nosuid nodev"),
    "/proc": ("proc", "nosuid nodev noexec"),
    "/proc/sys/kernel/random/boot_id": ("tmpfs", "ro nosuid nodev noexec"),
    "/sys": ("sysfs", "ro nosuid nodev noexec"),
    "/sys/fs/cgroup": ("cgroup2", "nosuid nodev noexec"),
}


@pytest.mark.parametrize("point", sorted(MOUNTS))
def test_mount_is_there_with_its_attributes(machine, point):
    row = mounts.find(machine.leader, point)
    fstype, words = MOUNTS[point]
    assert row is not None, f"Nothing is mounted on {point}"
    if fstype != "ext4":  # A bind of the host's: whatever that has.
        assert row.fstype == fstype, row
    assert _attribute_words(row) == set(words.split()), row
    assert "shared" in row.propagation, row


def test_mounts_are_exactly_the_planned_ones(machine, plan):
    planned = {"/"} | {step["target"] for step in plan["mounts"]}
    assert planned == set(MOUNTS)
    # What systemd itself mounts later, in its own places.
    own = ("/run/lock", "/run/credentials/", "/run/user/", "/run/systemd/")
    found = {row.point for row in mounts.table(machine.leader) if not row.point.startswith(own)}
    assert found == planned


@pytest.mark.parametrize("point,kib,inodes", [("/dev", 4096, 65536), ("/run/host", 4096, 1024)])
def test_small_file_systems_are_bounded(machine, point, kib, inodes):
    def size():
        st = os.statvfs(point)
        return st.f_blocks * st.f_frsize // 1024, st.f_files

    assert machine.call(size) == (kib, inodes)


@pytest.mark.parametrize("point,mode", [("/tmp", 0o1777), ("/dev/shm", 0o1777), ("/dev", 0o755), ("/run", 0o755)])
def test_file_systems_have_their_modes(machine, point, mode):
    assert stat.S_IMODE(machine.call(os.stat, point).st_mode) == mode


NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
if os.path.exists("/dev/fuse"):
    NODES["fuse"] = (10, 229)
if os.path.exists("/dev/net/tun"):
    NODES["net/tun"] = (10, 200)


@pytest.mark.parametrize("name", sorted(NODES))
def test_device_node_is_there_and_works(machine, name):
    def look():
        st = os.stat(f"/dev/{name}")
        link = "/dev/char/{}:{}".format(*NODES[name])
        return st.st_rdev, stat.S_IMODE(st.st_mode), stat.S_ISCHR(st.st_mode), os.stat(link).st_rdev

    device = os.makedev(*NODES[name])
    assert machine.call(look) == (device, 0o666, True, device)
    if name in ("null", "zero", "full", "random", "urandom"):
        assert machine.call(inside.refusal, os.open, f"/dev/{name}", os.O_RDWR) == ""


def test_dev_has_no_other_nodes(machine):
    def nodes():
        found = set()
        for folder, _, names in os.walk("/dev"):
            found |= {
                os.path.relpath(f"{folder}/{name}", "/dev")
                for name in names
                if os.lstat(f"{folder}/{name}").st_mode & 0o170000 in (stat.S_IFCHR, stat.S_IFBLK)
            }
        return {name for name in found if not name.startswith("pts/")}

    assert machine.call(nodes) == set(NODES)


LINKS = {
    "ptmx": "pts/ptmx",
    "console": "pts/0",
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "core": "/proc/kcore",
}


@pytest.mark.parametrize("name", sorted(LINKS))
def test_dev_link_leads_where_it_should(machine, name):
    assert machine.call(os.readlink, f"/dev/{name}") == LINKS[name]


def test_terminals_belong_to_the_tty_group(machine):
    st = machine.call(os.stat, "/dev/pts/0")
    assert (st.st_gid, stat.S_IMODE(st.st_mode)) in ((5, 0o620), (5, 0o600)), st


# path below /run/host: type, mode
FILES = {
    "notify": (stat.S_IFSOCK, 0o222),
    "incoming": (stat.S_IFDIR, 0o700),
    "unix-export": (stat.S_IFDIR, 0o755),
    "container-manager": (stat.S_IFREG, 0o444),
    "container-uuid": (stat.S_IFREG, 0o444),
    "proc-sys-kernel-random-boot-id": (stat.S_IFREG, 0o444),
    "inaccessible/reg": (stat.S_IFREG, 0),
    "inaccessible/dir": (stat.S_IFDIR, 0),
    "inaccessible/fifo": (stat.S_IFIFO, 0),
    "inaccessible/sock": (stat.S_IFSOCK, 0),
    "inaccessible/chr": (stat.S_IFCHR, 0),
    "inaccessible/blk": (stat.S_IFBLK, 0),
}


@pytest.mark.parametrize("name", sorted(FILES))
def test_run_host_file_is_there(machine, name):
    st = machine.call(os.lstat, HOST_FILES + name)
    assert (stat.S_IFMT(st.st_mode), stat.S_IMODE(st.st_mode)) == FILES[name], oct(st.st_mode)


def test_run_host_tells_the_hosts_release(machine):
    assert machine.call(inside.read, "/run/host/os-release") == inside.read("/etc/os-release")


def test_run_host_names_the_manager_and_the_id(machine):
    uuid = bare_bed.read_record(machine.name)["UUID"]
    assert machine.call(inside.read, "/run/host/container-manager") == "boot-tree\n"
    assert machine.call(inside.read, "/run/host/container-uuid") == f"{uuid}\n"


def test_the_tunnel_shows_what_the_host_mounts_there(bare):
    # Where the host's mounts are shared, as they are under systemd.
    shared = ("unshare", "--mount", "--propagation", "shared")
    with bare.start(bare.tree("minbase"), "sh", "-c", "sleep 60", prefix=shared) as booted:
        booted.wait_started()
        host = ["nsenter", "-t", str(booted.process.pid), "-m", "--"]
        folder = f"/run/systemd/nspawn/propagate/{booted.name}/sent"
        proc.run(*host, "mkdir", folder).check()
        proc.run(*host, "mount", "-t", "tmpfs", "sent", folder).check()
        assert mounts.find(booted.leader, "/run/host/incoming/sent") is not None
        proc.run(*host, "umount", folder).check()
        assert mounts.find(booted.leader, "/run/host/incoming/sent") is None
        proc.run(*host, "rmdir", folder).check()


def test_host_name_is_the_machine_name(machine):
    assert machine.call(inside.read, "/proc/sys/kernel/hostname").strip() == machine.name


def test_the_machine_id_is_the_one_that_was_announced(machine):
    uuid = bare_bed.read_record(machine.name)["UUID"]
    assert machine.call(inside.read, "/etc/machine-id").strip() == uuid.replace("-", "")


def test_loopback_is_up_and_alone(machine):
    done = machine.inside("ip", "-oneline", "address", "show").check()
    assert "127.0.0.1/8" in done.stdout and "UP" in machine.inside("ip", "link", "show", "lo").stdout
    assert set(machine.call(os.listdir, "/sys/class/net")) == {"lo"}


def test_every_group_may_ping(machine):
    assert machine.call(inside.read, "/proc/sys/net/ipv4/ping_group_range").split() == ["0", "65535"]


def test_the_console_is_shown(machine):
    machine.shell("echo a word for the console >/dev/console").check()
    proc.wait_for(lambda: "a word for the console" in machine.output, 5, "the word to be shown")


def _status(pid) -> dict[str, str]:
    return dict(line.split(":\t", 1) for line in inside.read(f"/proc/{pid}/status").splitlines())


def _names(mask: str) -> set[str]:
    text = proc.run("capsh", f"--decode={mask}").check().stdout
    return {name.upper() for name in text.strip().partition("=")[2].split(",")}


def test_pid_1_has_the_planned_capabilities(machine, plan):
    wanted = set(plan["privileges"]["capabilities"])
    status = _status(machine.leader)
    assert [_names(status[row]) for row in ("CapBnd", "CapPrm", "CapEff")] == [wanted] * 3


@pytest.mark.parametrize("row", ["CapInh", "CapAmb"])
def test_pid_1_hands_no_capabilities_on(machine, row):
    assert int(_status(machine.leader)[row], 16) == 0


def test_environment_of_pid_1_is_complete(machine):
    text = Path(f"/proc/{machine.leader}/environ").read_bytes().decode()
    found = dict(line.split("=", 1) for line in text.split("\0") if line)
    assert found == {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "container": "boot-tree",
        "container_uuid": bare_bed.read_record(machine.name)["UUID"],
        "NOTIFY_SOCKET": "/run/host/notify",
        "TERM": "dumb",
        "HOME": "/root",
        "USER": "root",
        "LOGNAME": "root",
        **_host_release(),
    }


def _host_release() -> dict[str, str]:
    keys = ("ID", "BUILD_ID", "VERSION_ID", "VARIANT_ID", "IMAGE_ID", "IMAGE_VERSION")
    rows = dict(line.split("=", 1) for line in inside.read("/etc/os-release").splitlines() if "=" in line)
    return {f"container_host_{key.lower()}": rows[key].strip("'\"") for key in keys if key in rows}
