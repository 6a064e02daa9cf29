# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads JUnit files, which both meson and pytest write, and adds up what they say."""

import dataclasses
import re
import xml.etree.ElementTree
from pathlib import Path

ALLOWED_SKIPS = Path(__file__).parent / "allowed-skips"


@dataclasses.dataclass
class Case:
    """One test: its name, how it ended, and why."""

    name: str
    outcome: str  # passed, failed or skipped
    reason: str = ""


def _reason(text: str, output: str) -> str:
    match = re.search(r"machine lacks: .*", text + "\n" + output)
    if match:
        return match[0].strip()
    lines = (text.strip() or output.strip()).splitlines()
    return lines[-1].strip() if lines else "no reason given"


def _of_tap(name: str, output: str) -> tuple[str, str] | None:
    """What a TAP program wrote about its test "N" or "N - NAME": the rest of its line, and the lines below."""
    number = name.split(" ", 1)[0]
    match = re.search(rf"^(?:not )?ok {re.escape(number)}\b(.*)\n((?:#.*\n)*)", output + "\n", re.M)
    return (match[1], match[2].replace("# ", "").strip()) if match else None


def _case(element, suite, with_output: bool) -> Case:
    name, output = element.get("name") or "", ""
    own = "\n".join(element.findtext(tag) or "" for tag in ("system-out", "system-err"))
    outcome, text = "passed", ""
    for part in element:
        if part.tag in ("failure", "error", "skipped"):
            outcome = "skipped" if part.tag == "skipped" else "failed"
            text = part.get("message") or part.text or ""
    if with_output:
        output = own
        tap = _of_tap(name, suite.findtext("system-out") or "")
        if tap:
            name, output = f"{suite.get('name')} / {name}", tap[1]
            # cmocka writes "not ok N # SKIP".
            if "# SKIP" in tap[0]:
                outcome, output = "skipped", f"{tap[0].partition('# SKIP')[2]}\n{output}"
    else:
        name = "/".join(filter(None, (element.get("classname"), name)))
    return Case(name, outcome, "" if outcome == "passed" else _reason(text, output))


def read_junit(path: Path, with_output: bool = False) -> list[Case]:
    """All tests of a file; none if there is no such file. WITH_OUTPUT: look for reasons in what a test wrote."""
    if not path.exists():
        return []
    suites = xml.etree.ElementTree.parse(path).getroot().iter("testsuite")
    return [_case(element, suite, with_output) for suite in suites for element in suite.findall("testcase")]


def allowed_skips() -> list[str]:
    """The things a machine may lack."""
    lines = (line.strip() for line in ALLOWED_SKIPS.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def is_excused(reason: str) -> bool:
    """Whether a test may be skipped for this reason on a CI machine."""
    lacks = re.match(r"(?:Skipped: )?machine lacks: (.*)", reason)
    return bool(lacks) and any(lacks[1].startswith(thing) for thing in allowed_skips())


class Tally:
    """The sum of all suites."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def fail(self, suite: str, reason: str) -> None:
        """Counts something that went wrong outside of any test."""
        self.cases.append(Case(suite, "failed", reason))

    def add(self, suite: str, cases: list[Case], status: int) -> str:
        """Counts a suite; STATUS is that of its runner. Returns a line about it."""
        if status != 0 and not any(case.outcome == "failed" for case in cases):
            cases = [*cases, Case("", "failed", f"the runner ended with {status}")]
        for case in cases:
            case.name = f"{suite}: {case.name}"
        self.cases += cases
        count = {kind: sum(case.outcome == kind for case in cases) for kind in ("passed", "failed", "skipped")}
        return f"{suite}: " + ", ".join(f"{number} {kind}" for kind, number in count.items())

    def report(self, is_strict: bool) -> int:
        """Prints all failures and skips, and last the sum. Returns the exit status."""
        for case in self.cases:
            if case.outcome == "skipped":
                excused = is_excused(case.reason)
                if is_strict and not excused:
                    case.outcome = "failed"
                    case.reason = f"skipped without an excuse: {case.reason}"
                else:
                    print(f"SKIPPED {case.name}: {case.reason}")
        failed = [case for case in self.cases if case.outcome == "failed"]
        for case in failed:
            print(f"FAILED {case.name}: {case.reason}")
        n_skipped = sum(case.outcome == "skipped" for case in self.cases)
        n_passed = len(self.cases) - n_skipped - len(failed)
        text = f"{n_passed} passed, {len(failed)} failed"
        print(text + (f", {n_skipped} skipped" if n_skipped else ""), flush=True)
        return 1 if failed or not n_passed else 0
