#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every rule of tools/tidy.py is fed what it must refuse and what it must let pass.

A rule without a bad example here fails the last test: a check that cannot fail is no check.
"""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import tidy  # noqa: E402

HEAD = "// SPDX-License-Identifier: Apache-2.0\n// Why this exists.\n"
LIST = "weco_core_library(x SOURCES a.cpp b.cpp host.cpp main.cpp)\n"


def listed(path, text):
    """The file and a CMakeLists.txt that names it."""
    return {path: text, path.rsplit("/", 1)[0] + "/CMakeLists.txt": LIST}


def cxx(path, body):
    return listed(path, HEAD + body)


def findings(files):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            place = pathlib.Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return tidy.check(folder)


ADR = "# Decision\n"
LONG = "int f() {\n" + "  step();\n" * 69 + "}\n"  # 71 lines
FITS = "int f() {\n" + "  step();\n" * 68 + "}\n"  # 70 lines
UNFINISHED = "// TO" + "DO later\n"
PROFILE = '-- SPDX-License-Identifier: Apache-2.0\nreturn { family = "acme" }\n'

# rule, files, words that the message must have, line
BAD = [
    ("includes", cxx("core/base/a.cpp", '#include "core/bms/x.hpp"\n'), "core/base must not", 3),
    ("includes", cxx("core/bms/a.cpp", '#include "core/ems/x.hpp"\n'), "must not include", 3),
    ("includes", cxx("core/ems/a.cpp", '#include "core/protocol/x.hpp"\n'), "must not include", 3),
    ("includes", cxx("core/journal/a.cpp", '#include "core/bms/x.hpp"\n'), "must not include", 3),
    ("includes", cxx("core/points/a.cpp", '#include "core/protocol/x.hpp"\n'), "must not", 3),
    ("includes", cxx("core/protocol/can/a.cpp", '#include "core/bms/x.hpp"\n'), "must not", 3),
    ("includes", cxx("core/bms/a.cpp", '#include "host/link/link.hpp"\n'), "must not include", 3),
    ("includes", cxx("host/scan/a.cpp", '#include "transports/tcp/x.hpp"\n'), "must not", 3),
    ("includes", cxx("lua/state/a.cpp", '#include "transports/tcp/x.hpp"\n'), "must not", 3),
    ("includes", cxx("sim/site/a.cpp", '#include "cli/context.hpp"\n'), "must not include", 3),
    ("includes", cxx("transports/tcp/a.cpp", '#include "transports/udp/x.hpp"\n'), "must not", 3),
    ("includes", cxx("transports/tcp/a.cpp", '#include "host/session/x.hpp"\n'), "must not", 3),
    ("includes", cxx("host/scan/a.cpp", '#include "devices/x.hpp"\n'), "must not include", 3),
    ("includes", cxx("core/base/a.cpp", '#include "a.hpp"\n'), "from the root", 3),
    ("includes", cxx("attic/old/a.cpp", '#include "core/base/x.hpp"\n'), "not in the include", 3),
    ("headers", cxx("host/link/a.cpp", "#include <libserialport.h>\n"), "transports/serial", 3),
    ("headers", cxx("cli/a.cpp", "#include <lua.hpp>\n"), "host/profile", 3),
    ("headers", cxx("lua/scenario/a.cpp", "#include <lua.hpp>\n"), "lua/state", 3),
    ("headers", cxx("cli/a.cpp", "#include <toml++/toml.h>\n"), "host/config", 3),
    ("headers", cxx("host/scan/a.cpp", "#include <CLI/CLI.hpp>\n"), "stays behind cli", 3),
    ("headers", cxx("host/link/a.cpp", "#include <nlohmann/json.hpp>\n"), "host/evidence", 3),
    ("headers", cxx("host/link/a.cpp", "#include <systemd/sd-bus.h>\n"), "no folder yet", 3),
    ("headers", cxx("tests/unit/a.cpp", "#include <catch2/catch.hpp>\n"), "tests/support", 3),
    ("headers", cxx("core/bms/a.cpp", "#include <fmt/core.h>\n"), "stays behind", 3),
    ("headers", cxx("core/bms/a.cpp", "#include <vector>\n"), "not for embedded code", 3),
    ("headers", cxx("core/bms/a.cpp", "#include <unistd.h>\n"), "not for embedded code", 3),
    ("headers", cxx("host/link/a.cpp", "#include <boost/asio.hpp>\n"), "in no table", 3),
    ("banned", cxx("tests/unit/a.cpp", "void f() { usleep(5); }\n"), "'usleep' is banned", 3),
    ("banned", cxx("sim/a.cpp", "void f() { sleep(5); }\n"), "timer of the Reactor", 3),
    ("banned", cxx("host/a.cpp", "void f() { ::sleep(5); }\n"), "'::sleep'", 3),
    ("banned", cxx("host/a.cpp", "void f() { std::this_thread::yield(); }\n"), "one thread", 3),
    ("banned", cxx("host/a.cpp", "std::thread t;\n"), "one reactor", 3),
    ("banned", cxx("host/a.cpp", 'void f() { std::printf("x"); }\n'), "only cli prints", 3),
    ("banned", cxx("sim/a.cpp", "void f() { std::cout << 1; }\n"), "only cli prints", 3),
    ("banned", cxx("cli/a.cpp", 'void f() { std::system("ls"); }\n'), "no shell", 3),
    ("banned", cxx("cli/a.cpp", 'void f() { popen("ls", "r"); }\n'), "no shell", 3),
    ("banned", cxx("cli/a.cpp", "void f() { strcpy(a, b); }\n"), "FixedString", 3),
    ("banned", cxx("cli/a.cpp", 'void f() { sprintf(a, "x"); }\n'), "FixedString", 3),
    ("banned", cxx("tests/unit/a.cpp", "int f() { return rand(); }\n"), "seeded generator", 3),
    ("banned", cxx("sim/a.cpp", "std::random_device seed;\n"), "a seed that is printed", 3),
    ("banned", cxx("sim/a.cpp", "auto t = std::chrono::steady_clock::now();\n"), "Instant", 3),
    ("banned", cxx("cli/a.cpp", "void f() { clock_gettime(0, &t); }\n"), "Instant", 3),
    ("banned", cxx("cli/a.cpp", "auto t = std::time(nullptr);\n"), "Instant", 3),
    ("banned", cxx("cli/a.cpp", "using namespace std;\n"), "write std::", 3),
    ("banned", cxx("core/bms/a.cpp", "int* f() { return new int; }\n"), "placement new", 3),
    ("banned", cxx("core/bms/a.cpp", "void f(int* p) { delete p; }\n"), "heap object", 3),
    ("banned", cxx("core/bms/a.cpp", "void* f() { return malloc(4); }\n"), "fixed containers", 3),
    ("banned", cxx("core/bms/a.cpp", "void f() { throw 1; }\n"), "Result", 3),
    ("banned", cxx("core/ems/a.cpp", "void f() { dynamic_cast<A*>(p); }\n"), "no RTTI", 3),
    ("banned", cxx("core/ems/a.cpp", "double watts = 0;\n"), "no floating point", 3),
    ("banned", cxx("core/bms/a.cpp", "void f() { goto out; }\n"), "early return", 3),
    ("banned", cxx("lua/state/a.cpp", "int f(L* l) { return lua_error(l); }\n"), "trampoline", 3),
    ("banned", cxx("lua/state/a.cpp", 'int f(L* l) { return luaL_error(l, "x"); }\n'), "kRaise", 3),
    ("banned", {"tests/cli/a.py": "# SPDX-License-Identifier: Apache-2.0\ntime.sl" "eep(1)\n"},
     "wait for the event", 2),
    ("length", cxx("host/a.cpp", LONG), "71 lines", 3),
    ("length", cxx("host/a.cpp", "namespace weco {\nclass A {\n" + LONG + "};\n}\n"), "71", 5),
    ("length", cxx("host/a.cpp", "A::A() : b_{1}, c_(2) {\n" + "  d();\n" * 69 + "}\n"), "71", 3),
    ("length", cxx("host/a.cpp", "auto f() -> std::span<int> {\n" + "  d();\n" * 69 + "}\n"),
     "71", 3),
    ("length", cxx("tests/a.cpp", 'TEST_CASE("x", "[y]") {\n' + "  d();\n" * 69 + "}\n"), "71", 3),
    ("columns", cxx("host/a.cpp", "//" + "x" * 99 + "\n"), "101 columns", 3),
    ("spdx", listed("host/a.cpp", "// Why.\n"), "SPDX", 1),
    ("spdx", {"tools/a.py": "#!/usr/bin/env python3\nprint()\n"}, "SPDX", 2),
    ("purpose", listed("host/a.cpp", HEAD.split("\n")[0] + "\n#include <array>\n"), "says why", 2),
    ("purpose", {"host/a.hpp": HEAD.split("\n")[0] + "\n#pragma once\n"}, "says why", 2),
    ("blanks", cxx("host/a.cpp", "\tint a;\n"), "a tab", 3),
    ("blanks", cxx("host/a.cpp", "int a; \n"), "blanks", 3),
    ("blanks", cxx("host/a.cpp", "int a;"), "no line feed", 3),
    ("unfinished", cxx("host/a.cpp", UNFINISHED), "write an issue", 3),
    ("unfinished", {"docs/a.md": "# T\nFIX" + "ME\n"}, "write an issue", 2),
    ("machine", {"docs/a.md": "# T\nsee /ho" + "me/karl/weco\n"}, "one machine", 2),
    ("machine", {"a.cmake": "# SPDX-License-Identifier: Apache-2.0\nset(x C:\\Us" + "ers\\ann)\n"},
     "one machine", 2),
    ("names", {"host/utils/a.hpp": HEAD}, "'utils' says nothing", 1),
    ("names", {"host/helpers.hpp": HEAD}, "'helpers.hpp' says nothing", 1),
    ("markdown", {"docs/a.md": "no title\n"}, "0 titles", 1),
    ("markdown", {"docs/a.md": "# One\n# Two\n"}, "2 titles", 2),
    ("adr", {"docs/adr/0001-a.md": ADR}, "is missing", 1),
    ("adr", {"docs/adr/0001-a.md": ADR, "docs/adr/README.md": "# R\n"}, "not linked", 1),
    ("adr", {"docs/adr/0002-a.md": ADR, "docs/adr/0002-b.md": ADR,
             "docs/adr/README.md": "# R\n[a](0002-a.md) [b](0002-b.md)\n"},
     "has the number of 0002-a.md", 1),
    ("adr", {"docs/adr/one.md": ADR, "docs/adr/README.md": "# R\n[a](one.md)\n"}, "NNNN", 1),
    ("adr", {"docs/adr/README.md": "# R\n[a](0001-a.md)\n"}, "not there", 2),
    ("devices", {"devices/acme/profile.lua": PROFILE}, "is missing", 1),
    ("devices", {"devices/beta/profile.lua": PROFILE, "devices/beta/notes.md": "# N\n"},
     'family = "beta"', 1),
    ("listed", {"host/link/c.cpp": HEAD, "host/link/CMakeLists.txt": LIST}, "in no CMake", 1),
]

GOOD = [
    cxx("core/bms/a.cpp", '#include "core/base/units.hpp"\n#include <array>\n'),
    cxx("core/protocol/can/a.cpp", '#include "core/points/vocabulary.hpp"\n'),
    cxx("transports/serial/a.cpp",
        '#include "host/link/link.hpp"\n#include "transports/serial/x.hpp"\n'
        "#include <libserialport.h>\n#include <unistd.h>\n"),
    cxx("transports/a.cpp", '#include "transports/serial/x.hpp"\n'),
    cxx("host/profile/a.cpp", '#include "devices/x.hpp"\n#include <lua.hpp>\n'),
    cxx("cli/main.cpp", '#include "transports/serial/x.hpp"\nvoid f() { std::puts("x"); }\n'),
    cxx("host/reactor/a.cpp", "auto t = std::chrono::steady_clock::now();\n"),
    cxx("core/base/a.cpp", "void f(void* p) { new (p) int; }\nA(const A&) = delete;\n"),
    cxx("host/a.cpp", "// usleep(1), printf(), new, throw: named in a comment only\n"
        'const char* s = "system(1) { { {";\nconst char c = \'{\';\n'),
    cxx("host/a.cpp", "void f() { line.sleep(1); at->system(2); own::rand(); }\n"),
    cxx("host/a.cpp", FITS),
    cxx("host/a.cpp", "constexpr std::array k = {\n" + "  Row{1},\n" * 90 + "};\n"),
    cxx("host/a.cpp", "namespace weco {\n" + "int f() { return 1; }\n" * 90 + "}\n"),
    cxx("host/a.cpp", 'auto s = R"(\n' + "{ text\n" * 90 + ')";\n'),
    {**cxx("host/a.cpp", ""), "host/a.hpp": HEAD},
    {"docs/adr/0001-a.md": ADR, "docs/adr/README.md": "# R\n[a](0001-a.md)\n"},
    {"devices/acme/profile.lua": PROFILE + "--" + "x" * 120 + "\n",
     "devices/acme/notes.md": "# N\n"},
    {"docs/a.md": "# One\n\n```sh\n# a comment, no title\n```\n"},
    {"docs/a.md": "# One\n\nsee /home/ann/.config and /home/user/x\n"},
    cxx("host/a.cpp", 'auto s = R"(' + "x" * 120 + ')";\n'),
    {"docs/a.md": "# One\n\nsee https://example.org/home/x and build/home/y\n"},
    {"tests/vectors/can/a.log": "# recorded TO" + "DO \t\n"},
]


class Tidy(unittest.TestCase):
    def test_what_must_be_refused_is_refused_with_a_message_and_its_place(self):
        for rule, files, words, line in BAD:
            with self.subTest(rule=rule, words=words, files=list(files)):
                found = [f for f in findings(files) if f.rule == rule]
                self.assertEqual(len(found), 1, found)
                self.assertIn(words, found[0].message)
                self.assertEqual(found[0].line, line)

    def test_what_is_allowed_passes(self):
        for files in GOOD:
            with self.subTest(files=list(files)):
                self.assertEqual(findings(files), [])

    def test_each_rule_has_something_that_it_refuses(self):
        self.assertEqual({rule for rule, *_ in BAD}, {*tidy.FILE_RULES, *tidy.TREE_RULES})

    def test_each_ban_has_something_that_it_refuses(self):
        texts = [text for rule, files, *_ in BAD if rule == "banned" for text in files.values()]
        for ban in tidy.BANS:
            with self.subTest(ban=ban.pattern.pattern):
                self.assertTrue(any(ban.pattern.search(text) for text in texts))


if __name__ == "__main__":
    unittest.main()
