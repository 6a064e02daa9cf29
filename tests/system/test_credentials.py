# SPDX-License-Identifier: LGPL-2.1-or-later
"""Secrets for the payload: where they come from, who can read them, and where they never show up."""

import os
import socket
import threading
from pathlib import Path

import pytest

from beds import bare as bare_bed

SECRET = "Tr0ub4dor"
EVERY_BYTE = bytes(range(256)) * 5


@pytest.fixture
def run(bare, tree):
    """Runs a line of shell as the payload, behind options."""

    def run_line(line, *options, **how):
        return bare.run("-q", "-D", tree, "-M", bare_bed.new_name("cred"), *options, "--", "sh", "-c", line, **how)

    return run_line


USERS = pytest.mark.parametrize("users", ["pick", "no"])


@USERS
def test_credentials_belong_to_the_payloads_root_alone(run, users):
    line = 'cd $CREDENTIALS_DIRECTORY && stat -c "%n %a %u:%g" . * && cat a b'
    options = [f"--private-users={users}", "--set-credential=a:one\\n", "--set-credential=b:tw\\x6f"]
    done = run(line, *options).check()
    assert done.stdout == ". 500 0:0\na 400 0:0\nb 400 0:0\none\ntwo"


@USERS
def test_credentials_cannot_be_changed(run, users):
    line = "cd /run/host/credentials; echo x >a; echo x >c; rm -f a; ln -s a d; cd /; cat /run/host/credentials/*"
    done = run(line, f"--private-users={users}", "--set-credential=a:one")
    assert (done.status, done.stdout) == (0, "one"), done


def test_what_holds_credentials_is_locked(run):
    line = "umount /run/host/credentials; mount -o remount,bind,rw /run/host/credentials; echo x >/run/host/credentials/a"
    done = run(f"{line}; cat /run/host/credentials/a", "--set-credential=a:one")
    assert done.stdout == "one", done


def test_without_credentials_there_is_no_folder(run):
    assert run("echo ${CREDENTIALS_DIRECTORY-none}; ls /run/host").check().stdout.split()[0] == "none"


@pytest.mark.parametrize("mode", [[], ["--as-pid2"]])
def test_a_command_of_another_user_can_read_them(run, mode):
    assert run("cat $CREDENTIALS_DIRECTORY/a", "--uid=daemon", "--set-credential=a:one", *mode).check().stdout == "one"


def _serve(path: Path, data: bytes):
    """A stream socket at PATH that says DATA to the first that connects."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def answer():
        peer, _ = server.accept()
        with server, peer:
            peer.sendall(data)

    threading.Thread(target=answer, daemon=True).start()


@USERS
@pytest.mark.parametrize("source", ["file", "relative", "link", "fifo", "socket", "inherited", "same-name"])
def test_a_credential_is_loaded_as_it_is(bare, run, source, users):
    folder = bare.folder()
    path, option, env, writer = folder / "x", f"a:{folder}/x", None, None
    if source == "fifo":
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(EVERY_BYTE,), daemon=True)
        writer.start()
    elif source == "socket":
        _serve(path, EVERY_BYTE)
    else:
        path.write_bytes(EVERY_BYTE)
    if source == "relative":
        option = "a:./x"
    elif source == "link":
        (folder / "link").symlink_to("x")
        option = f"a:{folder}/link"
    elif source == "inherited":
        option, env = "a:x", {"CREDENTIALS_DIRECTORY": str(folder)}
    elif source == "same-name":
        (folder / "a").write_bytes(EVERY_BYTE)
        option, env = "a", {"CREDENTIALS_DIRECTORY": str(folder)}
    words = [f"--private-users={users}", f"--load-credential={option}"]
    done = run("od -An -v -tx1 /run/host/credentials/a", *words, env=env, cwd=folder).check()
    assert bytes.fromhex(done.stdout) == EVERY_BYTE


def test_the_largest_credential_is_1_mib(bare, run):
    path = bare.folder() / "x"
    path.write_bytes(b"x" * 1024 * 1024)
    assert run("stat -c %s /run/host/credentials/a", f"--load-credential=a:{path}").check().stdout == "1048576\n"
    path.write_bytes(b"x" * (1024 * 1024 + 1))
    done = run("true", f"--load-credential=a:{path}")
    assert done.status == 1 and "larger than 1 MiB" in done.stderr and len(done.stderr.splitlines()) == 1, done


# what is loaded: a word of the one line that says why not
REFUSED = {
    "a:/nowhere": "No such file",
    "a:/etc": "directory",
    "a:/dev/zero": "neither a file nor a socket",
    "a:b": "we were given none",
}


@pytest.mark.parametrize("option", sorted(REFUSED))
def test_what_cannot_be_loaded_is_an_error(run, option):
    done = run("true", f"--load-credential={option}")
    assert done.status == 1 and REFUSED[option] in done.stderr and len(done.stderr.splitlines()) == 1, done


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_dry_run_shows_name_and_size_only(bare, run, form):
    path = bare.folder() / "x"
    path.write_text(SECRET, encoding="ascii")
    options = [f"--set-credential=first:{SECRET}", f"--load-credential=second:{path}", f"--dry-run={form}"]
    done = run("true", *options).check()
    assert SECRET not in done.stdout + done.stderr
    assert "credentials/first" in done.stdout and "credentials/second" in done.stdout
    assert done.stdout.replace('"', "").count("size: 9") == 2


def test_neither_log_nor_record_has_a_secret(bare, tree):
    options = ["--register=no", f"--set-credential=a:{SECRET}", "sleep", "60"]
    with bare.start(tree, "--notify-ready=no", *options, env={"SYSTEMD_LOG_LEVEL": "debug"}) as machine:
        machine.wait_started()
        folder = bare_bed.RUN / machine.name
        texts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
        assert texts and not any(SECRET.encode() in text for text in texts)
        assert SECRET not in machine.output


@USERS
@pytest.mark.parametrize("guest", ["bookworm", "trixie"])
def test_a_service_inside_is_given_a_credential(bare, guest, users):
    """One that we were given ourselves, by LoadCredential=; from systemd 254 on also by ImportCredential=."""
    folder = bare.folder()
    (folder / "ours").write_text(SECRET, encoding="ascii")
    options = [f"--private-users={users}", "--load-credential=app.key:ours"]
    properties = ["LoadCredential=app.key"] + (["ImportCredential=app.*"] if guest == "trixie" else [])
    with bare.boot(bare.tree(guest), *options, env={"CREDENTIALS_DIRECTORY": str(folder)}) as machine:
        for text in properties:
            words = ["--pipe", "--wait", "-q", "-p", text, "-p", "DynamicUser=yes", "sh", "-c"]
            done = machine.inside("systemd-run", *words, "cat $CREDENTIALS_DIRECTORY/app.key").check()
            assert done.stdout == SECRET, text
        assert machine.shell("setpriv --reuid=1 --clear-groups cat /run/host/credentials/app.key").status == 1
