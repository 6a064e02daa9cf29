# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mounts that the user wants: what is seen inside, who owns it, what may be written, and that none can be undone.
That nothing is left, in /var/tmp among other places, is checked behind every test."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import proc

pytestmark = pytest.mark.own_tree("busybox")
BASE = 0x10000 * 4713
ME, MINE = 1234, 1300  # a user and a group of the host that nobody is


@pytest.fixture
def run(bare, tree):
    """Runs a line of shell as the payload, behind options."""

    def run_line(options, line, users="pick", prefix=(), program=None):
        name = bare_bed.new_name("mnt")
        words = [*options, f"--private-users={users}", "--", "/bin/busybox", "sh", "-c", line]
        return proc.run(*prefix, program or bare.program, "-q", "-D", tree, "-M", name, *words)

    return run_line


@pytest.fixture
def source(bare):
    """A folder of the user ME with a file of two bytes, both for nobody else, and a folder of the host's root."""
    folder = bare.folder("source")
    (folder / "file").write_text("x\n", encoding="ascii")
    (folder / "roots").mkdir()
    (folder / "roots" / "secret").write_text("s\n", encoding="ascii")
    (folder / "roots" / "secret").chmod(0o600)
    for path, mode in ((folder, 0o700), (folder / "file", 0o600)):
        os.chown(path, ME, MINE)
        path.chmod(mode)
    return folder


def _in_own_namespace(*lines):
    """Words in front of a program that first run lines of shell in a mount namespace of their own."""
    return ["unshare", "--mount", "sh", "-c", " && ".join([*lines, 'exec "$0" "$@"'])]


def _owner(path):
    st = os.lstat(path)
    return st.st_uid, st.st_gid


# Binds


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_bind_can_be_read_and_written(run, source, users):
    done = run([f"--bind={source}:/mnt"], "cat /mnt/file && echo new >/mnt/new", users).check()
    assert done.stdout == "x\n"
    assert (source / "new").read_text(encoding="ascii") == "new\n"
    assert _owner(source / "new") == ((ME, MINE) if users == "pick" else (0, 0))


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_read_only_bind_can_only_be_read(run, source, users):
    line = "cat /mnt/file; echo new >/mnt/new; rm -f /mnt/file; echo end"
    done = run([f"--bind-ro={source}:/mnt"], line, users).check()
    assert done.stdout == "x\nend\n"
    assert not (source / "new").exists() and (source / "file").exists()


def test_the_owner_of_a_source_is_root_inside_and_the_hosts_root_is_nobody(run, source):
    line = "stat -c %u:%g /mnt /mnt/file /mnt/roots; cat /mnt/roots/secret; touch /mnt/roots/x; chown 0 /mnt/roots"
    done = run([f"--bind={source}:/mnt"], line)
    assert done.stdout.split() == ["0:0", "0:0", "65534:65534"]
    assert done.stderr.count("ermission denied") + done.stderr.count("not permitted") + done.stderr.count("too large") == 3
    assert not (source / "roots" / "x").exists()


def test_others_inside_keep_their_own_ids_in_a_bind(run, source):
    line = "mkdir /mnt/d && touch /mnt/d/f && chown 33:44 /mnt/d/f && stat -c %u:%g /mnt/d/f"
    done = run([f"--bind={source}:/mnt"], line, users=BASE).check()
    assert done.stdout == "33:44\n"
    assert _owner(source / "d" / "f") == (BASE + 33, BASE + 44)


@pytest.mark.parametrize("option", ["--bind", "--bind-ro"])
def test_a_folder_of_the_hosts_root_gives_no_right_that_others_do_not_have(bare, run, option):
    folder = bare.folder("roots")
    (folder / "open").write_text("open\n", encoding="ascii")
    (folder / "secret").write_text("secret\n", encoding="ascii")
    (folder / "secret").chmod(0o600)
    line = "stat -c %u:%g /mnt; cat /mnt/open; cat /mnt/secret; touch /mnt/x; chmod 4755 /mnt/open"
    done = run([f"{option}={folder}:/mnt"], line)
    assert done.stdout == "65534:65534\nopen\n"
    assert sorted(os.listdir(folder)) == ["open", "secret"]
    assert stat.S_IMODE(os.stat(folder / "open").st_mode) == 0o644


