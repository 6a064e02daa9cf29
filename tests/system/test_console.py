# SPDX-License-Identifier: LGPL-2.1-or-later
"""The payload's console, seen from the caller's terminal, pipe or file."""

import contextlib
import fcntl
import os
import signal
import subprocess
import termios
import threading
import time

import pytest

from beds import bare as bare_bed
from beds import proc

FOREVER = "sleep 100"
KILL_KEYS = "\x1d\x1d\x1d"


@pytest.fixture
def command(bare, tree):
    """Arguments that run a line of shell as the payload."""

    def arguments(script, *options):
        return ["-q", "-D", str(tree), "-M", bare_bed.new_name("con"), *options, "sh", "-c", script]

    return arguments


def is_raw(console):
    return not console.attributes()[3] & termios.ICANON


@contextlib.contextmanager
def start_raw(bare, arguments):
    """A console whose payload has said that it runs. What still runs at the end is killed by its keys."""
    with bare.console(*arguments) as console:
        console.expect(r"up\r?\n")
        assert is_raw(console)
        yield console
        if console.process.poll() is None:
            console.send(KILL_KEYS)
            console.wait()


def wait_restored(console):
    proc.wait_for(lambda: console.attributes() == console.before, 5, "the terminal to be restored")


def guards():
    """Guard processes that still run."""
    done = proc.run("ps", "-eo", "stat=,comm=")
    return [line for line in done.stdout.splitlines() if "boot-tree-guard" in line and not line.startswith("Z")]


def test_the_payload_has_a_terminal_of_the_callers_size(bare, command):
    with bare.console(*command("test -t 0 && stty size </dev/console"), rows=33, columns=101) as console:
        console.expect("33 101\r\n")
        assert console.wait() == 0


def test_a_new_window_size_reaches_the_payload(bare, command):
    script = "trap 'stty size' WINCH; echo up; while :; do sleep .05; done"
    with start_raw(bare, command(script)) as console:
        console.resize(44, 111)
        console.expect("44 111\r\n")


def test_keys_reach_the_payload_unchanged(bare, command):
    with start_raw(bare, command("stty raw -echo; echo up; head -c 5 | od -An -c")) as console:
        console.send("\x03\x1a\x13\x04\r")
        console.expect(r"003 032 023 004  \\r")
        assert console.wait() == 0


def test_ctrl_c_interrupts_the_payload_and_not_us(bare, command):
    with start_raw(bare, command("trap 'echo got it; exit 7' INT; echo up; while :; do sleep .05; done")) as console:
        console.send("\x03")
        console.expect("got it")
        assert console.wait() == 7


def test_the_terminal_is_restored_after_the_payloads_end(bare, command):
    with start_raw(bare, command("echo up; sleep .2; exit 3")) as console:
        assert console.wait() == 3
        assert console.attributes() == console.before
    assert guards() == []


def test_the_terminal_is_restored_after_the_payload_is_killed(bare, command):
    arguments = command(f"echo up; {FOREVER}")
    with start_raw(bare, arguments) as console:
        leader = bare_bed.read_record(arguments[4])["LEADER"]
        os.kill(int(leader), signal.SIGKILL)
        console.wait()
        assert console.attributes() == console.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_the_terminal_is_restored_after_a_signal_to_us(bare, command, number):
    with start_raw(bare, command(f"echo up; {FOREVER}")) as console:
        console.process.send_signal(number)
        console.wait()
        assert console.attributes() == console.before


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
@pytest.mark.parametrize("to_group", [False, True])
def test_the_terminal_is_restored_after_our_sudden_end(bare, command, number, to_group):
    arguments = command(f"echo up; {FOREVER}")
    with start_raw(bare, arguments) as console:
        if to_group:
            os.killpg(console.process.pid, number)
        else:
            console.process.send_signal(number)
        console.wait()
        wait_restored(console)
    proc.wait_for(lambda: not guards(), 5, "the guard's end")
    # The next start of the name sweeps what a killed run leaves.
    bare.run(*arguments[:-1], "true").check()


