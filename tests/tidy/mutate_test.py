#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The mutation runner makes the mutants that it promises, no others, and counts them honestly."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import mutate  # noqa: E402


def changes(line):
    return {(m.kind, m.before, m.after) for m in mutate.mutants_of("a.cpp", line)}


class Mutants(unittest.TestCase):
    def test_a_constant_goes_one_step_up_and_one_down(self):
        self.assertEqual(changes("  {3580, 0, open},"), {
            ("constant", "3580", "3581"), ("constant", "3580", "3579"), ("constant", "0", "1"),
            ("swap", "open", "record")})

    def test_hexadecimal_and_suffixed_constants_stay_constants(self):
        self.assertEqual(changes("  f(x, 0x0fU);"), {
            ("constant", "0x0fU", "16U"), ("constant", "0x0fU", "14U"),
            ("statement", "f(x, 0x0fU);", ";")})

    def test_comparisons_logic_and_negation_change(self):
        self.assertEqual(changes("  return a < b && !c;"), {
            ("comparison", "<", "<="), ("logic", "&&", "||"), ("negation", "!", "")})

    def test_a_direction_becomes_the_other(self):
        self.assertEqual(changes("  return out.charge;"), {("swap", ".charge", ".discharge")})

    def test_a_statement_is_left_out_and_declarations_are_kept(self):
        self.assertIn(("statement", "if (a) return no;", ";"), changes("  if (a) return no;"))
        self.assertIn(("statement", "x.add(y);", ";"), changes("  x.add(y);"))
        self.assertIn(("statement", "total += y;", ";"), changes("  total += y;"))
        for kept in ("  const auto x = y;", "  return x;", "  int x = y;", "}"):
            self.assertEqual(changes(kept), set())

    def test_comments_literals_templates_and_includes_are_no_targets(self):
        for kept in ("// a < 1", 'x("1 < 2")y', "  std::array<int, kN> x;", "#include <array>",
                     "using A = B<1>;", "  return name7;"):
            self.assertEqual(changes(kept), set())

    def test_a_mutant_changes_its_place_and_nothing_else(self):
        text = "int f() {\n  return a < 5 ? 5 : a;\n}\n"
        results = {mutate.mutated(text, m) for m in mutate.mutants_of("a.cpp", text)}
        self.assertIn("int f() {\n  return a <= 5 ? 5 : a;\n}\n", results)
        self.assertIn("int f() {\n  return a < 5 ? 6 : a;\n}\n", results)
        self.assertNotIn(text, results)

    def test_only_the_lines_asked_for_are_mutated(self):
        text = "f(1);\n  f(2);\n  f(3);\n"
        self.assertEqual({m.line for m in mutate.mutants_of("a.cpp", text, 2, 2)}, {2})

    def test_a_check_of_a_table_while_compiling_is_a_test_and_stays(self):
        text = "consteval bool f() {\n  if (a < 1) {\n    g(2);\n  }\n  return b;\n}\nint x = 3;\n"
        self.assertEqual({m.line for m in mutate.mutants_of("a.cpp", text)}, {7})

    def test_a_sample_is_the_same_for_the_same_seed_and_keeps_the_order(self):
        numbers = list(range(100))
        self.assertEqual(mutate.sample(numbers, 10, 1), mutate.sample(numbers, 10, 1))
        self.assertNotEqual(mutate.sample(numbers, 10, 1), mutate.sample(numbers, 10, 2))
        self.assertEqual(mutate.sample(numbers, 10, 1), sorted(mutate.sample(numbers, 10, 1)))
        self.assertEqual(mutate.sample(numbers, 200, 1), numbers)

    def test_a_place_names_a_file_and_lines(self):
        self.assertEqual(mutate.parse_place("a/b.cpp"), ("a/b.cpp", 1, None))
        self.assertEqual(mutate.parse_place("a/b.cpp:7"), ("a/b.cpp", 7, 7))
        self.assertEqual(mutate.parse_place("a/b.cpp:7-9"), ("a/b.cpp", 7, 9))

    def test_each_suite_names_files_that_exist(self):
        for name, suite in mutate.SUITES.items():
            for path in suite.files:
                with self.subTest(suite=name, path=path):
                    self.assertTrue((ROOT / path).is_file())


TEXT = "  return a < 5;\n"
LESS, UP, DOWN = list(mutate.mutants_of("a.cpp", TEXT))[::-1]
REASONS = """
| file | line of code | change | why nothing can notice it |
|---|---|---|---|
| `a.cpp` | `return a < 5;` | `<` -> `<=` | a is never 5 |
"""


def conclude(*outcomes, reasons=""):
    verdicts = [mutate.Verdict(m, o, "") for m, o in zip((LESS, UP, DOWN), outcomes)]
    lines, code = mutate.conclude(verdicts, mutate.read_reasons(reasons), {"a.cpp": TEXT}, 0.5)
    return "\n".join(lines), code


class Conclusion(unittest.TestCase):
    def test_all_killed_passes(self):
        text, code = conclude("killed", "killed")
        self.assertIn("2 mutants, 2 killed (100.0 %), 0 survived", text)
        self.assertEqual(code, 0)

    def test_a_survivor_without_a_reason_fails_and_is_named_with_its_place(self):
        text, code = conclude("survived", "killed", "killed")
        self.assertIn("a.cpp:1:12: survived: comparison: `<` -> `<=`", text)
        self.assertEqual(code, 1)

    def test_a_survivor_with_a_reason_passes_and_shows_it(self):
        text, code = conclude("survived", "killed", "killed", reasons=REASONS)
        self.assertIn("a is never 5", text)
        self.assertEqual(code, 0)

    def test_reasons_do_not_raise_the_rate(self):
        self.assertEqual(conclude("survived", "stillborn", reasons=REASONS)[1], 1)

    def test_what_does_not_compile_counts_for_nothing(self):
        text, code = conclude("stillborn", "stillborn", "killed")
        self.assertIn("1 mutants, 1 killed", text)
        self.assertIn("2 more do not compile", text)
        self.assertEqual(code, 0)

    def test_nothing_judged_is_a_failure(self):
        self.assertEqual(conclude("stillborn")[1], 1)


if __name__ == "__main__":
    unittest.main()
