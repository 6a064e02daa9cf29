# SPDX-License-Identifier: LGPL-2.1-or-later
"""The same words to systemd-nspawn 257 and to boot-tree under that name, with the same trees: the same exit status
and output. Where they differ on purpose, DIFFERENCES says why.

Standard output is compared byte by byte. Of standard error it is compared whether anything is said at all, without
the lines that PROGRESS describes: what goes wrong each says in its own words, and scripts that read it look for
something there, or at the exit status.
"""

import contextlib
import dataclasses
import re
import shlex

import pytest

NSPAWN = "/usr/bin/systemd-nspawn"
TREE = "/var/lib/machines/deb"
UUID = "0123456789abcdef0123456789abcdef"
# What nspawn says without --quiet, for people at a terminal; and what is true of the test host only.
PROGRESS = re.compile(
    r"(░ )?(Spawning container|Press (Ctrl-|\^)\]|Container \S+ (exited|failed|has been|is being)|Some capabilities|Trying to halt)"
)


@dataclasses.dataclass(frozen=True)
class Case:
    """One command line."""

    words: str  # as in a shell, behind the program
    stdin: str = ""
    env: str = ""  # assignments
    prefix: str = ""  # in front of the program
    own_tree: bool = False  # each program gets a fresh copy, as TREE
    compares_output: bool = True


def _sh(script: str) -> str:
    return f"sh -c {shlex.quote(script)}"


def _stop_at(*process: str) -> str:
    """In front of a program: it is sent SIGTERM once there is a PROCESS, in words of pgrep(1)."""
    look = f"pgrep {shlex.join(process)} >/dev/null || ! kill -0 $!"
    return _sh(f'"$0" "$@" & until {look}; do sleep .05; done; kill $!; wait $!')


