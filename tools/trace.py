#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requirement ids beside the tests that carry their tag.

Ids and meanings come from docs/requirements.md, tags from the tests themselves: the string of a
TEST_CASE in C++, anything written as [WS-11] in Python and Lua. Exits with 1 for a tag that no
requirement has, and with --require for an id that no test has.
"""

import argparse
import pathlib
import re
import sys
from collections import namedtuple

Requirement = namedtuple("Requirement", "id meaning part")
Test = namedtuple("Test", "path line name")

ROW = re.compile(r"^\| ((?:WS|CM|EP|TK)-\d\d) \| (.+?) \| (\w+) \|$", re.M)
TAG = re.compile(r"\[((?:WS|CM|EP|TK)-\d+)\]")
STRINGS = r'((?:"(?:\\.|[^"\\])*"\s*)+)'
CASE = re.compile(
    r"\b(?:TEMPLATE_)?(?:TEST_CASE|SCENARIO)\w*\s*\(\s*" + STRINGS + r",\s*" + STRINGS)


def joined(literals):
    """Adjacent string literals as the compiler sees them."""
    return "".join(re.findall(r'"((?:\\.|[^"\\])*)"', literals)).replace('\\"', '"')


def read_requirements(root):
    text = (root / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = [Requirement(*match.groups()) for match in ROW.finditer(text)]
    ids = [row.id for row in rows]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        sys.exit(f"trace: docs/requirements.md lists {', '.join(twice)} twice")
    return rows


def tests_of_cxx(path, text):
    for match in CASE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        for tag in TAG.findall(joined(match.group(2))):
            yield tag, Test(path, line, joined(match.group(1)))


def tests_of_script(path, text):
    """A tag belongs to the function that it stands in, or else to the file."""
    name = ""
    for number, line in enumerate(text.split("\n"), 1):
        head = re.match(r"\s*(?:local\s+)?(?:def|function|class)\s+([\w.:]+)", line)
        if head:
            name = head.group(1)
        for tag in TAG.findall(line):
            yield tag, Test(path, number, name)


def read_tags(root):
    """{id: [Test]}, in the order of the files."""
    tags = {}
    for place in sorted((root / "tests").rglob("*")):
        path = place.relative_to(root).as_posix()
        if path.startswith("tests/tidy/") or not place.is_file():
            continue  # the tests of this tool quote tags
        reader = tests_of_cxx if place.suffix == ".cpp" else tests_of_script
        if place.suffix not in (".cpp", ".py", ".lua"):
            continue
        for tag, test in reader(path, place.read_text(encoding="utf-8")):
            tags.setdefault(tag, []).append(test)
    return tags


def wanted(rows, part):
    """The rows of one part; all of them for None."""
    parts = sorted({row.part for row in rows})
    if part is not None and part not in parts:
        sys.exit(f"trace: no part is called '{part}'; there are {', '.join(parts)}")
    return [row for row in rows if part in (None, row.part)]


def table(rows, tags):
    for row in rows:
        tests = tags.get(row.id, [])
        yield f"{row.id}  {len(tests):3}  {row.meaning}"
        for test in tests:
            yield f"            {test.path}:{test.line}: {test.name}".rstrip(": ")


def run(root, issue=None, require=None, brief=False):
    """(lines to print, exit code)."""
    rows, tags = read_requirements(root), read_tags(root)
    shown = wanted(rows, issue or require)
    lines = ["id     tests  what must hold"]
    lines += [x for x in table(shown, tags) if not (brief and x.startswith(" "))]
    empty = [row.id for row in shown if row.id not in tags]
    lines.append(f"{len(shown)} requirements, {len(shown) - len(empty)} with a test.")
    code = 0
    unknown = sorted(set(tags) - {row.id for row in rows})
    for tag in unknown:
        test = tags[tag][0]
        lines.append(f"{test.path}:{test.line}: [{tag}] is no requirement of docs/requirements.md.")
        code = 1
    if empty:
        lines.append(f"Without a test: {', '.join(empty)}.")
        if require is not None:
            code = 1
    return lines, code


def main():
    parser = argparse.ArgumentParser(prog="./dev trace",
                                     description="requirement ids with the tests that prove them")
    parser.add_argument("--issue", metavar="PART",
                        help="show only the ids of one part, the last column of the requirements")
    parser.add_argument("--require", metavar="PART",
                        help="the same, and exit with 1 when one of them has no test")
    parser.add_argument("--brief", action="store_true", help="numbers without the tests' names")
    parser.add_argument("--root", type=pathlib.Path, help=argparse.SUPPRESS,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    given = parser.parse_args()
    if given.issue and given.require and given.issue != given.require:
        parser.error("--issue and --require name different parts")
    lines, code = run(given.root, given.issue, given.require, given.brief)
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
