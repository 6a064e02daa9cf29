# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a first tree and boots it; called by tests/quickstart once boot-tree is built."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TREE = Path("/var/lib/machines/deb")
NAME = "deb"
READY_SECONDS = 90


def make_tree() -> None:
    """Makes the tree if there is none. A tree that is there was made completely: it gets its name last."""
    from beds import trees

    if (TREE / "usr").is_dir():
        return
    TREE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    print(f"Making the tree {TREE} (Debian 12, about half a minute) …", flush=True)
    partial = Path(tempfile.mkdtemp(prefix=".#deb-", dir=TREE.parent))
    try:
        command = trees.command(trees.RECIPES["bookworm"], partial, "directory")
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"mmdebstrap failed:\n{done.stderr[-2000:]}")
        partial.chmod(0o755)
        partial.rename(TREE)
    finally:
        if partial.exists():
            shutil.rmtree(partial)


def boot_on_terminal() -> None:
    """Hands the terminal over."""
    from beds import paths

    print("Log in as root, without a password. To leave: `poweroff`, or press ^] three times within a second.")
    sys.stdout.flush()
    os.execv(paths.boot_tree(), ["boot-tree", "-D", str(TREE)])


def boot_and_ask() -> None:
    """Boots, says how long that took and what systemd inside says, and powers off."""
    from beds import bare

    began = time.monotonic()
    machine = bare.Bare().start(TREE, name=NAME)
    with machine:
        machine.wait_ready(READY_SECONDS)
        print(f"Booted {TREE} in {time.monotonic() - began:.2f} s", flush=True)
        state = machine.system_state(READY_SECONDS)
        print(f"systemctl is-system-running: {state}", flush=True)
        if state != "running":
            failed = machine.inside("systemctl", "--failed", "--no-legend", "--plain").stdout.strip()
            raise RuntimeError(f"The system inside is '{state}' instead of 'running': {failed}")
        status = machine.poweroff(30)
        if status != 0:
            raise RuntimeError(f"boot-tree ended with {status} after the power-off:\n{machine.output}")
        print("Powered off")


def main(is_terminal: bool) -> int:
    """Exit status 0, or one clear line and 1."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        make_tree()
        if is_terminal:
            boot_on_terminal()
        boot_and_ask()
    except (RuntimeError, AssertionError, OSError, subprocess.SubprocessError) as error:
        print(f"quickstart failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("quickstart failed: interrupted", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    if sys.stdin.isatty() and sys.stdout.isatty():
        sys.exit(main(is_terminal=True))
    # The helpers keep their sockets and logs below the cache: a throw-away one.
    with tempfile.TemporaryDirectory(prefix="boot-tree-") as folder:
        os.environ["BOOT_TREE_CACHE"] = folder
        sys.exit(main(is_terminal=False))
