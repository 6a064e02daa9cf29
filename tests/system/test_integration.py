# SPDX-License-Identifier: LGPL-2.1-or-later
"""Name servers and time zone of the host in the container; by default the tree on disk stays as it is."""

import os
import socket

import pytest

from beds import paths, treehash
from beds.other_host import OtherHost

USERS = pytest.mark.parametrize("users", ["pick", "no"])
SERVERS = "nameserver 192.0.2.53\n"
STUB = "nameserver 127.0.0.53\n"
OWN = "/usr/share/zoneinfo/Etc/UTC"
BERLIN = "/usr/share/zoneinfo/Europe/Berlin"


@pytest.fixture(scope="module")
def shared_tree(tree_cache):
    """One copy for this module: copies take seconds."""
    path = tree_cache.copy("minbase")
    yield path
    paths.remove_tree(path)


@pytest.fixture
def tree(shared_tree):
    """The tree, as it was before each test."""
    yield shared_tree
    for name in ("resolv.conf", "localtime"):
        put(shared_tree / "etc" / name, "none")
    (shared_tree / "etc/resolv.conf").write_text("of the tree\n", encoding="ascii")
    (shared_tree / "etc/localtime").symlink_to(OWN)


@pytest.fixture
def host(bare, tree):
    """A host in Berlin with name servers of its own."""
    other = OtherHost(bare, tree)
    other.change(f"rm -f resolv.conf localtime; printf '{SERVERS}' >resolv.conf; ln -s {BERLIN} localtime")
    resolve = "mkdir /run/systemd/resolve && cd /run/systemd/resolve"
    other.change(f"{resolve} && printf '{STUB}' >stub-resolv.conf && echo 'nameserver 192.0.2.54' >resolv.conf")
    return other


@pytest.fixture
def nspawn(bare):
    """boot-tree under the other name."""
    link = bare.folder() / "systemd-nspawn"
    link.symlink_to(bare.program)
    return str(link)


def put(path, kind: str) -> None:
    """Makes PATH a file, a link to one, a dangling link, or nothing."""
    path.unlink(missing_ok=True)
    if kind == "file":
        path.write_text("of the tree\n", encoding="ascii")
    elif kind == "link":
        (path.parent / "other").write_text("of the tree\n", encoding="ascii")
        path.symlink_to("other")
    elif kind == "dangling":
        path.symlink_to("../run/systemd/resolve/stub-resolv.conf")


# Name servers


@USERS
@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_with_the_hosts_network_its_name_servers_are_seen_and_the_tree_stays(host, tree, kind, users):
    put(tree / "etc/resolv.conf", kind)
    before = treehash.snapshot(tree / "etc")
    options = ["--network-host", f"--private-users={users}"]
    assert host.shell("cat /etc/resolv.conf", *options).stdout == SERVERS
    assert treehash.difference(before, treehash.snapshot(tree / "etc")) == []


def test_a_missing_file_becomes_an_empty_one_to_mount_on(host, tree):
    (tree / "etc/resolv.conf").unlink()
    assert host.shell("cat /etc/resolv.conf", "--network-host").stdout == SERVERS
    assert (tree / "etc/resolv.conf").read_bytes() == b""


def test_what_covers_name_servers_by_default_can_be_undone(host, tree):
    put(tree / "etc/resolv.conf", "file")
    assert host.shell("umount /etc/resolv.conf; cat /etc/resolv.conf", "--network-host").stdout == "of the tree\n"


def test_in_a_network_of_its_own_nothing_is_done(host, tree):
    put(tree / "etc/resolv.conf", "file")
    assert host.shell("cat /etc/resolv.conf").stdout == "of the tree\n"


