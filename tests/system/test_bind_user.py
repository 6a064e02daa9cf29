# SPDX-License-Identifier: LGPL-2.1-or-later
"""Users of the host who get an account inside: their home, their records, and what stays secret."""

import os
import resource

import pytest

from beds import proc, treehash
from beds.other_host import OtherHost

USERS = pytest.mark.parametrize("users", ["pick", "no"])
UID, GID = 4711, 4712
INSIDE = 60514
HASH = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g."
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE me@host"


@pytest.fixture
def home(bare):
    """The home of a user of the host, with one file."""
    folder = bare.folder("home")
    (folder / "file").write_text("mine", encoding="ascii")
    (folder / ".ssh").mkdir()
    (folder / ".ssh/authorized_keys").write_text(f"# a comment\n{KEY}\n\n", encoding="ascii")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, UID, GID)
    return folder


@pytest.fixture
def host(bare, tree_cache, home):
    """A host with that user, and a tree that stays as it is."""
    other = OtherHost(bare, tree_cache.unpacked("minbase"))
    other.add_user("me", UID, home, gid=GID, shadow=HASH, shell="/bin/bash")
    return other


@USERS
def test_a_bound_user_has_his_home_and_its_files(host, home, users):
    line = 'id -u; id -g; echo $HOME; cd; pwd; stat -c "%u:%g" file; cat file; echo; echo new >new'
    done = host.shell(line, f"--private-users={users}", "--bind-user=me", "--uid=me")
    assert done.stdout.splitlines() == [f"{INSIDE}", f"{INSIDE}", *["/run/host/home/me"] * 2, f"{INSIDE}:{INSIDE}", "mine"]
    st = os.stat(home / "new")
    assert (st.st_uid, st.st_gid) == (UID, GID)


@USERS
def test_what_belongs_to_others_in_a_home_stays_theirs(host, home, users):
    (home / "theirs").write_text("x", encoding="ascii")
    (home / "theirs").chmod(0o600)
    done = host.shell("cat theirs 2>&- || echo no", f"--private-users={users}", "--bind-user=me", "--uid=me", "--chdir=/run/host/home/me")
    assert done.stdout == "no\n"


def test_a_bound_user_without_being_asked_for_is_nobody(host):
    """The payload runs as root as before, who can do all in the home that its user can."""
    assert host.shell("id -u; cat /run/host/home/me/file", "--bind-user=me").stdout == "0\nmine"


def test_records_are_readable_but_for_the_secrets(host):
    line = "cd /run/host/userdb && ls && cat me.user me.group 60514.user && stat -c %a me.user me.user-privileged && cat me.user-privileged"
    done = host.shell(line, "--bind-user=me", "--bind-user-shell=yes", "--bind-user-group=audio")
    assert done.stdout.split("{", 1)[0].split() == [
        *("60514.group", "60514.user", "60514.user-privileged", "me.group", "me.user", "me.user-privileged"),
        "me:audio.membership",
    ]
    assert '"shell": "/bin/bash"' in done.stdout and '"realName": "The User"' in done.stdout
    assert "\n444\n400\n" in done.stdout
    assert f'{{"privileged": {{"hashedPassword": ["{HASH}"], "sshAuthorizedKeys": ["{KEY}"]}}}}' in done.stdout


def test_secrets_are_not_in_a_plan(host):
    done = host.run("--bind-user=me", "--dry-run", "true").check()
    assert "me.user-privileged" in done.stdout and HASH not in done.stdout and KEY not in done.stdout


def test_a_user_without_a_password_or_keys_has_no_secrets(bare, tree_cache):
    other = OtherHost(bare, tree_cache.unpacked("minbase"))
    home = bare.folder("home")
    other.add_user("locked", UID, home, shadow="!" + HASH)
    assert other.shell("ls /run/host/userdb", "--bind-user=locked").stdout.split() == [
        *("60514.group", "60514.user", "locked.group", "locked.user"),
    ]


def test_shells(host):
    shells = {"": None, "--bind-user-shell=no": None, "--bind-user-shell=yes": "/bin/bash", "--bind-user-shell=/bin/dash": "/bin/dash"}
    for option, shell in shells.items():
        done = host.shell("cat /run/host/userdb/me.user", "--bind-user=me", *filter(None, [option]))
        assert (f'"shell": "{shell}"' in done.stdout) if shell else ("shell" not in done.stdout), option


def test_a_bound_user_is_in_the_groups_that_are_asked_for(host):
    options = ["--bind-user=me", "--uid=me", "--bind-user-group=audio", "--bind-user-group=games"]
    assert host.shell("id -G", *options).stdout.split() == [str(INSIDE), "29", "60"]


def test_the_tree_stays_as_it_is(host):
    before = treehash.snapshot(host.tree / "etc")
    host.shell("true", "--bind-user=me")
    assert treehash.difference(before, treehash.snapshot(host.tree / "etc")) == []


