# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the payload may use: limits, processors, and its place before the out-of-memory killer."""

import os
import resource
import subprocess

import pytest

from beds import bare as bare_bed
from beds import proc

USERS = ("pick", "no")
FORMS = pytest.mark.parametrize("form", ([], ["--as-pid2"]), ids=("pid1", "pid2"))
NAMES = "AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING STACK".split()
INFINITY = "unlimited"
MEBIBYTE = 1024 * 1024
LOCKS = 10  # has no name in Python
# prlimit's output is one line for each: NAME SOFT HARD.
SHOW = ["prlimit", "--noheadings", "--raw", "--output", "RESOURCE,SOFT,HARD"]


@pytest.fixture
def run(bare, tree):
    """Runs words as the payload, behind options."""

    def run_words(*words, **how):
        words = ["-q", "-D", tree, "-M", bare_bed.new_name("res"), *words]
        return proc.run(bare.program, *words, **how)

    return run_words


def _limits(text: str) -> dict[str, tuple[str, str]]:
    return {name: (soft, hard) for name, soft, hard in (line.split() for line in text.splitlines())}


def _limits_of_process_1() -> dict[str, tuple[str, str]]:
    return _limits(subprocess.run([*SHOW, "--pid", "1"], check=True, capture_output=True, text=True).stdout)


def _bounded(wanted: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The same as far as this process may raise its hard limits."""
    with open("/proc/self/status", encoding="ascii") as file:
        mask = int(dict(line.split(":\t", 1) for line in file if ":\t" in line)["CapEff"], 16)
    if mask >> 24 & 1:  # CAP_SYS_RESOURCE
        return wanted
    bounded = {}
    for name, limits in wanted.items():
        ours = resource.getrlimit(LOCKS if name == "LOCKS" else getattr(resource, f"RLIMIT_{name}"))[1]
        both = [[value for value in (-1 if text == INFINITY else int(text), ours) if value >= 0] for text in limits]
        bounded[name] = tuple(str(min(values)) if values else INFINITY for values in both)
    return bounded


def _defaults() -> dict[str, tuple[str, str]]:
    none = (INFINITY, INFINITY)
    limits = dict.fromkeys("AS CPU DATA FSIZE LOCKS RSS RTTIME".split(), none)
    limits |= {"CORE": ("0", INFINITY), "STACK": (str(8 * MEBIBYTE), INFINITY), "NICE": ("0", "0")}
    limits |= {"RTPRIO": ("0", "0"), "MEMLOCK": (str(8 * MEBIBYTE),) * 2, "MSGQUEUE": ("819200",) * 2, "NOFILE": ("1024", "524288")}
    first = _limits_of_process_1()
    return limits | {name: first[name] for name in ("NPROC", "SIGPENDING")}


# Ignores SIGXFSZ and says why a file could not be written.
WRITE = '$SIG{XFSZ} = "IGNORE"; open(F, ">/tmp/x"); syswrite(F, "x") or print "$!"'


@FORMS
@pytest.mark.parametrize("users", USERS)
def test_limits_are_the_default_ones_whatever_the_caller_has(run, users, form):
    def change():
        for name, soft in ("NOFILE", 256), ("STACK", MEBIBYTE), ("NPROC", 1000), ("MEMLOCK", 65536), ("CORE", 4096):
            number = getattr(resource, f"RLIMIT_{name}")
            resource.setrlimit(number, (soft, resource.getrlimit(number)[1]))

    done = run(f"--private-users={users}", *form, *SHOW, preexec_fn=change).check()
    assert _limits(done.stdout) == _bounded(_defaults())


@FORMS
@pytest.mark.parametrize("users", USERS)
def test_limits_that_are_given_are_set(run, users, form):
    options = ["--rlimit=NOFILE=64:128", "--rlimit=RLIMIT_CPU=1min", "--rlimit=STACK=1M:2M", "--rlimit=CORE=0"]
    limits = _limits(run(f"--private-users={users}", *form, *options, *SHOW).check().stdout)
    wanted = {"NOFILE": ("64", "128"), "CPU": ("60", "60"), "STACK": ("1048576", "2097152"), "CORE": ("0", "0")}
    assert {name: limits[name] for name in wanted} == wanted
    assert limits["MSGQUEUE"] == ("819200", "819200")


@pytest.mark.parametrize("users", USERS)
def test_a_limit_that_cannot_be_had_is_as_high_as_possible_with_a_warning(run, users):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    done = run(f"--private-users={users}", "--rlimit=NOFILE=1000:2000", *SHOW, preexec_fn=lower).check()
    limits = _limits(done.stdout)["NOFILE"]
    if _bounded({"NOFILE": ("1000", INFINITY)})["NOFILE"][1] == INFINITY:
        assert limits == ("1000", "2000") and done.stderr == ""
    else:
        assert limits == ("256", "256")
        assert "NOFILE is 256:256 instead of 1000:2000" in done.stderr and len(done.stderr.splitlines()) == 1


def test_limits_do_not_stand_in_the_way_of_the_set_up(run):
    """They come last: under these nothing could be mounted, opened or written."""
    options = ["--rlimit=NOFILE=4", "--rlimit=FSIZE=0", "--rlimit=NPROC=0", "--rlimit=MEMLOCK=0"]
    run(*options, "-u", "daemon", "/bin/true").check()
    assert "too large" in run("--rlimit=FSIZE=0", "perl", "-e", WRITE).check().stdout


@FORMS
@pytest.mark.parametrize("users", USERS)
def test_oom_score_is_set(run, users, form):
    options = [f"--private-users={users}", *form, "--oom-score-adjust=321"]
    assert run(*options, "cat", "/proc/self/oom_score_adj").check().stdout == "321\n"


def test_oom_score_below_ours_needs_a_capability(run):
    done = run("--oom-score-adjust=-1000", "cat", "/proc/self/oom_score_adj")
    if done.status == 0:
        assert done.stdout == "-1000\n"
    else:
        assert done.stdout == "" and "Failed to set the payload's OOM score to -1000" in done.stderr
        assert "CAP_SYS_RESOURCE" in done.stderr


@FORMS
@pytest.mark.parametrize("users", USERS)
def test_payload_runs_on_the_processors_that_were_chosen(run, users, form):
    cpus = sorted(os.sched_getaffinity(0))
    show = ["sh", "-c", "taskset -cp $$ | sed 's/.*: //'"]
    for chosen in (cpus[:1], cpus[-1:]):
        text = ",".join(map(str, chosen))
        assert run(f"--private-users={users}", *form, f"--cpu-affinity={text}", *show).check().stdout.strip() == text


def test_processors_that_are_not_there_are_refused(run):
    done = run("--cpu-affinity=8000-8191", "true")
    assert done.status == 1 and "Failed to run on the processors 8000-8191" in done.stderr


def test_a_booted_system_and_its_services_keep_the_limits(bare):
    with bare.boot(bare.tree("bookworm"), "--rlimit=NICE=0", "--rlimit=CORE=1M:2M", "--cpu-affinity=0") as machine:
        limits = _limits(machine.inside(*SHOW, "--pid", "1").check().stdout)
        assert limits["CORE"][1] == str(2 * MEBIBYTE) and limits["NICE"] == ("0", "0")
        service = ["systemd-run", "--pipe", "--wait", "-q"]
        assert _limits(machine.inside(*service, *SHOW).check().stdout)["CORE"][1] == str(2 * MEBIBYTE)
        assert machine.inside(*service, "taskset", "-cp", "1").check().stdout.strip().endswith(": 0")