SHOW_CURSOR = "\x1b[?25h"
SET, RESET = "\x1b]11;#00005f\x1b\\", "\x1b]111\x1b\\"


@pytest.mark.parametrize("end", ["exit", "keys", "sigterm", "sigkill"])
def test_the_terminal_gets_its_own_background_back(bare, command, end):
    arguments = command("echo up; read line; exit 3", "--background=48;5;17")
    with bare.console(*arguments, env={"TERM": "xterm", "NO_COLOR": ""}) as console:
        console.expect(r"up\r?\n")
        assert console.text.startswith(SET) and RESET not in console.text
        if end == "exit":
            console.send("\n")
        elif end == "keys":
            console.send(KILL_KEYS)
        else:
            console.process.send_signal(signal.SIGTERM if end == "sigterm" else signal.SIGKILL)
        console.wait()
        proc.wait_for(lambda: console.text.endswith(RESET), 5, "the background's reset")
        wait_restored(console)
        assert (SHOW_CURSOR in console.text) == (end in ("keys", "sigkill")), "a payload that ends by itself does that"
    if end == "sigkill":
        bare.run(*arguments[:-1], "true").check()


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"NO_COLOR": "1", "TERM": "xterm"}], ids=["dumb", "no-color"])
def test_a_terminal_without_colors_is_left_alone(bare, command, env):
    with bare.console(*command("echo up", "--background=44"), env=env) as console:
        console.expect(r"up\r?\n")
        assert console.wait() == 0 and "\x1b" not in console.text


def test_three_escapes_within_a_second_kill(bare, command):
    with start_raw(bare, command(f"trap '' TERM INT HUP; echo up; {FOREVER}")) as console:
        console.send(KILL_KEYS)
        console.wait()
        assert console.attributes() == console.before


def test_escapes_that_are_slower_are_only_keys(bare, command):
    with start_raw(bare, command("stty raw -echo; echo up; head -c 4 | od -An -c")) as console:
        console.send("\x1d\x1d")
        time.sleep(1.2)
        console.send("\x1dx")
        console.expect("035 035 035   x")
        assert console.wait() == 0


def test_escapes_kill_a_payload_that_reads_nothing(bare, command):
    with start_raw(bare, command(f"stty raw -echo; echo up; {FOREVER}")) as console:
        console.send("x" * 8000)
        time.sleep(0.2)
        console.send(KILL_KEYS)
        console.wait()


def test_escape_keys_power_off_and_reboot_a_machine(bare, tree_cache):
    name = bare_bed.new_name("keys")
    with bare.console("-q", "-D", bare.tree("trixie"), "-M", name) as console:
        console.expect("login: ", timeout=30)
        console.send("\x1d\x1dr")
        console.expect("login: ", timeout=30)
        assert is_raw(console)
        console.send("\x1d\x1dp")
        assert console.wait(20) == 0
        assert console.attributes() == console.before


def test_read_only_shows_output_and_leaves_the_input_alone(bare, command):
    arguments = command("echo one; read x; echo got $x", "--console=read-only")
    script = 'printf "kept\\n" | { "$0" "$@"; cat; }'
    done = proc.run("timeout", "-k1", "2", "sh", "-c", script, bare.program, *arguments[:-1], "echo one")
    assert done.stdout == "one\r\nkept\n", done


def test_read_only_does_not_make_the_terminal_raw(bare, command):
    with bare.console(*command("echo up; sleep .3", "--console=read-only")) as console:
        console.expect("up")
        assert console.attributes() == console.before
        assert console.wait() == 0


def test_passive_shows_nothing_and_never_blocks_the_payload(bare, command):
    done = bare.run(*command("head -c 3000000 /dev/zero; exit 7", "--console=passive"))
    assert (done.status, done.stdout) == (7, ""), done


