# SPDX-License-Identifier: LGPL-2.1-or-later
"""This machine with other files in /etc and elsewhere, seen only by what runs in it."""

from pathlib import Path

from beds import bare as bare_bed
from beds import proc

# An /etc that can be changed, and nothing of systemd's.
HIDE = (
    "mount -t tmpfs x /mnt && mkdir /mnt/up /mnt/work"
    " && mount -t overlay x /etc -olowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work"
    " && mkdir -p /run/systemd && mount -t tmpfs x /run/systemd"
)


class OtherHost:
    """boot-tree, run where some lines of shell were run before."""

    def __init__(self, bare, tree: Path) -> None:
        self.bare = bare
        self.tree = tree
        self.script = f"set -e; {HIDE}\n"

    def change(self, script: str) -> None:
        """Runs a line of shell in its /etc."""
        self.script += f"cd /etc && {script}\n"

    def add_user(self, name: str, uid: int, home: Path, *, gid: int = 0, shadow: str = "!", shell: str = "/bin/sh") -> None:
        """A user with a home of his own."""
        gid = gid or uid
        self.change(f"echo '{name}:x:{uid}:{gid}:The User,,,:{home}:{shell}' >>passwd")
        self.change(f"echo '{name}:{shadow}:19000:0:99999:7:::' >>shadow; echo '{name}:x:{gid}:' >>group")

    @property
    def prefix(self) -> list[str]:
        """Words in front of a command that is to run there."""
        return ["unshare", "-m", "sh", "-c", f'{self.script}cd /; exec "$@"', "sh"]

    def run(self, *words, program: str | None = None, **how) -> proc.Result:
        """boot-tree with WORDS there, to its end."""
        options = ["-q", "-D", self.tree, "-M", bare_bed.new_name("int")]
        return proc.run(*self.prefix, program or self.bare.program, *options, *words, timeout=10, **how)

    def shell(self, line: str, *options, **how) -> proc.Result:
        """The same with a line of shell as the payload, which has to succeed."""
        done = self.run("--console=pipe", *options, "--", "sh", "-c", line, **how).check()
        assert done.stderr == "", done
        return done