def test_that_is_said_of_a_bind_that_was_meant_to_be_written(bare, tree):
    folder = bare.folder("roots")
    words = ["-D", tree, "-M", bare_bed.new_name("mnt"), "--console=read-only", "--", "/bin/busybox", "true"]
    assert f"'{folder}' belongs to the host's root" in bare.run(f"--bind={folder}:/mnt", *words).check().stderr
    assert f"'{folder}'" not in bare.run(f"--bind-ro={folder}:/mnt", *words).check().stderr


def test_called_as_nspawn_nobody_is_mapped_by_default(bare, run, source):
    link = bare.folder("bin") / "systemd-nspawn"
    link.symlink_to(bare.program)
    done = run(["-P", f"--bind={source}:/mnt"], "stat -c %u:%g /mnt; touch /mnt/x", program=link)
    assert done.stdout == "65534:65534\n" and not (source / "x").exists()


# word: what root sees as the owner, and who owns what it makes there, if it may
MAPS = {
    "noidmap": ("65534:65534", None),
    "idmap": (f"{ME}:{MINE}", (0, 0)),
    "rootidmap": ("0:0", (ME, MINE)),
    f"map=0:{ME}:1": ("0:65534", None),
    f"map=u:0:{ME}:1": ("0:65534", None),
    f"map=u:0:{ME}:1,map=g:0:{MINE}:1": ("0:0", (ME, MINE)),
    f"map=7:{ME}:1,map=8:{MINE}:1,map=0:0:1": ("7:8", (0, 0)),
}


@pytest.mark.parametrize("word", sorted(MAPS))
def test_a_word_says_who_owns_the_files_of_a_bind(run, source, word):
    owner, maker = MAPS[word]
    source.chmod(0o755)
    done = run([f"--bind={source}:/mnt:{word}"], "stat -c %u:%g /mnt/file && echo x >/mnt/new; true", BASE).check()
    assert done.stdout.strip() == owner
    assert (source / "new").exists() == (maker is not None)
    assert maker is None or _owner(source / "new") == maker


def test_owneridmap_maps_to_the_owner_of_the_destination(run, tree, source):
    (tree / "mnt").mkdir()
    os.chown(tree / "mnt", 33, 44)
    done = run([f"--bind={source}:/mnt:owneridmap"], "stat -c %u:%g /mnt /mnt/file").check()
    assert done.stdout.split() == ["33:44", "33:44"]


@pytest.mark.parametrize("word", ["", "rootidmap"])
def test_a_file_system_that_cannot_be_mapped_is_told(run, bare, word):
    folder = bare.folder("ramfs")
    prefix = _in_own_namespace(
        f"mount -t ramfs ramfs {folder}", f"chown {ME}:{MINE} {folder}", f"touch {folder}/f", f"chown {ME} {folder}/f"
    )
    done = run([f"--bind={folder}:/mnt:{word}"], "stat -c %u /mnt/f", prefix=prefix)
    if word:
        assert done.status == 1 and f"Failed to map the owners of '{folder}'" in done.stderr, done
        assert "'noidmap' mounts it as it is" in done.stderr
    else:
        assert done.check().stdout.strip() == "65534"


@pytest.mark.parametrize("word,seen", [("rbind", "x"), ("norbind", "")])
def test_a_bind_has_submounts_or_not(run, bare, word, seen):
    folder = bare.folder("sub")
    (folder / "sub").mkdir()
    prefix = _in_own_namespace(f"mount -t tmpfs tmpfs {folder}/sub", f"touch {folder}/sub/x")
    assert run([f"--bind={folder}:/mnt:{word}"], "ls /mnt/sub", prefix=prefix).check().stdout.strip() == seen


