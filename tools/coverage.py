#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the lines and branches of the core that its tests have run, and names those they have not.

Reads what gcov knows of a build with the preset `coverage` after its tests. Branches that only an
exception takes do not count: the core has none. Exits with 1 when a line or a branch is missing.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("core/bms", "core/ems", "core/journal")
SHOWN_MAX = 50


def documents(build):
    """What gcov says of every object file, one JSON document each."""
    for counters in sorted(build.rglob("*.gcda")):
        said = subprocess.run(["gcov", "--branch-probabilities", "--json-format", "--stdout",
                               str(counters)], cwd=counters.parent, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in said.stdout.splitlines():
            if line.strip():
                yield json.loads(line)


def place(document, file):
    """The file relative to the root, or None when it does not count."""
    path = pathlib.Path(document["current_working_directory"], file["file"]).resolve()
    if not path.is_relative_to(ROOT):
        return None
    name = path.relative_to(ROOT).as_posix()
    return name if name.startswith(tuple(folder + "/" for folder in FOLDERS)) else None


def count(build):
    """Runs of each line, and of each branch of each function on it."""
    lines, branches = collections.Counter(), collections.Counter()
    for document in documents(build):
        for file in document["files"]:
            name = place(document, file)
            if name is None:
                continue
            for line in file["lines"]:
                at = (name, line["line_number"])
                lines[at] += line["count"]
                for number, branch in enumerate(line["branches"]):
                    if not branch["throw"]:
                        branches[at + (line.get("function_name", ""), number)] += branch["count"]
    return lines, branches


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="the build's folder")
    lines, branches = count(parser.parse_args().build.resolve())
    if not lines:
        print("coverage: no counters; run the tests of a build with the preset coverage first.",
              file=sys.stderr)
        return 2
    missing = sorted({at for at, runs in lines.items() if runs == 0} |
                     {at[:2] for at, runs in branches.items() if runs == 0})
    for name, line in missing[:SHOWN_MAX]:
        print(f"{name}:{line}: not run, or not in every way")
    for title, counts in (("lines", lines), ("branches", branches)):
        run = sum(1 for runs in counts.values() if runs > 0)
        print(f"{title}: {run} of {len(counts)} ({100.0 * run / len(counts):.2f} %)")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
