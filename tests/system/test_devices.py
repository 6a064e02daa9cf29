# SPDX-License-Identifier: LGPL-2.1-or-later
"""Device nodes: which ones there are, and who keeps the payload from all others."""

import os
import stat

import pytest

from beds import cgroups, device_filter, inside

LOOP, KMSG, MEM = (stat.S_IFBLK, os.makedev(7, 0)), (stat.S_IFCHR, os.makedev(1, 11)), (stat.S_IFCHR, os.makedev(1, 1))
FORBIDDEN = {"loop": LOOP, "kmsg": KMSG, "mem": MEM}
ALLOWED = {
    "null": (stat.S_IFCHR, os.makedev(1, 3)),
    "urandom": (stat.S_IFCHR, os.makedev(1, 9)),
    "no-driver-chr": (stat.S_IFCHR, 0),
    "no-driver-blk": (stat.S_IFBLK, 0),
}
NODES = "/nodes"


def _top(machine) -> str:
    """The group that all of the machine is in, as a path of this machine."""
    return str(cgroups.of_process(machine.leader)).partition("/payload")[0]


@pytest.fixture(scope="module")
def machine(module_bare):
    """A machine without a user namespace whose tree has device nodes that are none of its business.

    It may load programs into the kernel, which its systemd needs to filter devices of services."""
    tree = module_bare.tree("bookworm")
    (tree / NODES[1:]).mkdir()
    for name, (kind, device) in FORBIDDEN.items():
        os.mknod(tree / NODES[1:] / name, kind | 0o666, device)
    with module_bare.boot(tree, "--private-users=no", "--capability=CAP_BPF") as booted:
        assert booted.system_state() == "running", booted.inside("systemctl", "--failed").stdout
        yield booted


def test_the_filter_is_on_the_group_above_the_payloads(machine):
    assert len(device_filter.ours(_top(machine))) == 1
    assert device_filter.ours(f"{_top(machine)}/payload") == []


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_root_without_a_user_namespace_cannot_make_a_node(machine, name):
    kind, device = FORBIDDEN[name]
    assert machine.call(inside.refusal, os.mknod, f"/root/{name}", kind | 0o600, device) == "EPERM"


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_root_without_a_user_namespace_cannot_open_a_node_of_the_tree(machine, name):
    def look(path):
        return inside.refusal(inside.open_for_writing, path), inside.refusal(lambda: os.close(os.open(path, os.O_RDONLY)))

    assert machine.call(look, f"{NODES}/{name}") == ("EPERM", "EPERM")


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_a_harmless_node_can_be_made_without_a_user_namespace(machine, name):
    kind, device = ALLOWED[name]
    assert machine.call(inside.refusal, os.mknod, f"/root/{name}", kind | 0o600, device) == ""


def test_terminals_can_be_opened(machine):
    def look():
        master, slave = os.openpty()
        return os.write(slave, b"x"), os.read(master, 1)

    assert machine.call(look) == (1, b"x")


def test_inside_a_service_with_a_filter_of_its_own_both_hold(machine):
    properties = ["--property=DevicePolicy=strict", "--property=DeviceAllow=/dev/zero r", "--property=DeviceAllow=block-* rwm"]
    script = f"head -c 3 /dev/zero | wc -c; cat {NODES}/loop /dev/full"
    done = machine.inside("systemd-run", "--quiet", "--wait", "--pipe", "--collect", *properties, "sh", "-c", script)
    assert done.stdout == "3\n", str(done)
    assert done.stderr.count("Operation not permitted") == 2, str(done)


def test_root_without_a_user_namespace_cannot_take_the_filter_away(machine):
    def take():
        programs = device_filter.everywhere()
        return programs, [inside.refusal(device_filter.detach, "/sys/fs/cgroup", program) for program in programs]

    programs, errors = machine.call(take)
    ours = device_filter.ours(_top(machine))
    assert set(ours) <= set(programs)
    assert set(errors) == {"ENOENT"}


def test_a_user_namespace_has_the_filter_too(bare):
    with bare.start(bare.tree("minbase"), "--notify-ready=no", "--", "sleep", "100") as machine:
        machine.wait_started()
        assert len(device_filter.ours(_top(machine))) == 1


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_device_that_was_asked_for_belongs_to_root_and_works(bare, users):
    words = ["--device=loop", "sh", "-c", device_filter.LOOK.format("/dev/loop0")]
    done = bare.run("-D", bare.tree("minbase"), f"--private-users={users}", *words).check()
    assert done.stdout == "block special file 0 0 600 7:0\nread\nwritten\n"


@pytest.mark.parametrize("users", ["pick", "no"])
def test_less_than_all_access_is_kept(bare, users):
    words = ["--device=/dev/loop0:r", "sh", "-c", device_filter.LOOK.format("/dev/loop0")]
    done = bare.run("-D", bare.tree("minbase"), f"--private-users={users}", *words)
    assert done.stdout == "block special file 0 0 600 7:0\nread\n", str(done)


def test_a_folder_stands_for_all_nodes_below_it(bare):
    folder = bare.folder()
    (folder / "sub").mkdir()
    os.mknod(folder / "zero", stat.S_IFCHR | 0o640, os.makedev(1, 5))
    os.mknod(folder / "sub/loop", stat.S_IFBLK | 0o600, os.makedev(7, 1))
    (folder / "link").symlink_to("/dev/kmsg")
    (folder / "file").write_text("no device", encoding="ascii")
    script = "cd /dev/extra; find . ! -type d -exec stat -c '%n %a %t:%T' {} + | sort; head -c 3 zero | wc -c; readlink /dev/block/7:1"
    done = bare.run("-D", bare.tree("minbase"), f"--device={folder}:/dev/extra", "sh", "-c", script).check()
    assert done.stdout == "./sub/loop 600 7:1\n./zero 640 1:5\n3\n../extra/sub/loop\n"


@pytest.mark.parametrize("device", ["/dev/there-is-none", "/etc/passwd:/dev/passwd", "gpu"])
def test_a_device_that_is_not_there_is_refused_before_anything_is_done(bare, device):
    if device == "gpu" and os.path.exists("/dev/dri"):
        device = "/dev/there-is-none-either"
    done = bare.run("-D", bare.tree("minbase"), f"--device={device}", "true")
    assert done.status == 1 and "device" in done.stderr and done.stderr.count("\n") == 1, str(done)
    assert bare.run("-D", bare.tree("minbase"), f"--device=-{device}", "true").status == 0