def test_read_only_is_recursive(run, bare):
    folder = bare.folder("sub")
    (folder / "sub").mkdir()
    prefix = _in_own_namespace(f"mount -t tmpfs -o mode=1777 tmpfs {folder}/sub")
    for option, seen in (("--bind-ro", "no"), ("--bind", "yes")):
        line = "touch /mnt/sub/y && echo yes || echo no"
        assert run([f"{option}={folder}:/mnt"], line, prefix=prefix).check().stdout.strip() == seen


def test_attributes_of_a_bind_are_set_and_cleared(run, source):
    line = "grep ' /mnt ' /proc/self/mountinfo"
    done = run([f"--bind={source}:/mnt:nosuid,nodev,noexec,nosymfollow,noatime,ro"], line).check()
    words = set(done.stdout.split()[5].split(","))
    assert {"ro", "nosuid", "nodev", "noexec", "nosymfollow", "noatime"} <= words
    prefix = _in_own_namespace(f"mount --bind {source} {source}", f"mount -o remount,bind,ro,nosuid,noatime {source}")
    done = run([f"--bind={source}:/mnt:rw,suid,relatime"], line, prefix=prefix).check()
    assert not {"ro", "nosuid", "noatime"} & set(done.stdout.split()[5].split(","))
    done = run([f"--bind={source}:/mnt"], line, prefix=prefix).check()
    assert {"ro", "nosuid", "noatime"} <= set(done.stdout.split()[5].split(","))


UNDO = {
    "make it writable": "mount -o remount,bind,rw /mnt",
    "unmount it": "umount /mnt",
    "unmount it in a namespace of its own": "unshare -m sh -c 'umount /mnt'",
    "see what is below it": "mkdir /tmp/r && mount --bind / /tmp/r && cat /tmp/r/mnt/below",
}


@pytest.mark.parametrize("how", sorted(UNDO))
@pytest.mark.parametrize("option", ["--bind-ro={}:/mnt", "--overlay-ro=+/etc:{}:/mnt", "--tmpfs=/mnt", "--inaccessible=/mnt"])
def test_a_mount_cannot_be_undone(run, tree, source, option, how):
    (tree / "mnt").mkdir()
    (tree / "mnt" / "below").write_text("below\n", encoding="ascii")
    if how == "make it writable" and option == "--tmpfs=/mnt":
        option = "--tmpfs=/mnt:ro"
    done = run([option.format(source)], UNDO[how] + " && echo undone; true").check()
    assert "undone" not in done.stdout and "below" not in done.stdout, done


@pytest.mark.parametrize("users", ["pick", "no"])
def test_missing_destinations_are_made_and_belong_to_root(run, tree, source, users):
    options = [f"--bind={source}:/new/folder", f"--bind-ro={source}/file:/new/file", "--tmpfs=/new/tmpfs"]
    done = run(options, "cat /new/file; test -f /new/folder/file && stat -c %u /new", users).check()
    assert done.stdout.split() == ["x", "0"]
    assert (tree / "new" / "folder").is_dir() and (tree / "new" / "file").read_bytes() == b""
    assert _owner(tree / "new") == (0, 0)


@pytest.mark.parametrize("of,on", [("folder", "file"), ("file", "folder")])
def test_a_folder_is_not_bound_on_a_file_nor_the_other_way_round(run, tree, source, of, on):
    (tree / "folder").mkdir()
    (tree / "file").touch()
    path = source if of == "folder" else source / "file"
    done = run([f"--bind={path}:/{on}"], "echo ran")
    assert done.status == 1 and f"'/{on}'" in done.stderr and "both folders" in done.stderr, done


def test_a_missing_source_is_an_error_unless_it_is_optional(run, bare):
    path = bare.folder() / "none"
    done = run([f"--bind={path}:/mnt"], "echo ran")
    assert (done.status, done.stdout) == (1, "") and f"'{path}'" in done.stderr
    done = run([f"--bind={path}:/mnt:optional"], "test -e /mnt || echo ran").check()
    assert done.stdout == "ran\n"