ON = f"-q -D {TREE}"
ALONE = "--resolv-conf=off --timezone=off"  # leaves the tree as it is
IN_A_FOLDER = f"sh -c 'cd {TREE} && mkdir new && mv [!n]* new && cd /tmp && exec \"$0\" \"$@\"'"
AND_REMOVED = "sh -c '\"$0\" \"$@\"; r=$?; rm -rf /var/tmp/new; exit $r'"
TRAP = 'trap "exit 9" TERM; while :; do sleep .1; done'
CASES = {
    # Commands and exit statuses
    "true": Case(f"{ON} true"),
    "false": Case(f"{ON} false"),
    "exit-7": Case(f"{ON} {_sh('exit 7')}"),
    "exit-133": Case(f"{ON} {_sh('exit 133')}"),
    "exit-255": Case(f"{ON} {_sh('exit 255')}"),
    "not-quiet": Case(f"-D {TREE} echo out"),
    "not-quiet-and-fails": Case(f"-D {TREE} {_sh('exit 3')}"),
    "no-such-program": Case(f"{ON} /no/such/program"),
    "no-such-program-in-path": Case(f"{ON} no-such-program"),
    "no-program-at-all": Case(f"{ON} /etc/passwd"),
    "a-folder-as-program": Case(f"{ON} /etc"),
    "words-with-spaces": Case(f"{ON} printf '%s.' 'a b' '' c"),
    "words-that-look-like-options": Case(f"{ON} echo -q --directory=/x -b"),
    "dash-dash": Case(f"{ON} -- echo -n x"),
    "login-shell": Case(f"{ON} --pipe", stdin="echo $0 $PWD; exit 4\n"),
    "as-pid2": Case(f"{ON} -a {_sh('echo $$; exit 5')}"),
    # PID 1 gives itself that name while the program already runs.
    "as-pid2-name": Case(f"{ON} -a {_sh('until grep stub /proc/1/comm; do :; done')}"),
    "as-pid2-killed": Case(f"{ON} -a {_sh('kill -KILL $$')}"),
    # Input and output
    "stdout": Case(f"{ON} echo out"),
    "stderr": Case(f"{ON} {_sh('echo err >&2')}"),
    "pipe": Case(f"{ON} --pipe {_sh('echo out; echo err >&2')}"),
    "pipe-letter": Case(f"{ON} -P echo out"),
    "pipe-stdin": Case(f"{ON} --pipe cat", stdin="in\n"),
    "pipe-is-quiet": Case(f"-D {TREE} --pipe echo out"),
    "pipe-has-no-console": Case(f"{ON} --pipe {_sh('ls /dev/console; test -t 0 || echo no terminal')}"),
    "console-read-only": Case(f"{ON} --console=read-only {_sh('tty; echo out')}"),
    "console-passive": Case(f"{ON} --console=passive echo out"),
    "console-autopipe": Case(f"{ON} --console=autopipe cat", stdin="in\n"),
    "console-bad": Case(f"{ON} --console=nonsense true"),
    "long-output": Case(f"{ON} --pipe seq 20000"),
    # Users, folders, environment
    "user": Case(f"{ON} -u daemon {_sh('id; echo $USER $LOGNAME $HOME $PWD')}"),
    "user-by-number": Case(f"{ON} -u 1 id -u"),
    "user-old-option": Case(f"{ON} --user=daemon id -un"),
    "user-unknown": Case(f"{ON} -u nobody-of-that-name id"),
    "user-and-pid2": Case(f"{ON} -a -u daemon id -u"),
    "chdir": Case(f"{ON} --chdir=/usr/lib pwd"),
    "chdir-relative": Case(f"{ON} --chdir=usr pwd"),
    "chdir-nowhere": Case(f"{ON} --chdir=/no/where pwd"),
    "setenv": Case(f"{ON} --setenv=FOO='a b' -E BAR=c {_sh('echo $FOO $BAR')}"),
    "setenv-of-ours": Case(f"{ON} -E FOO {_sh('echo $FOO')}", env="FOO=ours"),
    "setenv-bad": Case(f"{ON} --setenv=1A=b true"),
    "setenv-over-theirs": Case(f"{ON} -E TERM=vt100 -E container=x {_sh('echo $TERM $container')}"),
    "environment": Case(f"{ON} --uuid={UUID} {_sh('unset PWD SHLVL OLDPWD _; env | sort')}", env="SECRET=1 TERM=vt100"),
    "environment-of-a-user": Case(f"{ON} --uuid={UUID} -u games {_sh('unset PWD SHLVL OLDPWD _; env | sort')}"),
    # Identity
    "hostname": Case(f"{ON} --hostname=other.example cat /proc/sys/kernel/hostname"),
    "hostname-of-the-tree": Case(f"{ON} cat /proc/sys/kernel/hostname"),
    "hostname-of-the-machine": Case(f"{ON} -M named cat /proc/sys/kernel/hostname"),
    "hostname-bad": Case(f"{ON} --hostname=.bad true"),
    "machine-bad": Case(f"{ON} -M ..bad true"),
    "uuid": Case(f"{ON} --uuid={UUID} {_sh('echo $container_uuid; cat /run/host/container-uuid')}"),
    "uuid-bad": Case(f"{ON} --uuid=nonsense true"),
    "uuid-zero": Case(f"{ON} --uuid={'0' * 32} true"),
    "container-manager": Case(f"{ON} {_sh('echo $container; cat /run/host/container-manager')}"),
    "container-word": Case(f"{ON} {_sh('echo $container')}", env="SYSTEMD_NSPAWN_CONTAINER_SERVICE=other"),
    "found-by-name": Case(f"-q -M deb {_sh('cat /proc/sys/kernel/hostname')}"),
    # The tree
    "read-only": Case(f"{ON} --read-only {_sh('touch /x || touch /usr/x || echo $?')}"),
    "read-only-but-tmp": Case(f"{ON} --read-only touch /tmp/x /run/x /dev/shm/x"),
    "volatile": Case(
        f"{ON} --volatile {_sh('touch /x /etc/x /var/x && stat -f -c %T / /etc; touch /usr/x || echo $?')}"
    ),
    "volatile-with-users": Case(f"{ON} -U --volatile {_sh('stat -c %u:%a / /etc /usr /var')}"),
    "volatile-folders": Case(f"{ON} --volatile=yes {_sh('ls -F / | grep -v run')}"),
    "volatile-state": Case(f"{ON} --volatile=state {_sh('ls -d /var/lib; touch /var/x /etc/x; ls /var/x')}"),
    "volatile-overlay": Case(f"{ON} --volatile=overlay {_sh('touch /etc/x /usr/x && ls /etc/x /usr/x && rm -r /opt')}"),
    "volatile-overlay-keeps-nothing": Case(f"{ON} --volatile=overlay ls /etc/x"),
    "volatile-no": Case(f"{ON} --volatile=no stat -c %a /etc"),
    "volatile-bad": Case(f"{ON} --volatile=nonsense true"),
    "volatile-values": Case("--volatile=help"),
    "volatile-and-chown": Case(f"{ON} --volatile=overlay -U --private-users-ownership=chown true"),
    "volatile-boots": Case(f"{ON} --volatile=overlay -b --unit=poweroff.target", compares_output=False),
    "pivot-root": Case(f"{ON} --pivot-root=/new {_sh('ls -d /usr /new')}", prefix=IN_A_FOLDER, own_tree=True),
    "pivot-root-and-old": Case(
        f"{ON} --pivot-root=/new:/mnt {_sh('ls /mnt; ls -d /mnt/new/usr')}", prefix=IN_A_FOLDER, own_tree=True
    ),
    "pivot-root-nowhere": Case(f"{ON} --pivot-root=/no/where true"),
    "pivot-root-relative": Case(f"{ON} --pivot-root=usr true"),
    "template": Case(f"-q -D /var/tmp/new --template={TREE} {_sh('ls /; stat -c %u:%a /etc')}", prefix=AND_REMOVED),
    "template-of-what-is-there": Case(f"{ON} --template=/var/tmp echo ran"),
    "template-nowhere": Case("-q -D /var/tmp/new --template=/no/such/tree true"),
    "template-for-nothing": Case(f"-q --template={TREE} true"),
    "no-tree": Case("-q -D /no/such/tree true"),
    "a-file-as-tree": Case("-q -D /etc/passwd true"),
    "an-empty-tree": Case("-q -D /var/tmp true"),
    "an-empty-tree-boots": Case("-q -D /var/tmp -b"),
    "the-host-itself": Case("-q -D / true"),
    "no-such-machine": Case("-q -M no-such-machine true"),
    # Namespaces
    "host-network": Case(f"{ON} ls /sys/class/net"),
    "private-network": Case(f"{ON} --private-network {_sh('ls /sys/class/net; cat /sys/class/net/lo/flags')}"),
    "users-letter": Case(f"{ON} -U awk '{{print $1, $3}}' /proc/self/uid_map /proc/self/gid_map"),
    "users-letter-and-owners": Case(f"{ON} -U stat -c %u:%g / /etc/passwd"),
    "users-no": Case(f"{ON} --private-users=no cat /proc/self/uid_map"),
    "users-identity": Case(f"{ON} --private-users=identity cat /proc/self/uid_map"),
    "users-base": Case(f"{ON} {ALONE} --private-users=1310720 {_sh('cat /proc/self/uid_map; stat -c %u /')}"),
    "users-base-and-count": Case(f"{ON} {ALONE} --private-users=1310720:9000 cat /proc/self/uid_map"),
    "users-base-and-map": Case(
        f"{ON} {ALONE} --private-users=1310720 --private-users-ownership=map {_sh('cat /proc/self/uid_map; stat -c %u /')}",
    ),
    "users-base-and-chown": Case(
        f"{ON} --private-users=1310720 --private-users-ownership=chown {_sh('cat /proc/self/uid_map; stat -c %u /etc')}",
        own_tree=True,
    ),
    "users-yes-of-a-shifted-tree": Case(
        f"{ON} --private-users=yes cat /proc/self/uid_map",
        prefix=f"sh -c 'chown 1310720:1310720 {TREE} && exec \"$0\" \"$@\"'",
        own_tree=True,
    ),
    "users-yes-of-the-hosts": Case(f"{ON} --private-users=yes cat /proc/self/uid_map"),
    "users-chown-old-option": Case(f"{ON} -U --private-users-chown stat -c %u /etc", own_tree=True),
    "users-bad": Case(f"{ON} --private-users=nonsense true"),
    "users-bad-count": Case(f"{ON} --private-users=1310720:0 true"),
    "ownership-bad": Case(f"{ON} --private-users-ownership=nonsense true"),
    "ownership-chown-and-read-only": Case(f"{ON} -U --private-users-ownership=chown --read-only true"),
    "shared-pid-namespace": Case(f"{ON} {_sh('test $$ != 1 && echo shared')}", env="SYSTEMD_NSPAWN_SHARE_NS_PID=1"),
    "shared-pid-namespace-boots": Case(f"{ON} -b", env="SYSTEMD_NSPAWN_SHARE_NS_PID=1"),
    "knobs": Case(f"{ON} {_sh('findmnt -no OPTIONS -T /proc/sys | cut -c1-2')}"),
    "knobs-writable": Case(
        f"{ON} {_sh('findmnt -no OPTIONS -T /proc/sys | cut -c1-2')}", env="SYSTEMD_NSPAWN_API_VFS_WRITABLE=yes"
    ),
    # Units
    "register-no": Case(f"{ON} --register=no echo ran"),
    "register-no-and-keep-unit": Case(f"{ON} --register=no --keep-unit echo ran"),
    "slice": Case(f"{ON} --slice=system.slice echo ran"),
    "property": Case(f"{ON} --property=TasksMax=77 echo ran"),
    "property-bad": Case(f"{ON} --property=nonsense true"),
    # Mounts
    "bind-a-file": Case(f"{ON} --bind=/etc/hostname:/mnt/x cat /mnt/x"),
    "bind-a-folder": Case(f"{ON} --bind=/etc:/mnt stat -c %F /mnt/hostname"),
    "bind-in-its-own-place": Case(f"{ON} --bind=/srv stat -c %F /srv"),
    "bind-to-a-place-that-is-made": Case(f"{ON} --bind=/etc/hostname:/run/a/b/c cat /run/a/b/c"),
    "bind-nothing": Case(f"{ON} --bind=/no/such/source:/mnt true"),
    "bind-relative": Case(f"{ON} --bind=tmp:mnt true"),
    "bind-without-recursion": Case(f"{ON} --bind=/etc:/mnt:norbind stat -c %F /mnt/hostname"),
    "bind-of-the-tree": Case(f"{ON} --bind=+/etc:/mnt stat -c %F /mnt/passwd"),
    "bind-of-nothing": Case(f"{ON} --bind=:/mnt {_sh('touch /mnt/x && ls /mnt')}"),
    "bind-with-a-colon": Case(f"{ON} --bind=/etc/hostname:'/run/x/a\\:b' ls /run/x"),
    "bind-bad-option": Case(f"{ON} --bind=/etc:/mnt:nonsense true"),
    "bind-onto-another-kind": Case(f"{ON} --bind=/etc/hostname:/mnt true"),
    "bind-ro": Case(f"{ON} --bind-ro=/srv:/mnt touch /mnt/x"),
    "bind-rootidmap": Case(f"{ON} -U --bind=/srv:/mnt:rootidmap stat -c %u /mnt"),
    "bind-idmap": Case(f"{ON} -U --bind=/srv:/mnt:idmap stat -c %u /mnt"),
    "tmpfs": Case(f"{ON} --tmpfs=/mnt {_sh('stat -f -c %T /mnt; stat -c %a /mnt; touch /mnt/x')}"),
    "tmpfs-mode": Case(f"{ON} --tmpfs=/mnt:mode=0700,size=4k stat -c %a /mnt"),
    "tmpfs-with-users": Case(f"{ON} -U --tmpfs=/mnt stat -c %u /mnt"),
    "tmpfs-on-the-root": Case(f"{ON} --tmpfs=/ true"),
    "tmpfs-relative": Case(f"{ON} --tmpfs=mnt true"),
    "overlay-ro": Case(f"{ON} --overlay-ro=+/usr/lib:+/etc:/mnt {_sh('cat /mnt/hostname; touch /mnt/x')}"),
    "overlay-of-the-tree": Case(f"{ON} --overlay=+/etc::/etc {_sh('touch /etc/x && ls /etc/x')}"),
    "overlay-upper-in-the-tree": Case(
        f"{ON} --overlay=+/etc:+/srv:/mnt {_sh('cat /mnt/hostname; touch /mnt/x && ls /mnt/x /srv')}", own_tree=True
    ),
    "overlay-of-two-in-the-tree": Case(f"{ON} --overlay=+/etc:+/srv {_sh('cat /srv/hostname; touch /srv/x')}", own_tree=True),
    "journal-of-a-copy": Case(f"{ON} -x --link-journal=host true"),
    "journal-of-a-copy-in-it": Case(f"{ON} -x --link-journal=guest true"),
    "journal-of-a-copy-if-possible": Case(f"{ON} -x -j true"),
    "journal-of-a-copy-try-host": Case(f"{ON} -x --link-journal=try-host true"),
    "overlay-bad": Case(f"{ON} --overlay=/etc true"),
    "background": Case(f"{ON} --background=44 echo out"),
    "background-off": Case(f"{ON} --background= echo out"),
    "background-bad": Case(f"{ON} --background=blue true"),
    "inaccessible-file": Case(f"{ON} --inaccessible=/etc/passwd {_sh('stat -c %a:%s /etc/passwd')}"),
    "inaccessible-folder": Case(f"{ON} --inaccessible=/srv {_sh('stat -c %a /srv; ls /srv')}"),
    "inaccessible-nothing": Case(f"{ON} --inaccessible=/no/such/thing true"),
    # Privileges
    "capabilities": Case(f"{ON} grep Cap /proc/self/status"),
    "capabilities-private-network": Case(f"{ON} --private-network grep Cap /proc/self/status"),
    "capabilities-users": Case(f"{ON} -U grep Cap /proc/self/status"),
    "capability-dropped": Case(f"{ON} --drop-capability=CAP_CHOWN,CAP_KILL grep CapBnd /proc/self/status"),
    "capability-added": Case(f"{ON} --capability=CAP_SYS_TIME grep CapBnd /proc/self/status"),
    "capability-bad": Case(f"{ON} --capability=CAP_NONSENSE true"),
    "capability-ambient": Case(f"{ON} -u daemon --ambient-capability=CAP_NET_RAW grep CapAmb /proc/self/status"),
    "no-new-privileges": Case(f"{ON} --no-new-privileges=yes grep NoNewPrivs /proc/self/status"),
    "personality": Case(f"{ON} --personality=x86 uname -m"),
    "personality-own": Case(f"{ON} --personality=x86-64 uname -m"),
    "personality-bad": Case(f"{ON} --personality=nonsense true"),
    "selinux-where-there-is-none": Case(f"{ON} -Z u:r:t true"),
    "selinux-of-files-where-there-is-none": Case(f"{ON} -L u:r:t true"),
    "suppress-sync": Case(f"{ON} --suppress-sync=yes perl -e 'print syscall(74, 999) == 0 ? q(yes) : q(no)'"),
    "sync": Case(f"{ON} perl -e 'print syscall(74, 999) == 0 ? q(yes) : q(no)'"),
    "suppress-sync-by-variable": Case(
        f"{ON} perl -e 'print syscall(74, 999) == 0 ? q(yes) : q(no)'", env="SYSTEMD_SUPPRESS_SYNC=1"
    ),
    # Integration
    "credential": Case(f"{ON} --set-credential='a:b c' {_sh('cat $CREDENTIALS_DIRECTORY/a')}"),
    "credential-from-a-file": Case(f"{ON} --load-credential=a:/etc/hostname {_sh('cat $CREDENTIALS_DIRECTORY/a')}"),
    "credential-bad": Case(f"{ON} --set-credential=a/b:c true"),
    "resolv-conf-copy": Case(f"{ON} --resolv-conf=copy-host cat /etc/resolv.conf", own_tree=True),
    "resolv-conf-off": Case(f"{ON} --resolv-conf=off cat /etc/resolv.conf", own_tree=True),
    "resolv-conf-delete": Case(f"{ON} --resolv-conf=delete ls /etc/resolv.conf", own_tree=True),
    "resolv-conf-bad": Case(f"{ON} --resolv-conf=nonsense true"),
    "timezone-off": Case(f"{ON} --timezone=off ls /etc/localtime", own_tree=True),
    "timezone-bad": Case(f"{ON} --timezone=nonsense true"),
    "ephemeral": Case(f"{ON} -x {_sh('touch /x && echo made')}"),
    "ephemeral-and-template": Case(f"{ON} -x --template=/var/tmp true"),
    "ephemeral-template": Case(f"-q -x --template={TREE} stat -c %a /etc"),
    "cleanup": Case("--cleanup -M deb"),
    "cleanup-of-nothing": Case("--cleanup"),
    "values-of-console": Case("--console=help"),
    # Ends
    "stopped": Case(f"{ON} sleep 60", prefix=_stop_at("-xf", "sleep 60")),
    "stopped-by-signal": Case(f"{ON} --kill-signal=SIGTERM {_sh(TRAP)}", prefix=_stop_at("-xf", "sleep .1")),
    "stopped-pid2": Case(f"{ON} -a sleep 60", prefix=_stop_at("-xf", "sleep 60")),
    "stopped-boot": Case(f"{ON} -b", prefix=_stop_at("-x", "agetty"), compares_output=False),
    "boots-and-powers-off": Case(f"{ON} -b --unit=poweroff.target", compares_output=False),
    "boots-and-halts": Case(f"{ON} -b --unit=halt.target", compares_output=False),
    "boots-and-exits": Case(f"{ON} -b --unit=exit.target", compares_output=False),
    "boots-with-users": Case(f"{ON} -b -U --unit=poweroff.target", compares_output=False),
    "boots-as-pid2": Case(f"{ON} -b -a"),
    "kill-signal-bad": Case(f"{ON} --kill-signal=NONSENSE true"),
    # Bad options
    "option-unknown": Case(f"{ON} --no-such-option true"),
    "option-without-argument": Case("-q -D"),
    "letter-unknown": Case(f"{ON} -Y true"),
    "argument-for-a-flag": Case(f"{ON} --boot=yes"),
}
# case: why the two differ
_ERRORS = "nspawn writes why a program did not run to the payload's console; ours goes to standard error, as all errors"
_TERM = "257 passes any TERM on, or none; nspawn has since said `dumb` without a terminal, as we do"
_INHERITABLE = "inheritable capabilities only help programs that a user installs to get them back"
_ASKED = "nspawn calls it an error that it did what was asked for"
DIFFERENCES = {
    "capabilities": _INHERITABLE,
    "capabilities-private-network": _INHERITABLE,
    "capabilities-users": _INHERITABLE,
    "cleanup": "257 has no such option yet",
    "background-bad": "nspawn takes any text and writes it to the terminal",
    "stopped": _ASKED,
    "stopped-pid2": _ASKED,
    "values-of-console": "ours are in the order of the manual, not of the alphabet",
    "no-such-program": _ERRORS,
    "no-such-program-in-path": _ERRORS,
    "no-program-at-all": _ERRORS,
    "a-folder-as-program": _ERRORS,
    "environment": _TERM,
    "environment-of-a-user": _TERM,
    "console-passive": "nspawn prints at the end what it should not show, as far as it was buffered",
    "not-quiet-and-fails": "nspawn prints an empty line to standard output",
    "the-host-itself": "nspawn fails without a word; we say why",
    "tmpfs-on-the-root": "nspawn mounts it and finds no program; we refuse it",
    "users-yes-of-the-hosts": "the host's own ids are no boundary, so `yes` refuses them",
}


