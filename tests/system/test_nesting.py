# SPDX-License-Identifier: LGPL-2.1-or-later
"""Container managers, sandboxes and boot-tree inside a machine, in every way to run, and what --nesting opens for them."""

import shutil
import subprocess

import pytest

from beds import paths

PROGRAM = "usr/local/bin/boot-tree"
FOLDERS = "bin dev etc proc run sys tmp usr var"


def _make_root(folder, word):
    """The smallest root that runs a command, as container managers take it."""
    for name in FOLDERS.split():
        (folder / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", folder / "bin/busybox")
    for name in ("sh", "id", "cat", "mount"):
        (folder / "bin" / name).symlink_to("busybox")
    (folder / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\n", encoding="ascii")
    (folder / "etc/os-release").write_text(f"ID={word}\n", encoding="ascii")


def _add_program(folder):
    """The program, with the libraries that it needs."""
    (folder / PROGRAM).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(paths.boot_tree(), folder / PROGRAM)
    for line in subprocess.run(["ldd", paths.boot_tree()], check=True, capture_output=True, text=True).stdout.splitlines():
        library = next((word for word in line.split() if word.startswith("/")), None)
        if library and not (folder / library[1:]).exists():
            (folder / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, folder / library[1:])


def _machine(bed, *options):
    tree = bed.tree("nesting")
    _add_program(tree)
    _make_root(tree / "srv/one", "one")
    _make_root(tree / "srv/two", "two")
    _make_root(tree / "srv/two/srv/three", "three")
    _add_program(tree / "srv/two")
    # Without controllers nothing can be limited, and podman's default is a limit.
    (tree / "etc/containers/containers.conf").write_text("[containers]\npids_limit = 0\n", encoding="ascii")
    return bed.boot(tree, *options)


WITH_USERS = pytest.mark.parametrize("machine", ["with-users"], indirect=True)
WITHOUT_USERS = pytest.mark.parametrize("machine", ["without-users"], indirect=True)


@pytest.fixture(scope="module", params=["with-users", "without-users"])
def machine(module_bare, request):
    """With a user namespace, as --nesting has it by default, and without one."""
    options = [] if request.param == "with-users" else ["--private-users=no"]
    with _machine(module_bare, "--nesting", *options) as booted:
        assert booted.system_state() == "running"
        yield booted


def _service(machine, *words, timeout=30):
    run = ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--property=Delegate=yes"]
    return machine.inside(*run, *words, timeout=timeout)


CRUN = """
set -eu
mkdir -p /tmp/bundle
cd /tmp/bundle
test -e rootfs || cp -a /srv/one rootfs
rm -f config.json
crun spec
sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"id"/' config.json
crun run inner
"""
BWRAP = "bwrap --ro-bind / / --proc /proc --dev /dev --unshare-all id"
INSIDE = {
    "podman": "podman run --rm --network=none --rootfs /srv/one id",
    "podman-with-ids-of-its-own": "podman run --rm --network=none --uidmap 0:1000:1000 --gidmap 0:1000:1000 --rootfs /srv/one:O id",
    "crun": CRUN,
    "bwrap": BWRAP,
    "bwrap-of-a-user": f"setpriv --reuid=1000 --regid=1000 --clear-groups {BWRAP.replace('id', '--uid 0 --gid 0 id')}",
    "unshare": "unshare -Urpfm --mount-proc id",
    "boot-tree": "boot-tree -q --register=no -D /srv/one id",
}


@pytest.mark.parametrize("name", sorted(INSIDE))
def test_it_runs_inside(machine, name):
    done = _service(machine, "sh", "-c", INSIDE[name]).check()
    assert done.stdout.startswith("uid=0(root) gid=0"), done


@WITH_USERS
def test_a_users_podman_runs_with_ids_that_were_handed_on(machine):
    script = """
    set -eu
    base=$(awk 'NR == 2 { print $1 }' /proc/self/uid_map)
    useradd --create-home --no-log-init u
    echo "u:$base:65536" | tee /etc/subuid >/etc/subgid
    cp -a /srv/one /home/u/root
    chown -R u: /home/u/root
    cd /
    exec setpriv --reuid=u --regid=u --init-groups env USER=u HOME=/home/u XDG_RUNTIME_DIR=/tmp/u sh -c '
            mkdir -m 700 /tmp/u
            podman --cgroup-manager=cgroupfs run --rm --cgroups=disabled --network=none --rootfs /home/u/root cat /proc/self/uid_map'
    """
    done = _service(machine, "sh", "-c", script).check()
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == ["0", "1"] and rows[1][2] == "65536", str(done)


@WITH_USERS
def test_boot_tree_runs_three_deep_with_ids_of_its_own_each_time(machine):
    inner = "/usr/local/bin/boot-tree -q -D /srv/three cat /etc/os-release /proc/self/uid_map"
    script = f"cat /proc/self/uid_map; echo; boot-tree -q --register=no --nesting -D /srv/two sh -c 'cat /proc/self/uid_map; echo; exec {inner}'"
    done = _service(machine, "sh", "-c", script).check()
    one, two, three = ([line.split() for line in part.splitlines()] for part in done.stdout.split("\n\n"))
    assert three.pop(0) == ["ID=three"]
    assert len(one) == 9 and len(two) == 3 and len(three) == 1, done
    # Each one's own range is one of those that were handed on to the machine around it.
    handed_on = {row[0] for row in one[1:]}
    assert {row[1] for row in two} <= handed_on and three[0][1] in {row[0] for row in two[1:]}
    assert two[0][0] == three[0][0] == "0" and three[0][1] != two[0][1]


@WITHOUT_USERS
def test_what_a_user_sees_of_the_kernel_stays_masked_without_a_user_namespace(machine):
    script = "setpriv --reuid=1000 --regid=1000 --clear-groups ls /run/host/nesting/proc; wc -c </proc/kallsyms; ls /sys/module | wc -l"
    done = _service(machine, "sh", "-c", script)
    assert done.stdout.split() == ["0", "0"] and "ermission denied" in done.stderr, done


def test_without_it_and_without_a_user_namespace_the_reason_is_told(bare):
    with _machine(bare, "--private-users=no") as booted:
        assert booted.system_state() == "running"
        # With a scope, which is on its way while the payload's side ends.
        done = _service(booted, f"/{PROGRAM}", "--private-users=identity", "-q", "-D", "/srv/one", "id")
        assert done.status == 1 and len(done.stderr.splitlines()) == 1 and "proc" in done.stderr, done
        assert _service(booted, "sh", "-c", BWRAP).status != 0
        assert _service(booted, "sh", "-c", CRUN).status != 0
