#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The man page describes exactly the options that boot-tree has, in the same argument forms.

Arguments: the boot-tree program. A paragraph of the man page is a line like
"*-D*, *--directory=*_PATH_" with an indented text below.
"""

import re
import sys

import option_table
from repository import ROOT, finish

HEADING = re.compile(r"^\*-")
SPELLING = re.compile(r"\*(--[a-z0-9-]+|-[A-Za-z])(=)?\*(\[=)?")
TOO_MANY_WORDS = 8  # signals: the page names the form, not each


def argument_form(equals: str, bracket: str) -> str:
    """The argument that a spelling in the man page has."""
    return "required" if equals else "optional" if bracket else "none"


def paragraphs(page: str):
    """Yields (spellings, text) of each option's paragraph."""
    spellings, text = [], []
    for line in [*page.splitlines(), "*-"]:
        if HEADING.match(line):
            if text:
                yield spellings, "\n".join(text)
                spellings, text = [], []
            spellings += SPELLING.findall(line)
        elif line and not line.startswith("\t"):
            if spellings:
                yield spellings, "\n".join(text)
            spellings, text = [], []
        elif spellings:
            text.append(line)


page = (ROOT / "man/boot-tree.1.scd").read_text()
described, problems = {}, []
for spellings, text in paragraphs(page):
    if not text.strip():
        problems.append(f"{spellings}: no text")
    for label, equals, bracket in spellings:
        described.setdefault(label, []).append((argument_form(equals, bracket), text))

for option in option_table.read(sys.argv[1]):
    labels = [option.label] + ([f"-{option.letter}"] if option.letter and option.name else [])
    for label in labels:
        if label not in described:
            problems.append(f"{label}: not in the man page")
    forms = [form for form, _ in described.get(option.label, [])]
    if forms and option.argument not in forms:
        problems.append(f"{option.label}: argument is {option.argument}, in the man page {forms}")
    texts = "\n".join(text for _, text in described.get(option.label, []))
    for word in option.values if len(option.values) <= TOO_MANY_WORDS else ():
        if option.metavar != "BOOL" and f"*{word}*" not in texts:
            problems.append(f"{option.label}: the man page does not describe '{word}'")
    for label in labels:
        described.pop(label, None)
problems += [f"{label}: in the man page, but no option" for label in described]
finish(problems)
