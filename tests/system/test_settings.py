# SPDX-License-Identifier: LGPL-2.1-or-later
"""Settings files: where they are found, what they may set, and what is not read."""

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from beds import bare as bare_bed
from beds import proc

ETC, RUN = Path("/etc/systemd/nspawn"), Path("/run/systemd/nspawn")


class Machine:
    """A name and a tree that no other test has, and settings files for it."""

    def __init__(self, bare, source: Path) -> None:
        self.bare = bare
        self.name = bare_bed.new_name("set")
        self.folder = bare.folder("settings")
        self.tree = self.folder / self.name
        # Beside a link there is a folder of our own, and the tree can be shared.
        self.tree.symlink_to(source)
        self.made: list[Path] = []
        self.places = {"etc": ETC, "run": RUN, "beside": self.folder}

    def path(self, place: str, drop_in: str = "") -> Path:
        """Where a settings file of this machine is."""
        name = f"{self.name}.nspawn"
        return self.places[place] / (f"{name}.d/{drop_in}" if drop_in else name)

    def make_folder(self, path: Path) -> None:
        """Makes PATH, and remembers what has to go."""
        if not path.exists():
            self.make_folder(path.parent)
            path.mkdir()
            self.made.append(path)

    def write(self, place: str, text: str, drop_in: str = "") -> Path:
        """Writes a settings file; lines of [Exec] unless TEXT says otherwise."""
        path = self.path(place, drop_in)
        self.make_folder(path.parent)
        path.write_text(text if text.startswith("[") else f"[Exec]\n{text}", encoding="utf-8")
        self.made.append(path)
        return path

    def run(self, *words, **how) -> proc.Result:
        """boot-tree on the tree."""
        return self.bare.run("-D", self.tree, *words, **how)

    def hostname(self, *options) -> str:
        """The host name inside."""
        return self.run("-q", *options, "cat", "/proc/sys/kernel/hostname").check().stdout.strip()

    def done(self) -> None:
        """Removes everything outside of the test's folder."""
        for path in reversed(self.made):
            if not path.is_relative_to(self.folder):
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


@pytest.fixture
def machine(bare, tree_cache):
    """A machine whose tree no test changes."""
    made = Machine(bare, tree_cache.unpacked("minbase"))
    yield made
    made.done()


@pytest.mark.parametrize("place", ["etc", "run", "beside"])
def test_a_file_is_read_in_each_place(machine, place):
    machine.write(place, "Hostname=from-file\n")
    assert machine.hostname() == "from-file"


def test_the_first_file_counts_and_hides_the_others(machine):
    machine.write("beside", "Hostname=beside\nUser=daemon\n")
    machine.write("run", "Hostname=run\n")
    assert machine.hostname() == "run"
    machine.write("etc", "Hostname=etc\n")
    assert machine.hostname() == "etc"
    assert machine.run("-q", "id", "-un").check().stdout == "root\n"


def test_a_link_to_dev_null_hides_the_others(machine):
    machine.write("beside", "Hostname=beside\n")
    machine.make_folder(ETC)
    machine.path("etc").symlink_to("/dev/null")
    machine.made.append(machine.path("etc"))
    assert machine.hostname() == machine.name


def test_drop_ins_of_all_places_come_in_the_order_of_their_names(machine):
    machine.write("etc", "Hostname=main\nEnvironment=A=1\n")
    machine.write("run", "Hostname=second\nEnvironment=B=2\n", "20-b.conf")
    machine.write("etc", "Hostname=first\n", "10-a.conf")
    machine.write("etc", "Hostname=not-read\n", "99-c.txt")
    done = machine.run("-q", "sh", "-c", "echo $(cat /proc/sys/kernel/hostname) $A $B").check()
    assert done.stdout == "second 1 2\n"


def test_of_two_drop_ins_with_one_name_the_first_place_counts(machine):
    machine.write("etc", "Environment=A=etc\n", "a.conf")
    machine.write("run", "Environment=A=run B=run\n", "a.conf")
    assert machine.run("-q", "sh", "-c", "echo $A${B-}").check().stdout == "etc\n"


def test_a_drop_in_needs_no_file(machine):
    machine.write("beside", "Hostname=dropped\n", "a.conf")
    assert machine.hostname() == "dropped"