def test_output_of_a_short_command_is_complete(bare, command):
    done = bare.run(*command("seq 20000", "--console=read-only"), timeout=20)
    assert done.stdout.replace("\r\n", "\n") == "".join(f"{i}\n" for i in range(1, 20001))


def test_the_end_of_an_input_that_is_no_terminal_is_typed(bare, command):
    done = bare.run(*command("stty -echo; cat; echo end", "--console=interactive"), stdin="a\nb")
    assert done.stdout.replace("\r\n", "\n").endswith("a\nbend\n"), done


def test_the_callers_descriptors_keep_their_flags(bare, command):
    reader, writer = os.pipe()
    with start_raw(bare, command(f"echo up; {FOREVER}")) as console:
        assert not fcntl.fcntl(console.terminal, fcntl.F_GETFL) & os.O_NONBLOCK
    process = proc.start([bare.program, *command("echo up; sleep .3", "--console=read-only")], stdout=writer)
    assert os.read(reader, 100) == b"up\r\n"
    assert not fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK
    assert process.wait(10) == 0
    proc.kill_group(process)
    os.close(reader)
    os.close(writer)


def test_a_file_is_appended_to_at_the_shared_offset(bare, command):
    path = bare.folder() / "log"
    script = '{ echo one; "$0" "$@"; echo three; } >' + str(path)
    proc.run("sh", "-c", script, bare.program, *command("echo two", "--console=read-only")).check()
    assert path.read_bytes() == b"one\ntwo\r\nthree\n"


def test_a_reader_that_waits_holds_the_payload_and_not_us(bare, command):
    reader, writer = os.pipe()
    arguments = command("head -c 3000000 /dev/zero", "--console=read-only")
    process = proc.start([bare.program, *arguments], stdout=writer)
    os.close(writer)
    time.sleep(1)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    # The payload ends; what it wrote and nobody reads is given up after a deadline.
    process.wait(10)
    proc.kill_group(process)
    os.close(reader)


def test_a_reader_that_goes_away_does_not_end_the_payload(bare, command):
    reader, writer = os.pipe()
    arguments = command("echo up; sleep .3; seq 100000; exit 4", "--console=read-only")
    process = proc.start([bare.program, *arguments], stdout=writer, stderr=subprocess.DEVNULL)
    os.close(writer)
    assert os.read(reader, 100) == b"up\r\n"
    os.close(reader)
    assert process.wait(10) == 4
    proc.kill_group(process)


def test_a_terminal_that_goes_away_ends_the_machine(bare, command):
    primary, terminal = os.openpty()
    arguments = command(f"echo up; {FOREVER}", "--console=interactive")
    process = proc.start([bare.program, *arguments], stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL)
    os.close(terminal)
    assert b"up" in os.read(primary, 100)
    os.close(primary)
    process.wait(10)
    proc.kill_group(process)


def test_a_hangup_inside_does_not_cut_the_console(bare, command):
    script = "trap '' HUP; for i in 1 2 3; do setsid -w sh -c 'exec 2>&1; echo in' >/dev/console; done; echo last"
    done = bare.run(*command(script, "--console=read-only"))
    assert done.stdout == "in\r\nin\r\nin\r\nlast\r\n", done


def test_a_flood_neither_grows_us_nor_holds_up_the_end(bare, command):
    arguments = command("head -c 60000000 /dev/zero; echo; echo up; exec cat /dev/zero", "--console=interactive")
    reader, writer = os.pipe()
    process = proc.start([bare.program, *arguments], stdin=subprocess.PIPE, stdout=writer)
    os.close(writer)
    count = 0
    while count < 60000000:
        count += len(os.read(reader, 1 << 20))
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        peak_kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    drain = threading.Thread(target=lambda: all(iter(lambda: os.read(reader, 1 << 20), b"")))
    drain.start()
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    drain.join()
    seconds = time.monotonic() - began
    proc.kill_group(process)
    process.stdin.close()
    os.close(reader)
    assert peak_kib < 8 * 1024 and seconds < 2, f"{peak_kib} KiB, {seconds} s"
