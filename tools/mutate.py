#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes the limit tables and the guard rules in small ways and sees whether a test notices.

A mutant is one change of the text: a constant one step up or down, another comparison, `and` for
`or`, a statement left out, a reaction for another one. Each is built and tested in copies of the
tree under build/mutants, never in the tree itself. A mutant that no test notices is printed with
its place; one that cannot be noticed is listed with its reason in tools/mutation-survivors.md.
A mutant meets the quickest test program first and the next one only when it survives. Exits with 1
below the required rate or when a survivor has no reason. All of them take hours: a nightly job;
--max judges a sample.
"""

import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time
from collections import namedtuple

import tidy

RATE_MIN = 0.95
SEED = 20260101
BUILD_SECONDS_MAX = 900
# Unoptimised tests of whole simulated days take longer than they save; an index beyond an array
# must be noticed, not read.
FLAGS = "-O1 -g0 -D_GLIBCXX_ASSERTIONS"

# What is mutated, and the test programs that promise to notice, in stages: the quickest first.
Suite = namedtuple("Suite", "files stages")
SUITES = {
    "bms": Suite(("core/bms/families.hpp", "core/bms/events.hpp", "core/bms/diagnosis.cpp",
                  "core/bms/limits.cpp", "core/bms/machine.cpp"),
                 (r"^unit_bms_tables$", r"^unit_bms$", r"^unit_bms_(pack|soc|states|diagram)$")),
    "ems": Suite(("core/ems/grid_code.hpp", "core/ems/ratings.hpp", "core/ems/overload.cpp",
                  "core/ems/demand_response.cpp", "core/ems/schedule.cpp",
                  "core/ems/grid_protection.cpp"), (r"^unit_ems_tables$", r"^unit_ems$")),
    "guard": Suite(("host/guard/guard.cpp", "host/guard/guard.hpp", "host/guard/update_guard.cpp",
                    "host/guard/update_guard.hpp"), (r"^unit_device$",)),
}

Mutant = namedtuple("Mutant", "path line column before after kind")
Verdict = namedtuple("Verdict", "mutant outcome detail")  # killed, survived, stillborn

COMPARISONS = {"<": ("<=",), "<=": ("<",), ">": (">=",), ">=": (">",), "==": ("!=",),
               "!=": ("==",)}
LOGIC = {"&&": "||", "||": "&&"}
ARITHMETIC = {"+": "-", "-": "+"}
# Words of the tables and of the code around them that mean something else, but also compile.
SWAPS = {
    "record": "open", "open": "record", "no_charge": "no_discharge", "no_discharge": "no_charge",
    "no_current": "record", "Locks": "SelfClears", "SelfClears": "Locks",
    "NeedsReset": "SelfClears", "Permanent": "Locks", "High": "Low", "Low": "High",
    "true": "false", "false": "true", "min": "max", "max": "min", "floor": "ceil",
    ".charge": ".discharge", ".discharge": ".charge",
    "StopCharge": "StopDischarge", "StopDischarge": "StopCharge",
}
NUMBER = re.compile(r"(?<![\w.'])(0[xX][0-9a-fA-F']+|\d[\d']*)([uUlL]*)(?![\w.'])")
OPERATOR = re.compile(r"(?<= )(<=|>=|==|!=|<|>|&&|\|\||\+|-)(?= )")
NEGATION = re.compile(r"(?<![\w)\]!])!(?=[\w(])")
WORDS = "|".join(sorted({word.lstrip(".") for word in SWAPS}))
WORD = re.compile(r"\.?\b(?:" + WORDS + r")\b(?!\s*=[^=])")
# A whole statement in one line that is neither a declaration nor a way out of the function.
STATEMENT = re.compile(
    r"^\s+(?:if \(.*\) (?:return\b[^;]*|[\w.\->\[\]():]+(?:\(.*\)| [|&+\-*]?= .*))|"
    r"(?!return\b|const\b|auto\b|static\b|using\b|break\b|continue\b|case\b|std::\w+<)"
    r"[\w.\->\[\]:]+(?:\(.*\)| [|&+\-*]?= [^;]*)|\+\+\w+|--\w+);$")
CHECK_BEGIN = re.compile(r"^consteval bool \w+\(")
SKIPPED_LINE = re.compile(r"^\s*(?:#|using\b|namespace\b|template\b|static_assert\b)")


def mutants_of_line(path, number, line):
    """Every mutant of one line whose comments and literals are blanked."""
    if SKIPPED_LINE.match(line):
        return

    def mutant(match, after, kind):
        return Mutant(path, number, match.start() + 1, match.group(0), after, kind)

    for match in NUMBER.finditer(line):
        base = 16 if match.group(1)[:2].lower() == "0x" else 10
        value = int(match.group(1).replace("'", ""), base)
        for step in (1, -1):
            if value + step >= 0:
                yield mutant(match, f"{value + step}{match.group(2)}", "constant")
    for match in OPERATOR.finditer(line):
        mark = match.group(0)
        if mark in COMPARISONS:
            for other in COMPARISONS[mark]:
                yield mutant(match, other, "comparison")
        elif mark in LOGIC:
            yield mutant(match, LOGIC[mark], "logic")
        else:
            yield mutant(match, ARITHMETIC[mark], "arithmetic")
    for match in NEGATION.finditer(line):
        yield mutant(match, "", "negation")
    for match in WORD.finditer(line):
        after = SWAPS.get(match.group(0)) or SWAPS.get(match.group(0).lstrip("."))
        if after:
            yield mutant(match, after if match.group(0)[0] == "." or after[0] != "." else after[1:],
                         "swap")
    if STATEMENT.match(line):
        whole = re.search(r"\S.*", line)
        yield mutant(whole, ";", "statement")


def lines_of_checks(lines):
    """Numbers of the lines that judge a table while compiling: tests themselves, so not mutated."""
    inside = False
    for number, line in enumerate(lines, 1):
        inside = inside or CHECK_BEGIN.match(line) is not None
        if inside:
            yield number
        inside = inside and line != "}"


def mutants_of(path, text, first=1, last=None):
    """Every mutant of the lines first..last of a file."""
    lines = tidy.blank(text).split("\n")
    originals = text.split("\n")
    checks = set(lines_of_checks(lines))
    for number in range(first, min(last or len(lines), len(lines)) + 1):
        if number in checks:
            continue
        for m in mutants_of_line(path, number, lines[number - 1]):
            before = originals[number - 1][m.column - 1:m.column - 1 + len(m.before)]
            yield m._replace(before=before)


def mutated(text, mutant):
    lines = text.split("\n")
    line = lines[mutant.line - 1]
    at = mutant.column - 1
    lines[mutant.line - 1] = line[:at] + mutant.after + line[at + len(mutant.before):]
    return "\n".join(lines)


def sample(mutants, most, seed=SEED):
    """At most `most` of them, the same ones for the same seed, in their order."""
    if most is None or len(mutants) <= most:
        return mutants
    chosen = set(random.Random(seed).sample(range(len(mutants)), most))
    return [m for i, m in enumerate(mutants) if i in chosen]


# --- reasons -----------------------------------------------------------------------------------
REASON = re.compile(r"^\| `([^`|]+)` \| `([^`]+)` \| `([^`]*)` -> `([^`]*)` \| (.+?) \|$", re.M)


def read_reasons(text):
    """{(file, line of code, before, after): reason}; independent of line numbers."""
    return {(m[1], m[2].strip(), m[3], m[4]): m[5] for m in REASON.finditer(text)}


def key_of(mutant, text):
    return (mutant.path, text.split("\n")[mutant.line - 1].strip(), mutant.before, mutant.after)


# --- running -----------------------------------------------------------------------------------
def one_line(output):
    """The first line that says why."""
    lines = [x.strip() for x in output.split("\n") if x.strip()]
    telling = [x for x in lines if re.search(r"error|FAILED|\*\*\*|Timeout", x)]
    return (telling or lines or [""])[0][:160]


# The compiler refuses these because a table contradicts itself: noticed, as by a test.
CHECKED_AT_COMPILE_TIME = re.compile(
    r"static assertion failed|static_assert|is not a constant expression|call to non-.constexpr|"
    r"call to consteval|in .constexpr. expansion|narrowing conversion|assertion_failed")


class Stage:
    """Test programs that are built and run together."""

    def __init__(self, tests):
        self.tests = tests
        self.targets = []
        self.seconds_max = BUILD_SECONDS_MAX


class Workshop:
    """One copy of the tree with its own build folder."""

    def __init__(self, root, folder, stages):
        self.source = folder / "source"
        self.build = folder / "build"
        self.stages = [Stage(tests) for tests in stages]
        self.copy(root)

    def copy(self, root):
        """Copies what differs, so that a second run builds little, and removes what is gone."""
        wanted = set(tidy.paths_of(root))
        for path in wanted:
            to = self.source / path
            data = (root / path).read_bytes()
            if not to.is_file() or to.read_bytes() != data:
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(data)
                shutil.copymode(root / path, to)
        for place in self.source.rglob("*"):
            if place.is_file() and place.relative_to(self.source).as_posix() not in wanted:
                place.unlink()

    def run(self, *command, timeout):
        environment = {**os.environ, "CTEST_OUTPUT_ON_FAILURE": "1"}
        with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, env=environment, errors="replace",
                              start_new_session=True) as process:
            try:
                output, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)  # the whole family that was started here
                process.communicate()
                return -1, "Timeout"
        return process.returncode, output

    def build_targets(self, stage):
        return self.run("cmake", "--build", self.build, "-j", "1", "--target", *stage.targets,
                        timeout=BUILD_SECONDS_MAX)

    def prepare(self):
        """Builds and runs the tests without a mutant; they must pass."""
        code, output = self.run(
            "cmake", "-S", self.source, "-B", self.build, "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_CXX_FLAGS_DEBUG={FLAGS}",
            timeout=BUILD_SECONDS_MAX)
        if code != 0:
            sys.exit("mutate: configuring failed\n" + output[-3000:])
        for stage in self.stages:
            code, output = self.run("ctest", "--test-dir", self.build, "-N", "-R", stage.tests,
                                    timeout=60)
            stage.targets = re.findall(r"Test\s+#\d+: (\S+)", output)
            if not stage.targets:
                sys.exit(f"mutate: no test is called like {stage.tests}")
            code, output = self.build_targets(stage)
            if code != 0:
                sys.exit("mutate: the tree does not build\n" + output[-3000:])
            begin = time.monotonic()
            code, output = self.run("ctest", "--test-dir", self.build, "-R", stage.tests,
                                    timeout=BUILD_SECONDS_MAX)
            if code != 0:
                sys.exit("mutate: the tests fail without a mutant\n" + output[-3000:])
            stage.seconds_max = 5 + 10 * (time.monotonic() - begin)

    def judge(self, mutant):
        place = self.source / mutant.path
        original = place.read_text(encoding="utf-8")
        place.write_text(mutated(original, mutant), encoding="utf-8")
        try:
            for stage in self.stages:
                code, output = self.build_targets(stage)
                if code != 0:
                    checked = CHECKED_AT_COMPILE_TIME.search(output) is not None
                    outcome = "killed" if checked else "stillborn"
                    return Verdict(mutant, outcome, one_line(output))
                code, output = self.run("ctest", "--test-dir", self.build, "-R", stage.tests,
                                        "--stop-on-failure", timeout=stage.seconds_max)
                if code != 0:
                    return Verdict(mutant, "killed", one_line(output))
            return Verdict(mutant, "survived", "")
        finally:
            place.write_text(original, encoding="utf-8")


def judge_all(workshops, mutants, seconds):
    """Every mutant in one of the workshops, until the time is over."""
    end = None if seconds is None else time.monotonic() + seconds
    free = list(workshops)

    def one(mutant):
        if end is not None and time.monotonic() > end:
            return None
        workshop = free.pop()
        try:
            return workshop.judge(mutant)
        finally:
            free.append(workshop)

    with concurrent.futures.ThreadPoolExecutor(len(workshops)) as pool:
        for verdict in pool.map(one, mutants):
            if verdict is not None:
                yield verdict


def describe(verdict):
    m = verdict.mutant
    return (f"{m.path}:{m.line}:{m.column}: {verdict.outcome}: {m.kind}: "
            f"`{m.before}` -> `{m.after}`")


def conclude(verdicts, reasons, texts, rate_min=RATE_MIN):
    """(lines to print, exit code)."""
    killed = [v for v in verdicts if v.outcome == "killed"]
    survived = [v for v in verdicts if v.outcome == "survived"]
    explained = [v for v in survived if key_of(v.mutant, texts[v.mutant.path]) in reasons]
    open_ones = [v for v in survived if v not in explained]
    judged = len(killed) + len(survived)
    rate = len(killed) / judged if judged else 0.0
    lines = [describe(v) for v in open_ones]
    for v in explained:
        lines.append(describe(v) + ": " + reasons[key_of(v.mutant, texts[v.mutant.path])])
    lines.append(f"{judged} mutants, {len(killed)} killed ({100 * rate:.1f} %), "
                 f"{len(survived)} survived, {len(explained)} of them with a reason; "
                 f"{len(verdicts) - judged} more do not compile.")
    return lines, 0 if judged and rate >= rate_min and not open_ones else 1


def parse_place(text):
    """"core/bms/limits.cpp:20-80" as (path, 20, 80)."""
    match = re.fullmatch(r"([^:]+)(?::(\d+)(?:-(\d+))?)?", text)
    if match is None:
        sys.exit(f"mutate: '{text}' is not FILE, FILE:LINE or FILE:FIRST-LAST")
    first = int(match[2]) if match[2] else 1
    last = int(match[3]) if match[3] else (first if match[2] else None)
    return match[1], first, last


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("suite", choices=SUITES)
    parser.add_argument("places", nargs="*", help="FILE or FILE:FIRST-LAST instead of the suite's")
    parser.add_argument("--tests", help="regular expression of tests instead of the suite's stages")
    parser.add_argument("--max", type=int, help="judge a sample of so many")
    parser.add_argument("--seed", type=int, default=SEED, help="of the sample")
    parser.add_argument("--jobs", type=int, default=1, help="copies of the tree that work at once")
    parser.add_argument("--seconds", type=int, help="begin no mutant after so long")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    parser.add_argument("--folder", type=pathlib.Path, help="where the copies are kept")
    return parser.parse_args()


def main():
    given = arguments()
    root = pathlib.Path(__file__).resolve().parent.parent
    suite = SUITES[given.suite]
    texts, mutants = {}, []
    for path, first, last in map(parse_place, given.places or suite.files):
        if not (root / path).is_file():
            sys.exit(f"mutate: {path} is not there")
        texts[path] = (root / path).read_text(encoding="utf-8")
        mutants += mutants_of(path, texts[path], first, last)
    mutants = sample(mutants, given.max, given.seed)
    if given.list:
        for m in mutants:
            print(f"{m.path}:{m.line}:{m.column}: {m.kind}: `{m.before}` -> `{m.after}`")
        return 0
    folder = given.folder or root / "build" / "mutants"
    workshops = [Workshop(root, folder / str(i), (given.tests,) if given.tests else suite.stages)
                 for i in range(given.jobs)]
    for workshop in workshops:
        workshop.prepare()
    verdicts = []
    for verdict in judge_all(workshops, mutants, given.seconds):
        verdicts.append(verdict)
        print(describe(verdict), flush=True)
    reasons = read_reasons((root / "tools" / "mutation-survivors.md").read_text(encoding="utf-8"))
    lines, code = conclude(verdicts, reasons, texts)
    print("\n" + "\n".join(lines))
    if len(verdicts) < len(mutants):
        print(f"{len(mutants) - len(verdicts)} mutants were not judged: the time was over.")
    return code


if __name__ == "__main__":
    sys.exit(main())
