# SPDX-License-Identifier: LGPL-2.1-or-later
"""A system call of a start fails: either the machine does not start, with a line that says why, or it is confined as
ever. It never hangs, and leaves nothing behind."""

import collections
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from beds import bare as bare_bed
from beds import cgroups, inside, proc

USERS = ("pick", "no")
# The calls that confine, and those that ask what can be had. EPERM is what a service's own filter says.
CALLS = """
access bpf capset chdir clone3 close_range faccessat fchdir fchmod fchown fchownat flock fsconfig fsmount fsopen fstat
ioctl keyctl kill mkdirat mount mount_setattr move_mount newfstatat open_tree openat openat2 pidfd_send_signal pivot_root
prctl prlimit64 readlink recvmsg seccomp sendmsg setdomainname setgroups sethostname setns setpriority setresgid
setresuid setrlimit setsid socket socketpair statfs statx symlinkat umount2 unshare write
""".split()
WHEN = (1, 2, 3, 5, 8, 13, 21, 34)
ERRORS = {"clone3": "ENOSPC", "socketpair": "EMFILE"}
# How it is confined, as the payload sees it.
LOOK = r"""
cd /proc/self; grep -E "^(Cap|Seccomp|NoNewPrivs|Uid|Gid|Groups)" status; cat uid_map gid_map cgroup limits
hostname; umask; echo fd/*; cut -d" " -f4- mountinfo | sed "s/\(master\|shared\|propagate_from\):[0-9]* //g"
for kind in user pid mnt uts ipc net cgroup; do
    case " $HOSTS " in *" $(readlink ns/$kind) "*) echo "shares $kind";; esac
done
"""


def _without_numbers(text: str) -> str:
    """Every start may have another range of ids: its numbers are told from its base. Nor are descriptors the same."""
    line = re.search(r"^ *0 +(\d{5,}) +65536$", text, re.MULTILINE)
    base = int(line[1]) if line else 1 << 40
    text = re.sub(r"\d{5,}", lambda m: f"BASE+{int(m[0]) - base}" if 0 <= int(m[0]) - base < 65536 else m[0], text)
    return re.sub("/fd/[0-9]+", "/fd/N", re.sub(" +", " ", text))


@pytest.fixture(scope="module", params=USERS)
def start(request, module_bare):
    """Starts a machine that says how it is confined, behind words of another program."""
    tree = module_bare.tree("busybox")
    hosts = " ".join(inside.namespaces("self").values())
    # The overlay needs a helper for its owners.
    overlay = f"--overlay-ro={tree}/etc:{tree}/root:/opt"
    options = ["-q", "--read-only", overlay, "--console=pipe", f"--private-users={request.param}", f"--setenv=HOSTS={hosts}"]

    def run(name, *prefix):
        words = [module_bare.program, "-D", tree, "-M", name, *options, "--", "/bin/busybox", "sh", "-c", LOOK]
        done = proc.run(*prefix, *words, timeout=10)
        return done, _without_numbers(done.stdout.replace(name, "NAME"))

    return run


@pytest.fixture(scope="module")
def trace(start, tmp_path_factory):
    """How often each call is made until the payload runs, and what a payload sees then."""
    log = tmp_path_factory.mktemp("trace") / "log"
    done, seen = start(bare_bed.new_name("fault"), "strace", "-f", "-b", "execve", "-qq", "-o", log)
    done.check()
    found = [re.match(r"(\d+) +(\w+)\(", line) for line in log.read_text("utf-8", "replace").splitlines()]
    times = collections.Counter(match.groups() for match in found if match)
    return {call: max(n for (_, name), n in times.items() if name == call) for _, call in times}, seen


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails_never_makes_a_machine_that_is_less_confined(start, trace, call):
    times, seen = trace
    error = ERRORS.get(call, "EPERM")

    def inject(when):
        name = bare_bed.new_name("fault")
        words = ["strace", "-f", "-b", "execve", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when={when}"]
        done, found = start(name, *words)
        assert not done.timed_out, (when, str(done))
        assert not (cgroups.unified() / f"boot-tree-{name}").exists(), (when, str(done))
        # One that is ended in the middle of its words was confined as well.
        lines = set(found.splitlines() if done.status == 0 else found.splitlines()[:-1])
        assert sorted(lines - set(seen.splitlines())) == [], (when, done.stderr)
        assert done.status != 0 or len(found.splitlines()) == len(seen.splitlines()), (when, str(done))
        # 127 is the loader's: that is no start. On the way back the same call may fail once again.
        if done.status not in (0, 127):
            assert done.status == 1 and len(done.stderr.splitlines()) in (1, 2), (when, str(done))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(inject, [when for when in WHEN if when <= times.get(call, 0)]))
