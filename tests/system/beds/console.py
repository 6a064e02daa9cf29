# SPDX-License-Identifier: LGPL-2.1-or-later
"""A program on a pseudo terminal: what a user at a terminal sees and types."""

import fcntl
import os
import re
import struct
import termios
import threading
import time

from beds import proc


class Console:
    """Runs ARGS with a terminal of its own. All output is read by a thread, so nothing ever blocks."""

    def __init__(self, *args, env=None, preexec_fn=None, rows: int = 24, columns: int = 80) -> None:
        self.primary, self.terminal = os.openpty()
        os.set_inheritable(self.primary, False)
        self.resize(rows, columns)
        self.before = self.attributes()
        self._output = bytearray()
        self._seen = 0

        def prepare() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if preexec_fn is not None:
                preexec_fn()

        self.process = proc.start(
            args,
            stdin=self.terminal,
            stdout=self.terminal,
            stderr=self.terminal,
            preexec_fn=prepare,
            env=None if env is None else {**os.environ, **env},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.primary, 65536)
            except OSError:
                return
            if not data:
                return
            self._output += data

    @property
    def text(self) -> str:
        """All output so far."""
        return self._output.decode(errors="replace")

    def attributes(self) -> list:
        """The terminal's settings, to compare with `before`."""
        return termios.tcgetattr(self.terminal)

    def resize(self, rows: int, columns: int) -> None:
        """Changes the window; the program gets SIGWINCH."""
        fcntl.ioctl(self.primary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text: str) -> None:
        """Types TEXT."""
        os.write(self.primary, text.encode())

    def expect(self, pattern: str, timeout: float = 10) -> re.Match:
        """Waits for PATTERN in what came after the last match."""
        deadline = time.monotonic() + timeout
        while True:
            ended = self.process.poll() is not None
            match = re.search(pattern, self._output[self._seen :].decode(errors="replace"))
            if match:
                self._seen += len(match.string[: match.end()].encode(errors="replace"))
                return match
            assert not ended or self._reader_is_behind(), f"Ended before '{pattern}' came:\n{self.text}"
            assert time.monotonic() < deadline, f"No '{pattern}' within {timeout} s:\n{self.text}"
            time.sleep(0.01)

    def _reader_is_behind(self) -> bool:
        size = len(self._output)
        time.sleep(0.05)
        return len(self._output) != size

    def wait(self, timeout: float = 10) -> int:
        """The exit status; the program is killed and the test fails if it does not end in time."""
        try:
            return self.process.wait(timeout)
        except Exception:
            proc.kill_group(self.process)
            raise AssertionError(f"Did not end within {timeout} s:\n{self.text}") from None

    def close(self) -> None:
        """Ends the program if it still runs, and closes the terminal."""
        proc.kill_group(self.process)
        os.close(self.terminal)
        self._reader.join(2)
        os.close(self.primary)

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, *_) -> None:
        self.close()