# Words: what a file and what a dangling link in the tree become, for the payload and on disk.
TREE, NONE, LINK = "of the tree\n", "", "link"
MODES = {
    "off": ((TREE, TREE), (NONE, LINK)),
    "copy-host": ((SERVERS, SERVERS), (NONE, LINK)),
    "copy-uplink": (("nameserver 192.0.2.54\n",) * 2, (NONE, LINK)),
    "copy-stub": ((STUB, STUB), (NONE, LINK)),
    "replace-host": ((SERVERS, SERVERS), (SERVERS, SERVERS)),
    "replace-stub": ((STUB, STUB), (STUB, STUB)),
    "bind-host": ((SERVERS, TREE), (SERVERS, LINK)),
    "bind-stub": ((STUB, TREE), (STUB, LINK)),
    "delete": ((NONE, NONE), (NONE, NONE)),
}


def on_disk(path) -> str:
    if path.is_symlink():
        return LINK
    return path.read_text(encoding="ascii") if path.exists() else NONE


@USERS
@pytest.mark.parametrize("kind", ["file", "dangling"])
@pytest.mark.parametrize("mode", sorted(MODES))
def test_name_servers_by_each_mode(host, tree, mode, kind, users):
    path = tree / "etc/resolv.conf"
    put(path, kind)
    seen, disk = MODES[mode][kind == "dangling"]
    done = host.shell("cat /etc/resolv.conf 2>&- || :", f"--resolv-conf={mode}", f"--private-users={users}")
    assert (done.stdout, on_disk(path)) == (seen, disk)
    if disk not in (NONE, LINK, TREE):
        st = os.stat(path)
        assert (oct(st.st_mode), st.st_uid, st.st_gid) == ("0o100644", 0, 0)


def test_what_is_bound_on_request_cannot_be_undone(host, tree):
    put(tree / "etc/resolv.conf", "file")
    line = "umount /etc/resolv.conf 2>&-; echo x 2>&- >/etc/resolv.conf; cat /etc/resolv.conf"
    assert host.shell(line, "--resolv-conf=bind-host").stdout == SERVERS


@pytest.mark.parametrize("mode", ["auto", "copy-host", "replace-host", "bind-host"])
def test_a_read_only_tree_is_not_written_to_for_name_servers(host, tree, mode):
    put(tree / "etc/resolv.conf", "file")
    before = treehash.snapshot(tree / "etc")
    done = host.shell("cat /etc/resolv.conf", f"--resolv-conf={mode}", "--network-host", "--read-only")
    assert done.stdout == SERVERS
    assert treehash.difference(before, treehash.snapshot(tree / "etc")) == []


def test_a_source_that_the_host_has_not_is_a_warning(bare, tree):
    done = OtherHost(bare, tree).run("--resolv-conf=copy-stub", "true")
    assert done.status == 0 and "copy-stub" in done.stderr and len(done.stderr.splitlines()) == 1, done


def test_as_nspawn_name_servers_are_copied(host, tree, nspawn):
    path = tree / "etc/resolv.conf"
    put(path, "file")
    done = host.run("--pipe", "cat", "/etc/resolv.conf", program=nspawn).check()
    assert (done.stdout, path.read_text(encoding="ascii")) == (SERVERS, SERVERS)


def test_as_nspawn_the_stub_is_copied_while_resolved_runs(host, tree, nspawn):
    put(tree / "etc/resolv.conf", "file")
    server = host.bare.folder() / "socket"
    host.change(f"ln -s {server} /run/systemd/resolve/io.systemd.Resolve")
    with socket.socket(socket.AF_UNIX) as resolved:
        resolved.bind(str(server))
        resolved.listen()
        assert host.run("--pipe", "cat", "/etc/resolv.conf", program=nspawn).check().stdout == STUB


# Time zone

ZONE = "date +%Z -d 2026-01-01; readlink /etc/localtime || :"


@USERS
@pytest.mark.parametrize("options", [[], ["--read-only"]])
def test_the_payload_lives_in_the_hosts_zone_and_the_tree_stays(host, tree, options, users):
    before = treehash.snapshot(tree / "etc")
    done = host.shell(ZONE, f"--private-users={users}", *options)
    assert done.stdout == f"CET\n{BERLIN}\n"
    assert treehash.difference(before, treehash.snapshot(tree / "etc")) == []