# who is bound: what the line of the error says
REFUSED = {
    "nobody-knows": "No user 'nobody-knows' on this host",
    "daemon": "the tree has a user 'daemon'",
    "toor": "is root",
    "homeless": "'/' ",
    "lost": "'/nowhere' is no folder",
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_who_cannot_be_bound_is_an_error(host, name):
    host.add_user("toor", 0, "/root")
    host.add_user("homeless", 4713, "/")
    host.add_user("lost", 4714, "/nowhere")
    done = host.run(f"--bind-user={name}", "true")
    assert done.status == 1 and REFUSED[name].strip() in done.stderr and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize("kind", ["fifo", "device", "endless", "huge"])
def test_a_home_that_is_none_is_an_error(bare, host, kind):
    path = bare.folder("homes") / "odd"
    path.touch()
    put(path, kind)
    host.add_user("odd", 4715, path)
    done = host.run("--bind-user=odd", "true")
    assert not done.timed_out and done.status == 1 and f"'{path}'" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1, done


def test_a_home_that_leads_elsewhere_gives_nothing_that_its_user_has_not(bare, host):
    """Its user may have put a link there, if the folder above is his; of what it leads to he owns nothing."""
    secret = bare.folder("secret")
    (secret / "file").write_text("of root", encoding="ascii")
    secret.chmod(0o700)
    path = bare.folder("homes") / "odd"
    path.symlink_to(secret)
    host.add_user("odd", 4715, path)
    line = "cat /run/host/home/odd/file 2>&-; touch /run/host/home/odd/new 2>&-; chmod 755 /run/host/home/odd 2>&-; true"
    done = host.run("--bind-user=odd", "--", "sh", "-c", line)
    assert "of root" not in done.stdout and sorted(os.listdir(secret)) == ["file"], done
    assert os.stat(secret).st_mode & 0o777 == 0o700


@USERS
def test_systemd_inside_knows_a_bound_user(bare, home, users):
    """By nss-systemd: name, home, shell, groups; and the secrets, but to nobody but root."""
    other = OtherHost(bare, None)
    other.add_user("me", UID, home, gid=GID, shadow=HASH)
    options = [f"--private-users={users}", "--bind-user=me", "--bind-user-shell=/bin/sh", "--bind-user-group=audio"]
    with bare.boot(bare.tree("nss"), *options, prefix=other.prefix) as machine:
        assert machine.inside("getent", "passwd", "me").check().stdout == f"me:x:{INSIDE}:{INSIDE}:The User:/run/host/home/me:/bin/sh\n"
        assert machine.inside("getent", "passwd", str(INSIDE)).check().stdout.startswith("me:")
        assert machine.inside("id", "-Gn", "me").check().stdout.split() == ["me", "audio"]
        assert machine.inside("getent", "shadow", "me").check().stdout.startswith(f"me:{HASH}:")
        assert machine.inside("userdbctl", "ssh-authorized-keys", "me").check().stdout == f"{KEY}\n"
        words = ["systemd-run", "--pipe", "--wait", "-q", "-p", "User=me", "sh", "-c"]
        assert machine.inside(*words, "id -un; cat ~/file; cat /run/host/userdb/*privileged 2>&- || echo no").check().stdout == "me\nmineno\n"


# Harm

KINDS = ("fifo", "folder", "device", "endless", "huge")


def put(path, kind: str) -> None:
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path, 0o666)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        os.mknod(path, 0o020666, os.makedev(1, 5))
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with open(path, "wb") as handle:
            handle.truncate(1 << 30)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (128 << 20, 128 << 20))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["passwd", "group"])
def test_a_database_of_the_tree_that_is_none_is_an_error(bare, host, name, kind):
    """Whether a name is free inside cannot be told then."""
    tree = bare.tree("busybox")
    put(tree / f"etc/{name}", kind)
    words = ["-q", "-D", tree, "--bind-user=me", "/bin/busybox", "true"]
    done = proc.run(*host.prefix, bare.program, *words, timeout=5, preexec_fn=limit_memory)
    if kind == "endless":
        assert not done.timed_out and done.status in (0, 1), done  # the tree has no /dev/zero
        return
    assert done.status == 1 and f"'/etc/{name}' of the tree" in done.stderr and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize("kind", [*KINDS, "shadow", "folder-link", "hard-link"])
def test_keys_that_are_not_the_users_are_not_shown(bare, host, home, kind):
    """A home belongs to its user, who must not get to see through us what he may not read."""
    path = home / ".ssh/authorized_keys"
    secret = bare.folder() / "secret"
    secret.write_text("ssh-rsa of-root\n", encoding="ascii")
    if kind == "shadow":
        path.unlink()
        path.symlink_to(secret)
    elif kind == "folder-link":
        path.unlink()
        path.parent.rmdir()
        secret.rename(secret.with_name("authorized_keys"))
        path.parent.symlink_to(secret.parent)
    elif kind == "hard-link":
        path.unlink()
        os.link(secret, path)
    else:
        put(path, kind)
    done = host.shell("cat /run/host/userdb/me.user-privileged", "--bind-user=me")
    assert "hashedPassword" in done.stdout and "ssh" not in done.stdout
