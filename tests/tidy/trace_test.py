#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev trace finds what proves a requirement and says what nothing proves."""

import importlib.util
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# By its path: the standard library has a module of the same name.
spec = importlib.util.spec_from_file_location("weco_trace", ROOT / "tools" / "trace.py")
trace = importlib.util.module_from_spec(spec)
spec.loader.exec_module(trace)

REQUIREMENTS = """# Requirements
| id | what must hold | part |
|---|---|---|
| WS-11 | Cold stops charging. | core |
| WS-12 | The heater heats. | core |
| TK-01 | One binary. | cli |
"""


def run(files, **options):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {"docs/requirements.md": REQUIREMENTS, **files}.items():
            place = pathlib.Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        lines, code = trace.run(pathlib.Path(folder), **options)
        return "\n".join(lines), code


CASE = 'TEST_CASE("it is \\"cold\\": "\n          "no charge", "[bms]" "[WS-11][WS-12]") {}\n'


class Trace(unittest.TestCase):
    def test_a_tagged_test_case_stands_beside_its_requirement_with_its_whole_name(self):
        text, code = run({"tests/unit/a_test.cpp": "\n" + CASE})
        self.assertIn('tests/unit/a_test.cpp:2: it is "cold": no charge', text)
        self.assertIn("WS-11    1  Cold stops charging.", text)
        self.assertIn("3 requirements, 2 with a test.", text)
        self.assertIn("Without a test: TK-01.", text)
        self.assertEqual(code, 0)

    def test_a_tag_in_a_python_or_lua_test_counts_for_the_function_it_stands_in(self):
        text, _ = run({"tests/cli/a.py": 'def test_start():\n    """Starts. [TK-01]"""\n'})
        self.assertIn("tests/cli/a.py:2: test_start", text)
        text, _ = run({"tests/sim/a.lua": "-- [TK-01] one binary\n"})
        self.assertIn("tests/sim/a.lua:1\n", text)

    def test_a_tag_in_a_comment_of_cpp_is_no_proof(self):
        text, _ = run({"tests/unit/a_test.cpp": "// [WS-11]\n"})
        self.assertIn("WS-11    0", text)

    def test_a_tag_without_a_requirement_is_an_error(self):
        text, code = run({"tests/unit/a_test.cpp": 'TEST_CASE("x", "[WS-99]") {}\n'})
        self.assertIn("tests/unit/a_test.cpp:1: [WS-99] is no requirement", text)
        self.assertEqual(code, 1)

    def test_required_ids_without_a_test_are_an_error_and_others_are_not(self):
        files = {"tests/unit/a_test.cpp": CASE}
        self.assertEqual(run(files, require="core")[1], 0)
        self.assertEqual(run(files, require="cli")[1], 1)
        self.assertEqual(run(files, issue="cli")[1], 0)
        self.assertNotIn("TK-01", run(files, issue="core")[0])

    def test_an_unknown_part_is_refused_with_what_there_is(self):
        with self.assertRaisesRegex(SystemExit, "there are cli, core"):
            run({}, issue="kore")

    def test_each_tag_of_the_project_is_a_requirement_and_each_requirement_has_a_test(self):
        lines, code = trace.run(ROOT)
        self.assertEqual(code, 0)
        self.assertNotIn("Without a test", "\n".join(lines))


if __name__ == "__main__":
    unittest.main()