def test_a_drop_in_beside_the_tree_cannot_undo_what_root_wrote(machine):
    machine.write("etc", "User=daemon\n")
    machine.write("beside", "User=root\nHostname=beside\n", "zz.conf")
    assert machine.run("-q", "id", "-un").check().stdout == "daemon\n"
    assert machine.hostname() == "beside"


def test_the_command_line_counts_more_unless_the_file_overrides(machine):
    machine.write("beside", "Hostname=file\n")
    assert machine.hostname("--hostname=line") == "line"
    assert machine.hostname("--hostname=line", "--settings=trusted") == "line"
    assert machine.hostname("--hostname=line", "--settings=override") == "file"
    assert machine.hostname("--settings=no") == machine.name


def test_a_file_beside_the_tree_cannot_open_the_boundary(machine):
    machine.write("beside", "PrivateUsers=no\n[Network]\nPrivate=no\n")
    done = machine.run("sh", "-c", "cut -c1-30 /proc/self/uid_map; ls /sys/class/net")
    assert done.check().stdout.split()[0:2] != ["0", "0"] and done.stdout.split()[-1] == "lo"
    assert f"{machine.path('beside')}:2: PrivateUsers=: Only a trusted" in done.stderr
    assert f"{machine.path('beside')}:4: Private=: Only a trusted" in done.stderr


def test_a_trusted_file_can_open_the_boundary(machine):
    machine.write("beside", "PrivateUsers=no\n")
    done = machine.run("-q", "--settings=trusted", "cat", "/proc/self/uid_map").check()
    assert done.stdout.split() == ["0", "0", "4294967295"]


def test_a_misspelt_key_is_named_with_its_line_and_a_suggestion(machine):
    path = machine.write("beside", "# comment\n\nHostnam=x\n")
    done = machine.run("true").check()
    assert f"{path}:4: Unknown key Hostnam= in section [Exec] (did you mean Hostname=?), ignoring\n" in done.stderr


def test_a_bad_value_is_an_error_with_its_line(machine):
    path = machine.write("run", "Boot=perhaps\n")
    done = machine.run("-q", "true")
    assert (done.status, done.stderr) == (1, f"{path}:2: Boot=: neither yes nor no\n")


def test_as_nspawn_a_bad_value_is_skipped(machine):
    machine.write("beside", "KillSignal=perhaps\nHostname=x\n")
    link = machine.folder / "systemd-nspawn"
    link.symlink_to(machine.bare.program)
    done = proc.run(link, "-qP", "--private-users=pick", "-D", machine.tree, "hostname", timeout=10)
    assert done.check().stdout == "x\n" and "KillSignal=" in done.stderr and "ignoring" in done.stderr


def test_the_words_of_a_file_are_the_command(machine):
    machine.write("etc", "Parameters=printf '%%s.' 'two words' \"\" x\n".replace("%%", "%"))
    assert machine.run("-q").check().stdout == "two words..x."


def test_settings_are_found_by_the_machines_name(machine):
    machine.write("beside", "Hostname=wrong\n")
    other = bare_bed.new_name("other")
    machine.make_folder(ETC)
    path = ETC / f"{other}.nspawn"
    path.write_text("[Exec]\nHostname=right\n", encoding="ascii")
    machine.made.append(path)
    assert machine.hostname("-M", other) == "right"


@pytest.mark.parametrize("value", ["yes", "memory"])
def test_a_copy_is_made_by_a_setting_and_has_the_settings_of_its_tree(machine, value):
    machine.write("etc", f"Ephemeral={value}\nEnvironment=A=1\n")
    words = ["sh", "-c", "touch /made-inside && cat /proc/sys/kernel/hostname && echo $A"]
    name, variable = machine.run("-q", *words).check().stdout.split()
    assert name.startswith(f"{machine.name}-") and variable == "1"
    assert not (machine.tree / "made-inside").exists()


def test_a_file_beside_the_tree_cannot_ask_for_a_copy(machine):
    path = machine.write("beside", "Ephemeral=yes\n")
    done = machine.run("cat", "/proc/sys/kernel/hostname").check()
    assert done.stdout == f"{machine.name}\n" and f"{path}:2: Ephemeral=: Only a trusted" in done.stderr


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