def test_mounts_are_made_in_the_order_of_their_destinations(run, source):
    options = [f"--bind-ro={source}/file:/a/b/file", "--tmpfs=/a/b", "--tmpfs=/a"]
    assert run(options, "cat /a/b/file && touch /a/x /a/b/x").check().stdout == "x\n"


def test_colons_can_be_in_paths(run, bare):
    folder = bare.folder("with:colon")
    (folder / "f").write_text("f\n", encoding="ascii")
    escaped = str(folder).replace(":", "\\:")
    assert run([f"--bind-ro={escaped}:/a\\:b"], "cat /a:b/f").check().stdout == "f\n"


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_source_inside_the_tree_has_the_trees_owners(run, tree, users):
    (tree / "data").mkdir()
    (tree / "data" / "f").touch()
    os.chown(tree / "data" / "f", 33, 44)
    line = "stat -c %u:%g /mnt/f; touch /mnt/new && echo yes || echo no"
    assert run(["--bind=+/data:/mnt"], line, users).check().stdout.split() == ["33:44", "yes"]
    assert _owner(tree / "data" / "new") == (0, 0)
    assert run(["--bind-ro=+/data:/mnt"], line, users).check().stdout.split() == ["33:44", "no"]


@pytest.mark.parametrize("users", ["pick", "no"])
def test_an_empty_source_is_a_new_folder_that_goes_at_the_end(run, users):
    line = "ls -A /mnt; stat -c %u:%a /mnt; touch /mnt/x; mkdir -p /mnt/a/b && chmod 0 /mnt/a; chattr +i /mnt/x; true"
    assert run(["--bind=:/mnt"], line, users).check().stdout == "0:755\n"


def test_a_temporary_folder_outlives_a_reboot(run):
    line = "test -e /mnt/x && exec echo again; touch /mnt/x; reboot -f"
    assert run(["--bind=:/mnt"], line).check().stdout == "again\n"


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_bind_below_proc_is_made_by_the_payloads_side(run, source, users):
    (source / "file").chmod(0o644)
    source.chmod(0o755)
    options = [f"--bind-ro={source}/file:/proc/cpuinfo", "--inaccessible=/proc/cmdline", "--tmpfs=/sys/kernel:size=1m"]
    done = run(options, "cat /proc/cpuinfo; cat /proc/cmdline 2>&- | wc -c; ls -A /sys/kernel", users).check()
    assert done.stdout.split() == ["x", "0"]


def test_a_bind_below_tmp_is_not_covered(run, source):
    done = run([f"--bind-ro={source}:/tmp/.X11-unix"], "cat /tmp/.X11-unix/file; touch /tmp/x && stat -c %a /tmp").check()
    assert done.stdout.split() == ["x", "1777"]


def test_a_device_node_can_be_bound(run):
    assert run(["--bind=/dev/zero:/dev/other"], "head -c 3 /dev/other | wc -c").check().stdout.strip() == "3"


def test_a_bind_on_the_root_takes_the_trees_place(run, bare, tree):
    other = bare.tree("busybox")
    (other / "other").write_text("other\n", encoding="ascii")
    assert run([f"--bind={other}:/"], "cat /other; ls /proc/self >/dev/null && echo yes", "no").check().stdout == (
        "other\nyes\n"
    )
    done = run([f"--bind={other}:/"], "cat /other")
    assert done.status == 1 and "--directory=" in done.stderr


def test_nobody_else_on_the_host_can_enter_a_temporary_folder(bare, tree):
    line = "touch /mnt/x && chmod 4755 /mnt/x && while :; do sleep 1; done"
    with bare.start(tree, "--bind=:/mnt", "--", "/bin/busybox", "sh", "-c", line) as booted:
        proc.wait_for(lambda: _temporary(booted.name), 5, "the folder")
        (folder,) = _temporary(booted.name)
        st = os.stat(folder)
        assert (st.st_uid, stat.S_IMODE(st.st_mode)) == (0, 0o700)


def _temporary(name):
    return [f"/var/tmp/{entry}" for entry in os.listdir("/var/tmp") if entry.startswith(f"boot-tree-{name}-")]


