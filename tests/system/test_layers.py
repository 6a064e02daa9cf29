# SPDX-License-Identifier: LGPL-2.1-or-later
"""--layer=, --upper= and --volatile=: a root that is made of several folders, and where its changes go."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import proc, treehash

pytestmark = pytest.mark.own_tree("busybox")
USERS = ["pick", "no"]


@pytest.fixture
def run(bare, tree):
    """Runs a line of shell in the tree, with options."""

    def run_script(script, *options, program=None, **how):
        words = ["-q", "-D", tree, "-M", bare_bed.new_name("lay"), *options]
        return bare.run(*words, *([program] if program else ["sh", "-c", script]), **how)

    return run_script


def _layer(bare, **files) -> Path:
    folder = bare.folder("layer")
    folder.chmod(0o755)
    for name, text in files.items():
        (folder / name).write_text(text + "\n", encoding="ascii")
    return folder


@pytest.mark.parametrize("users", USERS)
def test_the_tree_is_above_the_first_layer_and_that_above_the_second(bare, tree, run, users):
    (tree / "a").write_text("tree\n", encoding="ascii")
    one, two = _layer(bare, a="one", b="one"), _layer(bare, a="two", b="two", c="two")
    os.chown(two / "c", 1000, 1000)
    options = [f"--layer={one}", f"--layer={two}", f"--private-users={users}"]
    done = run("cat /a /b /c; stat -c %u:%g /b /c; touch /x", *options)
    assert done.stdout == "tree\none\ntwo\n0:0\n1000:1000\n"
    assert "Read-only file system" in done.stderr


@pytest.mark.parametrize("users", USERS)
def test_each_layer_has_owners_of_its_own_range(bare, run, users):
    if users == "no":
        users = "655360:65536"
    layer = _layer(bare, a="x")
    for path in (layer, layer / "a"):
        os.chown(path, 1000079360 + 7, 1000079360 + 8)
    done = run("stat -c %u:%g /a", f"--layer={layer}", f"--private-users={users}", "--private-users-ownership=auto")
    assert done.check().stdout == "7:8\n"


def test_a_tree_can_be_nothing_but_what_is_on_top_of_a_layer(bare, tree):
    top = _layer(bare, a="top")
    done = bare.run("-q", "-D", top, f"--layer={tree}", "-M", bare_bed.new_name("lay"), "cat", "/a").check()
    assert done.stdout == "top\n"
    assert os.listdir(top) == ["a"]


@pytest.mark.parametrize("options", [["-x"], ["--ephemeral=memory"], ["--volatile=overlay"]])
def test_changes_over_layers_can_be_thrown_away(bare, tree, run, options):
    layer = _layer(bare, b="one")
    before = treehash.snapshot(tree), treehash.snapshot(layer)
    done = run("echo more >>/b; rm /etc/os-release; cat /b", f"--layer={layer}", *options).check()
    assert done.stdout == "one\nmore\n"
    assert (treehash.snapshot(tree), treehash.snapshot(layer)) == before


def test_there_can_be_many_layers(bare, run):
    layers = [_layer(bare, **{f"f{i}": str(i)}) for i in range(40)]
    done = run("cat /f*", *[f"--layer={layer}" for layer in layers], "-x").check()
    assert sorted(map(int, done.stdout.split())) == list(range(40))


def test_a_layer_that_is_run_itself_is_refused(bare, run):
    other = bare.tree("busybox")
    with bare.start(other, "sleep", "60") as machine:
        machine.wait_started()
        done = run("true", f"--layer={other}")
        machine.terminate()
    assert done.status != 0 and f"Tree '{other}' is in use by machine '{machine.name}'" in done.stderr


def test_a_layer_that_is_missing_is_named(run):
    done = run("true", "--layer=/nowhere")
    assert done.status != 0 and "Failed to open layer '/nowhere'" in done.stderr


@pytest.mark.parametrize("users", USERS)
def test_what_an_upper_keeps_is_there_in_the_next_run_and_the_tree_is_as_before(bare, tree, run, users):
    upper = bare.folder("up") / "changes"
    before = treehash.snapshot(tree)
    options = [f"--upper={upper}", f"--private-users={users}"]
    script = "echo new >/new; chown 5:6 /new; rm -r /etc/init.d; mv /var /var2 && ls -d /var2"
    run(script, *options).check()
    done = run("cat /new; stat -c %u:%g /new; ls -d /var2; ls -d /etc/init.d", *options)
    assert done.stdout == "new\n5:6\n/var2\n"
    assert treehash.snapshot(tree) == before
    assert stat.S_IMODE(upper.stat().st_mode) == 0o700
    new = (upper / "data/new").stat()
    assert (new.st_uid, new.st_gid) == (5, 6), "unshifted on disk"
    gone = (upper / "data/etc/init.d").stat()
    assert stat.S_ISCHR(gone.st_mode) and gone.st_rdev == 0
    assert (upper / "layers").read_text(encoding="utf-8") == f"{tree}\n"


def test_an_upper_can_be_used_with_and_without_a_user_namespace(bare, run):
    upper = bare.folder("up")
    for users in ("pick", "no", "pick"):
        run("echo x >>/new", f"--upper={upper}", f"--private-users={users}").check()
    assert (upper / "data/new").read_text(encoding="ascii") == "x\nx\nx\n"


def test_an_upper_is_used_once_at_a_time(bare, tree, run):
    upper = bare.folder("up")
    with bare.start(tree, f"--upper={upper}", "sleep", "60") as machine:
        machine.wait_started()
        done = run("true", f"--upper={upper}")
        other = run("true", f"--upper={bare.folder('up')}")
        machine.terminate()
    assert done.status != 0 and f"'{upper}' is in use by another machine" in done.stderr
    assert other.status == 0, other.stderr


def test_an_upper_with_other_things_in_it_is_not_touched(bare, run):
    upper = bare.folder("up")
    (upper / "letter").touch()
    done = run("true", f"--upper={upper}")
    assert done.status != 0 and "is neither empty nor a folder that --upper= has made" in done.stderr
    assert os.listdir(upper) == ["letter"]


def test_an_upper_over_other_layers_is_told(bare, tree, run):
    upper = bare.folder("up")
    run("true", f"--upper={upper}").check()
    done = run("true", f"--upper={upper}", f"--layer={_layer(bare, a='x')}").check()
    assert f"What was changed before belongs to other layers, from '{tree}' down" in done.stderr


def test_an_upper_that_is_killed_goes_on_where_it_was(bare, tree, run):
    upper = bare.folder("up")
    with bare.start(tree, f"--upper={upper}", "sh", "-c", "echo x >/new; echo done; sleep 60") as machine:
        proc.wait_for(lambda: "done" in machine.lines, 10, "the file")
        machine.process.kill()
        machine.wait()
    assert run("cat /new", f"--upper={upper}").check().stdout == "x\n"


def test_the_machine_id_in_an_upper_is_the_machine_s(bare, run):
    upper = bare.folder("up")
    run("echo 0123456789abcdef0123456789abcdef >/etc/machine-id", f"--upper={upper}").check()
    done = run("echo $container_uuid", f"--upper={upper}").check()
    assert done.stdout == "01234567-89ab-cdef-0123-456789abcdef\n"


def test_what_is_decided_by_files_goes_by_those_that_the_payload_will_see(bare, tree, run):
    layer, upper = bare.folder("layer"), bare.folder("up")
    layer.chmod(0o755)
    (layer / "etc").mkdir()
    (layer / "etc/localtime").symlink_to("../usr/share/zoneinfo/Asia/Tokyo")
    for with_layer in (False, True):
        options = [f"--layer={layer}"] if with_layer else []
        done = run("true", "--timezone=auto", "--dry-run", *options).check()
        assert ("target: /etc/localtime" in done.stdout) == with_layer
    run("rm /etc/os-release; mkdir /etc/machine-id", f"--upper={upper}").check()
    done = run("", f"--upper={upper}", program="--boot")
    assert done.status != 0 and "has neither etc/os-release nor usr/lib/os-release" in done.stderr


def test_an_upper_inside_of_memory_file_systems_works_too(bare, run):
    folder = bare.folder("tmpfs")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    try:
        for users in USERS:
            run("echo x >>/new", f"--upper={folder}/up", f"--private-users={users}").check()
        assert (folder / "up/data/new").read_text(encoding="ascii") == "x\nx\n"
    finally:
        subprocess.run(["umount", folder], check=True)


def test_an_upper_where_none_can_be_is_refused_before_anything_is_done(bare, run):
    folder = bare.folder("ramfs")
    subprocess.run(["mount", "-t", "ramfs", "ramfs", folder], check=True)
    try:
        done = run("true", f"--upper={folder}/up")
        assert os.listdir(folder) == []
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.status != 0 and f"'{folder}/up' cannot hold what the payload changes" in done.stderr


@pytest.fixture
def merged(bare, tree):
    """The same tree with all its programs in /usr."""
    shutil.move(tree / "bin", tree / "usr/bin")
    (tree / "bin").symlink_to("usr/bin")
    (tree / "usr/lib").mkdir(exist_ok=True)
    shutil.copy(tree / "etc/os-release", tree / "usr/lib/os-release")
    return tree


@pytest.mark.parametrize("users", USERS)
def test_volatile_yes_shows_only_usr(run, merged, users):
    before = treehash.snapshot(merged)
    script = "echo x >/etc/new; ls /etc; ls -d /bin/sh /var/tmp /root; stat -c %u:%g:%a / /usr; touch /usr/x"
    done = run(script, "--volatile", f"--private-users={users}")
    assert done.stdout == "new\n/bin/sh\n/root\n0:0:755\n0:0:755\n"
    assert "/usr/x: Read-only file system" in done.stderr
    assert treehash.snapshot(merged) == before


def test_volatile_yes_refuses_a_tree_with_programs_elsewhere(run):
    done = run("true", "--volatile=yes")
    assert done.status != 0 and "has a folder /bin" in done.stderr


def test_volatile_yes_over_layers_shows_usr_of_all(bare, run, merged):
    layer = bare.folder("layer")
    layer.chmod(0o755)
    (layer / "usr").mkdir()
    (layer / "usr/extra").write_text("x\n", encoding="ascii")
    (layer / "not-usr").touch()
    done = run("cat /usr/extra; ls /", "--volatile=yes", f"--layer={layer}").check()
    assert done.stdout.startswith("x\n") and "not-usr" not in done.stdout


@pytest.mark.parametrize("users", USERS)
def test_volatile_state_shows_all_but_var(tree, run, users):
    (tree / "var/old").touch()
    before = sorted(os.listdir(tree / "var"))
    script = "ls /var; echo x >/var/new; cat /var/new; stat -c %u:%g /var; ls -d /etc/os-release; touch /etc/x"
    done = run(script, "--volatile=state", f"--private-users={users}")
    assert done.stdout == "x\n0:0\n/etc/os-release\n"
    assert "/etc/x: Read-only file system" in done.stderr
    assert sorted(os.listdir(tree / "var")) == before


@pytest.mark.parametrize("users", USERS)
def test_volatile_overlay_shows_all_and_keeps_nothing(tree, run, users):
    before = treehash.snapshot(tree)
    options = ["--volatile=overlay", f"--private-users={users}"]
    for _ in range(2):
        assert run("test ! -e /new && echo x >/new && cat /new", *options).check().stdout == "x\n"
    assert treehash.snapshot(tree) == before


def test_volatile_overlay_loses_changes_at_a_reboot(bare, tree):
    source = Path(__file__).parent / "payload/reboots.c"
    subprocess.run(["cc", "-static", "-O", "-o", tree / "reboots", source], check=True)
    # Each boot finds no record of the one before, so it reboots until it is given up.
    done = bare.run("-q", "--volatile=overlay", "-D", tree, "-M", bare_bed.new_name("lay"), "/reboots", "1", timeout=30)
    assert done.status == 1 and "reboots again and again" in done.stderr


def test_volatile_trees_run_any_number_of_times_at_once(bare, tree, run):
    with bare.start(tree, "--volatile=overlay", "sleep", "60") as machine:
        machine.wait_started()
        assert run("true", "--volatile=overlay").status == 0
        assert run("true", "--volatile=state").status == 0
        machine.terminate()


@pytest.mark.parametrize("mode", ["yes", "state", "overlay"])
def test_the_running_system_can_be_run_volatile(bare, mode):
    options = [f"--volatile={mode}", "-q", "-D", "/", "-M", bare_bed.new_name("lay")]
    done = bare.run(*options, "sh", "-c", "echo x >/var/x && cat /var/x", timeout=30).check()
    assert done.stdout == "x\n"
    assert not Path("/var/x").exists()


@pytest.mark.parametrize("mode", ["state", "overlay"])
def test_a_system_boots_volatile(bare, tree_cache, mode):
    with bare.boot(tree_cache.unpacked("bookworm"), f"--volatile={mode}") as machine:
        assert machine.poweroff() == 0