def _run(host, program, name):
    case = CASES[name]
    with host.guest_tree("minbase") if case.own_tree else contextlib.nullcontext("deb") as tree:
        line = f"cd /tmp && exec env {case.env} {case.prefix} {program} {case.words}"
        done = host.run("sh", "-c", line.replace(TREE, f"/var/lib/machines/{tree}"), stdin=case.stdin, timeout=60)
    said = "\n".join(line for line in done.stderr.splitlines() if not PROGRESS.match(line))
    return done.status, done.stdout if case.compares_output else "", said


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_same_words_have_the_same_effect(host257, name):
    with host257.program_named("systemd-nspawn") as program:
        theirs, ours = (_run(host257, each, name) for each in (NSPAWN, program))
    is_same = (*theirs[:2], bool(theirs[2])) == (*ours[:2], bool(ours[2]))
    assert is_same == (name not in DIFFERENCES), f"\nnspawn: {theirs}\n  ours: {ours}\n{DIFFERENCES.get(name, '')}"


def test_every_difference_has_a_case():
    assert set(DIFFERENCES) <= set(CASES)


def _refused(host, program):
    done = host.run(program, "-q", "-D", TREE, "-M", "other", "true")
    return done.status, bool(done.stderr)


def test_a_tree_that_one_of_them_runs_is_busy_for_both(host257):
    with host257.program_named("systemd-nspawn") as program:
        with host257.nspawn("deb", "sleep", "100"):
            assert _refused(host257, NSPAWN) == _refused(host257, program) == (1, True)
        with host257.command("sleep", "100", program=program):
            assert _refused(host257, NSPAWN) == _refused(host257, program) == (1, True)