def test_the_zone_that_the_tree_links_to_is_not_covered(host):
    assert host.shell("date +%Z -d 2026-01-01; TZ=Etc/UTC date +%Z").stdout == "CET\nUTC\n"


def test_a_zone_that_the_tree_does_not_know_is_copied(host, tree):
    zone = tree / BERLIN[1:]
    zone.rename(zone.with_name("Elsewhere"))
    before = treehash.snapshot(tree / "etc")
    try:
        assert host.shell(ZONE).stdout == "CET\n"
    finally:
        zone.with_name("Elsewhere").rename(zone)
    assert treehash.difference(before, treehash.snapshot(tree / "etc")) == []


def test_a_zone_without_a_name_is_copied(host):
    host.change(f"rm localtime && cp {BERLIN} localtime")
    assert host.shell(ZONE).stdout == "CET\n"


def test_a_tree_without_a_zone_stays_so(host, tree):
    (tree / "etc/localtime").unlink()
    assert host.shell(ZONE).stdout == "UTC\n"
    assert not (tree / "etc/localtime").exists()


def test_in_one_zone_nothing_is_done(host):
    host.change("ln -sf /usr/share/zoneinfo/Etc/UTC localtime")
    assert host.shell("grep -c localtime /proc/self/mountinfo || :").stdout == "0\n"


# What is seen, and what is on disk afterwards.
ZONES = {
    "off": (f"UTC\n{OWN}\n", OWN),
    "symlink": (f"CET\n..{BERLIN}\n", f"..{BERLIN}"),
    "copy": ("CET\n", "file"),
    "bind": ("CET\n", OWN),
    "delete": ("UTC\n", "none"),
}


@USERS
@pytest.mark.parametrize("mode", sorted(ZONES))
def test_time_zone_by_each_mode(host, tree, mode, users):
    path = tree / "etc/localtime"
    done = host.shell(ZONE, f"--timezone={mode}", f"--private-users={users}")
    disk = os.readlink(path) if path.is_symlink() else "file" if path.exists() else "none"
    assert (done.stdout, disk) == ZONES[mode]


def test_as_nspawn_the_trees_zone_is_changed(host, tree, nspawn):
    host.run("--", "true", program=nspawn).check()
    assert os.readlink(tree / "etc/localtime") == f"..{BERLIN}"


def test_a_temporary_file_of_a_killed_run_is_replaced(host, tree):
    (tree / "etc/.#localtime.boot-tree").symlink_to("/nowhere")
    host.shell("true", "--timezone=symlink")
    assert not (tree / "etc/.#localtime.boot-tree").is_symlink()


@pytest.mark.parametrize("name,option", [("resolv.conf", "--resolv-conf=replace-host"), ("localtime", "--timezone=copy")])
def test_another_name_of_a_replaced_file_keeps_its_content(host, tree, name, option):
    """A hard link may lead out of the tree: what it leads to must not be written to."""
    put(tree / f"etc/{name}", "file")
    os.link(tree / f"etc/{name}", tree / "other-name")
    host.shell("true", option)
    assert (tree / "other-name").read_text(encoding="ascii") == "of the tree\n"
    assert (tree / f"etc/{name}").read_bytes() != b"of the tree\n"
    (tree / "other-name").unlink()


@USERS
def test_a_booted_guest_lives_in_the_hosts_zone(host, bare, users):
    """systemd inside unmounts at its end what covers the file, and has nothing to complain about."""
    with bare.boot(bare.tree("bookworm"), f"--private-users={users}", prefix=host.prefix) as machine:
        assert machine.inside("date", "+%Z", "-d", "2026-01-01").check().stdout == "CET\n"
        machine.poweroff()
        assert "Unmounted etc-localtime.mount" in machine.output and "Failed unmounting" not in machine.output


def test_a_booted_guest_can_be_given_the_zones_name(host, bare):
    with bare.boot(bare.tree("bookworm"), "--timezone=symlink", prefix=host.prefix) as machine:
        assert machine.inside("timedatectl", "show", "-p", "Timezone").check().stdout == "Timezone=Europe/Berlin\n"
