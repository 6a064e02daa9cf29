# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds, runs the suites and adds up their results; called by tests/run."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from beds import paths, trees
from suite_results import Tally, read_junit

MESON = "/usr/bin/meson"
WARNINGS = ["-Dwerror=true"]
SANITIZERS = ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
# Suite → which build it uses and which suites of meson it runs there.
MESON_SUITES = {
    "unit": ("gcc", "unit"),
    "plan": ("gcc", "plan"),
    "kernel": ("gcc", "kernel"),
    "lint": ("gcc", "lint"),
    "clang": ("clang", "unit"),
    "sanitize": ("sanitize", "unit plan"),
    "fuzz": ("fuzz", "fuzz"),
}
FUZZERS = ["-Dfuzzers=true", "-Dunit-tests=disabled", "-Dkernel-tests=false", "-Dc_args=-fsanitize=fuzzer-no-link"]
BUILDS = {
    "gcc": ("gcc", WARNINGS),
    "clang": ("clang", WARNINGS),
    "sanitize": ("gcc", WARNINGS + SANITIZERS),
    "fuzz": ("clang", WARNINGS + SANITIZERS + FUZZERS),
}
SUITES = [*MESON_SUITES, "system"]
# As in tests/system/conftest.py.
SYSTEM_PARTS = ("here", "elsewhere")
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def say(text: str) -> None:
    """One line that stands out."""
    print(f"== {text}", flush=True)


def build(name: str) -> bool:
    """Configures (once) and compiles a build; prints the compiler's output if it fails."""
    folder = paths.build_root() / name
    compiler, options = BUILDS[name]
    began = time.monotonic()
    steps = []
    if not (folder / "build.ninja").exists():
        if folder.exists():
            shutil.rmtree(folder)
        steps.append([MESON, "setup", "--prefix=/usr", *options, str(folder), str(paths.CHECKOUT)])
    steps.append([MESON, "compile", "-C", str(folder)])
    for step in steps:
        done = subprocess.run(
            step,
            env={**os.environ, "CC": compiler},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(done.stdout, flush=True)
            say(f"build {name}: FAILED")
            return False
    say(f"build {name}: {time.monotonic() - began:.0f} s")
    return True


def _tests_of(folder: Path, suite: str, expression: str) -> list[str]:
    done = subprocess.run(
        [MESON, "test", "-C", str(folder), "--no-rebuild", "--list", "--suite", suite],
        capture_output=True,
        text=True,
        check=False,
    )
    # One line a test: "PROJECT:SUITE / NAME".
    names = [line.split(" / ", 1)[-1].strip() for line in done.stdout.splitlines() if " / " in line]
    return [name for name in names if expression in name]


def run_meson(suite: str, expression: str, tally: Tally) -> None:
    """Runs one suite with `meson test`."""
    build_name, inner_suites = MESON_SUITES[suite]
    folder = paths.build_root() / build_name
    for inner in inner_suites.split():
        label = suite if suite == inner else f"{suite}/{inner}"
        names = _tests_of(folder, inner, expression)
        if not names:
            if not expression:
                tally.fail(label, "this suite has no tests")
            continue
        log = folder / "meson-logs" / f"{label.replace('/', '-')}.junit.xml"
        log.unlink(missing_ok=True)
        command = [MESON, "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs", "--quiet"]
        command += ["--suite", inner, "--logbase", label.replace("/", "-")]
        if build_name == "sanitize":
            command += ["--timeout-multiplier", "4"]
        if expression:
            command += names
        environment = {**os.environ, **SANITIZER_ENVIRONMENT, "CMOCKA_MESSAGE_OUTPUT": "TAP"}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode != 0:
            print(done.stdout, flush=True)
        say(tally.add(label, read_junit(log, with_output=True), done.returncode))


def _pytest(label: str, *options: str) -> list[str]:
    log = _system_junit(label)
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=short", "-q", "--durations=10", *options]
    return [*command, f"--junitxml={log}", f"--rootdir={paths.CHECKOUT}", str(paths.CHECKOUT / "tests" / "system")]


def _system_junit(label: str) -> Path:
    return paths.build_root() / f"{label.replace('/', '-')}.junit.xml"


def run_some_pytest(expression: str, tally: Tally) -> None:
    """Runs the system tests that EXPRESSION selects."""
    done = subprocess.run(
        _pytest("system", "-k", expression), stdin=subprocess.DEVNULL, cwd=paths.CHECKOUT, check=False
    )
    # 5: nothing was selected.
    if done.returncode != 5:
        say(tally.add("system", read_junit(_system_junit("system")), done.returncode))


def run_all_pytest(tally: Tally) -> None:
    """Runs all system tests in two sessions side by side; shows what each wrote when it has ended.

    They mostly wait: for machines that boot or end. What one does the other does not see, see conftest.py."""
    folder = paths.build_root()
    sessions = {}
    try:
        for part in SYSTEM_PARTS:
            label = f"system/{part}"
            with open(folder / f"system-{part}.log", "wb") as log:
                sessions[label] = subprocess.Popen(
                    _pytest(label, f"--part={part}"),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=paths.CHECKOUT,
                )
        for label, session in sessions.items():
            status = session.wait()
            print((folder / f"{label.replace('/', '-')}.log").read_text(encoding="utf-8", errors="replace"), flush=True)
            say(tally.add(label, read_junit(_system_junit(label)), status))
    finally:
        for session in sessions.values():
            if session.poll() is None:
                session.terminate()
                session.wait()


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="tests/run")
    parser.add_argument("suite", nargs="*", metavar="SUITE", help=" ".join(SUITES))
    parser.add_argument("-k", dest="expression", default="", metavar="EXPR", help="only tests with EXPR in their name")
    arguments = parser.parse_args()
    unknown = [suite for suite in arguments.suite if suite not in SUITES]
    if unknown:
        parser.error(f"no such suite: {' '.join(unknown)} (there are: {' '.join(SUITES)})")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    suites = arguments.suite or SUITES

    began = time.monotonic()
    tally = Tally()
    maker = None
    if "system" in suites and not arguments.expression:
        maker = threading.Thread(target=_make_trees, args=(tally,))
        maker.start()

    builds = {MESON_SUITES[suite][0] for suite in suites if suite in MESON_SUITES}
    if "system" in suites:
        builds.add("gcc")
    is_built = {name: build(name) for name in BUILDS if name in builds}
    for name, ok in is_built.items():
        if not ok:
            tally.fail("build", name)
    for suite in suites:
        if suite in MESON_SUITES and is_built[MESON_SUITES[suite][0]]:
            run_meson(suite, arguments.expression, tally)
    if maker is not None:
        maker.join()
    if "system" in suites and is_built["gcc"]:
        if arguments.expression:
            run_some_pytest(arguments.expression, tally)
        else:
            run_all_pytest(tally)
    say(f"{time.monotonic() - began:.0f} s")
    return tally.report(is_strict=os.environ.get("CI") == "true")


def _make_trees(tally: Tally) -> None:
    try:
        trees.prepare(trees.USUAL)
    except RuntimeError as error:
        print(error, flush=True)
        tally.fail("trees", str(error).splitlines()[0])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