HOSTILE = {
    "link-to-shadow": lambda path: path.symlink_to("/etc/shadow"),
    "link-to-a-fine-file": lambda path: (path.with_suffix(".x").write_text("[Exec]\n"), path.symlink_to("x.x")),
    "link-to-itself": lambda path: path.symlink_to(path.name),
    "fifo": os.mkfifo,
    "terminal": lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(5, 0)),
    "null": lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    "endless": lambda path: os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5)),
    "folder": lambda path: path.mkdir(),
    "socket": _socket,
    "gigabyte": lambda path: (path.touch(), os.truncate(path, 1 << 30)),
    "binary": lambda path: path.write_bytes(b"[Exec]\n\0" * 100),
    "noise": lambda path: path.write_text("[Exec]\n" + "x=\n" * 20000, encoding="ascii"),
}


@pytest.mark.parametrize("is_drop_in", [False, True], ids=["file", "drop-in"])
@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_what_is_no_settings_file_beside_the_tree_is_not_read(machine, kind, is_drop_in):
    path = machine.path("beside", "a.conf" if is_drop_in else "")
    machine.make_folder(path.parent)
    HOSTILE[kind](path)
    done = machine.run("-q", "true", timeout=5)
    assert done.status == 1 and not done.timed_out and done.stdout == "", done
    assert str(path) in done.stderr.splitlines()[-1] and "root:" not in done.stderr, done
    machine.run("-q", "--settings=no", "true").check()


def test_a_folder_of_drop_ins_is_not_followed_beside_the_tree(machine):
    elsewhere = machine.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.conf").write_text("[Exec]\nHostname=x\n", encoding="ascii")
    machine.path("beside", "x").parent.symlink_to(elsewhere)
    done = machine.run("-q", "true")
    assert done.status == 1 and ".nspawn.d" in done.stderr


def test_a_full_file_beside_the_tree_is_quick(machine):
    words = " ".join(f"A{number}=" for number in range(8000))
    machine.write("beside", f"Environment={words}\n")
    done = machine.run("-q", "--dry-run", timeout=5)
    assert done.check().seconds < 2


def test_cat_shows_each_setting_with_its_source(machine):
    etc = machine.write("etc", "Hostname=file\nUser=root\n")
    drop_in = machine.write("beside", "Environment=A=1\nPrivateUsers=no\n", "a.conf")
    done = machine.bare.run("cat", "-D", machine.tree, "--hostname=line").check()
    assert "# command line\nHostname=line\n" in done.stdout
    assert f"# {etc}:3\nUser=root\n" in done.stdout
    assert f"# {drop_in}:2\nEnvironment=A=1\n" in done.stdout
    assert "\n#PrivateUsers=\n" in done.stdout.split("# default")[1]
    assert f"{drop_in}:3: PrivateUsers=: Only a trusted" in done.stderr


def test_cat_prints_json_for_programs(machine):
    path = machine.write("run", 'Parameters=a "b c"\n')
    done = machine.bare.run("cat", "--json", "-D", machine.tree).check()
    settings = json.loads(done.stdout)
    values = next(row["values"] for row in settings["settings"] if row["key"] == "Exec.Parameters")
    assert settings["machine"] == machine.name and settings["files"] == [str(path)]
    assert values == [{"value": word, "source": f"{path}:2"} for word in ("a", "b c")]


def test_cat_takes_a_name(machine, tree_cache):
    link = Path("/var/lib/machines") / machine.name
    link.symlink_to(tree_cache.unpacked("minbase"))
    try:
        machine.write("etc", "Hostname=x\n")
        assert "Hostname=x\n" in machine.bare.run("cat", machine.name).check().stdout
    finally:
        link.unlink()


def test_what_cat_prints_is_a_settings_file_with_the_same_effect(machine):
    options = ["--hostname=x", "-E", "A=it's \"b\"", "--chdir=/usr", "-u", "daemon"]
    machine.write("etc", machine.bare.run("cat", "-D", machine.tree, *options).check().stdout)
    done = machine.run("-q", "sh", "-c", "pwd; id -un; echo $A; cat /proc/sys/kernel/hostname").check()
    assert done.stdout == "/usr\ndaemon\nit's \"b\"\nx\n"


def test_cat_says_what_a_start_would_refuse(machine):
    machine.write("etc", "[Files]\nReadOnly=yes\nPrivateUsersOwnership=chown\n")
    done = machine.bare.run("cat", "-D", machine.tree)
    assert done.status == 1 and "ReadOnly=yes\n" in done.stdout and "cannot be combined" in done.stderr
