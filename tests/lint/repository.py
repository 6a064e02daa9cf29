# SPDX-License-Identifier: LGPL-2.1-or-later
"""What all lints need: the files of the repository, and how to say what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77  # meson's exit status for a test that could not run


def _walk() -> list[Path]:
    """All files below the top, but for hidden folders and builds: what a tarball has."""
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if not name.startswith((".", "__pycache__"))
            and not (Path(folder) / name / "meson-private").exists()
        ]
        found += [Path(folder) / name for name in names]
    return found


def files(*suffixes: str) -> list[Path]:
    """All files that belong to the repository, or those that end in one of SUFFIXES."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-zco", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        paths = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        paths = _walk()
    ends = suffixes or ("",)
    return sorted(path for path in paths if path.is_file() and path.name.endswith(ends))


def sources(folder: str = "") -> list[Path]:
    """The C files and headers below FOLDER."""
    below = ROOT / folder
    return [path for path in files(".c", ".h") if path.is_relative_to(below)]


def name(path: Path) -> str:
    """PATH as a developer would write it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def finish(problems: list[str]) -> None:
    """Prints all problems and ends the lint: it fails if there are any."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


def skip(reason: str) -> None:
    """Ends the lint because it cannot run here."""
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)
