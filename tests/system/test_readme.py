# SPDX-License-Identifier: LGPL-2.1-or-later
"""The first command of the README does what it says, on a Debian that has nothing but apt."""

import pytest

from beds.pristine import Pristine


@pytest.fixture(scope="module")
def pristine():
    bed = Pristine()
    yield bed
    bed.done()


def test_quickstart_without_a_terminal_boots_asks_and_powers_off(pristine):
    done = pristine.run("tests/quickstart", timeout=600).check()
    lines = done.stdout.splitlines()
    assert any(line.startswith("Booted /var/lib/machines/deb in ") for line in lines), str(done)
    assert lines[-2:] == ["systemctl is-system-running: running", "Powered off"], str(done)


def test_quickstart_on_a_terminal_shows_the_login_prompt(pristine):
    def talk(console):
        console.expect("To leave: ", 300)
        console.expect("login: ", 120)
        console.send("root\r")
        console.expect(r"[#$] ", 30)
        console.send("poweroff\r")

    assert pristine.run_on_terminal("tests/quickstart", talk=talk, timeout=60) == 0


def test_quickstart_says_in_one_line_what_failed(pristine):
    pristine.path("/var/lib/machines/deb").rename(pristine.path("/var/lib/machines/kept"))
    pristine.path("/var/lib/machines/deb/usr").mkdir(parents=True)
    done = pristine.run("tests/quickstart", timeout=120)
    pristine.path("/var/lib/machines/deb/usr").rmdir()
    pristine.path("/var/lib/machines/deb").rmdir()
    pristine.path("/var/lib/machines/kept").rename(pristine.path("/var/lib/machines/deb"))
    assert done.status not in (0, 255)
    assert "quickstart failed: " in done.stderr