def test_what_a_killed_run_left_is_removed_by_the_next_start(bare, tree, layers):
    """Folders in /var/tmp, and the work folders of overlays, on the host and in the tree."""
    Path("/run/boot-tree").mkdir(exist_ok=True)
    prefix = _in_own_namespace(f"mount --bind {bare.folder('records')} /run/boot-tree")
    name = bare_bed.new_name("kill")
    line = "mkdir -p /a/b/c && chmod 0 /a/b && touch /mnt/new && echo ready && while :; do sleep 1; done"
    (tree / "data").mkdir()
    options = ["--bind=:/a", f"--overlay={layers}/one:{layers}/up:/mnt", f"--overlay={layers}/one:+/data/up:/b"]
    words = [*prefix, bare.program, "-q", "-D", tree, "-M", name, *options]
    process = proc.start([*words, "--", "/bin/busybox", "sh", "-c", line], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.kill()
    process.wait(5)
    assert len(_temporary(name)) == 1
    for folder in (layers, tree / "data"):
        assert any(entry.startswith(".#boot-tree-") for entry in os.listdir(folder)), folder
    other = bare.tree("busybox")
    proc.run(*prefix, bare.program, "-q", "-D", other, "-M", bare_bed.new_name("next"), "/bin/busybox", "true").check()
    assert _temporary(name) == [] and sorted(os.listdir(layers)) == ["one", "two", "up"]
    assert os.listdir(layers / "up") == ["new"] and os.listdir(tree / "data") == ["up"]


# Tmpfs, hiding


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_tmpfs_has_owners_of_the_payloads(run, users):
    options = ["--tmpfs=/a", "--tmpfs=/b:uid=33,gid=44,mode=0700,size=1m", "--tmpfs=/c:size=1m,noexec"]
    line = "stat -c %u:%g:%a /a /b /c; grep ' /c ' /proc/self/mountinfo | grep -c noexec"
    assert run(options, line, users).check().stdout.split() == ["0:0:755", "33:44:700", "0:0:1777", "1"]


def test_what_tmpfs_does_not_take_is_told_in_the_kernels_words(run):
    done = run(["--tmpfs=/a:bogus=1"], "echo ran")
    assert done.status == 1 and "bogus" in done.stderr and "'/a'" in done.stderr


@pytest.mark.parametrize("users", ["pick", "no"])
@pytest.mark.parametrize("kind", ["file", "folder", "fifo"])
def test_what_is_hidden_is_empty_and_of_the_same_kind(run, tree, users, kind):
    if kind == "file":
        (tree / "hide").write_text("secret\n", encoding="ascii")
    elif kind == "folder":
        (tree / "hide").mkdir()
        (tree / "hide" / "secret").touch()
    else:
        os.mkfifo(tree / "hide")
    line = "stat -c %F:%a /hide; ls -A /hide; test -f /hide && cat /hide; rm -rf /hide/secret; touch /hide/x; true"
    done = run(["--inaccessible=/hide"], line, users).check()
    name = {"file": "regular empty file", "folder": "directory", "fifo": "fifo"}[kind]
    assert done.stdout.splitlines()[0] == f"{name}:0" and "secret" not in done.stdout


def test_hiding_what_is_not_there_is_an_error(run):
    done = run(["--inaccessible=/none"], "echo ran")
    assert (done.status, done.stdout) == (1, "") and "'/none'" in done.stderr


# Overlays


@pytest.fixture
def layers(bare):
    """Folders one, two and up; the first two have the file "file", with their names, and one of their own."""
    folder = bare.folder("layers")
    for name in ("one", "two", "up"):
        (folder / name).mkdir()
        if name != "up":
            (folder / name / "file").write_text(f"{name}\n", encoding="ascii")
            (folder / name / name).touch()
    os.chown(folder / "one" / "one", 33, 44)
    return folder


@pytest.mark.parametrize("users", ["pick", "no"])
def test_an_overlay_keeps_changes_in_its_upper_with_the_owners_of_the_tree(run, layers, users):
    line = "cat /mnt/file; stat -c %u:%g /mnt/one; echo new >/mnt/new; chown 33:44 /mnt/file; rm /mnt/two; ls /mnt"
    done = run([f"--overlay={layers}/one:{layers}/two:{layers}/up:/mnt"], line, users).check()
    assert done.stdout.split() == ["two", "33:44", "file", "new", "one"]
    assert _owner(layers / "up" / "new") == (0, 0) and _owner(layers / "up" / "file") == (33, 44)
    assert sorted(os.listdir(layers)) == ["one", "two", "up"], "the work folder is left"
    assert sorted(os.listdir(layers / "two")) == ["file", "two"]
    again = run([f"--overlay={layers}/one:{layers}/two:{layers}/up:/mnt"], "ls /mnt", users).check()
    assert again.stdout.split() == ["file", "new", "one"]


def test_a_missing_upper_is_made(run, layers):
    run([f"--overlay={layers}/one:{layers}/new:/mnt"], "touch /mnt/x").check()
    assert os.listdir(layers / "new") == ["x"] and _owner(layers / "new") == (0, 0)


@pytest.mark.parametrize("users", ["pick", "no"])
def test_an_overlay_without_an_upper_forgets_changes(run, layers, users):
    options = [f"--overlay={layers}/one::/mnt"]
    for _ in range(2):
        assert run(options, "ls -A /mnt; touch /mnt/new && rm /mnt/file", users).check().stdout.split() == ["file", "one"]


@pytest.mark.parametrize("users", ["pick", "no"])
def test_a_read_only_overlay_cannot_be_written(run, layers, users):
    line = "cat /mnt/file; touch /mnt/new && echo written; ls /mnt"
    done = run([f"--overlay-ro={layers}/one:{layers}/two:/mnt"], line, users).check()
    assert done.stdout.split() == ["two", "file", "one", "two"]


def test_a_layer_can_be_inside_the_tree(run, tree, layers):
    (tree / "data").mkdir()
    (tree / "data" / "f").touch()
    os.chown(tree / "data" / "f", 33, 44)
    done = run([f"--overlay=+/data:{layers}/up:/data"], "stat -c %u:%g /data/f && touch /data/new").check()
    assert done.stdout.strip() == "33:44"
    assert os.listdir(layers / "up") == ["new"] and os.listdir(tree / "data") == ["f"]


@pytest.mark.parametrize("users", ["pick", "no"])
def test_an_overlay_can_keep_its_changes_inside_the_tree(run, tree, layers, users):
    (tree / "data").mkdir()
    (tree / "base").mkdir()
    options = [f"--overlay={layers}/one:+/data/up:/mnt", "--overlay=+/base:+/srv"]
    line = "echo new >/mnt/new; chown 33:44 /mnt/file; touch /srv/other; ls -A /mnt /srv"
    done = run(options, line, users).check()
    assert done.stdout.split() == ["/mnt:", "file", "new", "one", "/srv:", "other"]
    assert _owner(tree / "data" / "up") == (0, 0) and _owner(tree / "data" / "up" / "file") == (33, 44)
    assert os.listdir(tree / "data") == ["up"] and os.listdir(tree / "srv") == ["other"], "no work folder is left"
    assert not [name for name in os.listdir(tree) if name.startswith(".#")]
    assert run(options, "cat /mnt/new", users).check().stdout == "new\n"


def test_many_layers_go_into_one_overlay(run, bare):
    folder = bare.folder("many")
    for number in range(40):
        (folder / str(number)).mkdir()
        (folder / str(number) / f"f{number}").touch()
    paths = ":".join(str(folder / str(number)) for number in range(40))
    assert run([f"--overlay={paths}::/mnt"], "ls /mnt | wc -l").check().stdout.strip() == "40"


def test_an_upper_that_is_a_mount_point_is_refused(run, layers):
    prefix = _in_own_namespace(f"mount -t tmpfs tmpfs {layers}/up")
    done = run([f"--overlay={layers}/one:{layers}/up:/mnt"], "echo ran", prefix=prefix)
    assert done.status == 1 and "is a mount point" in done.stderr
