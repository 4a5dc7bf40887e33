#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a compiler cannot check, as a test.

Prints one line a finding, `file:line: rule: what is wrong and what to do instead`, and exits with
1 when there is any. Nothing can be switched off for a line: a rule that needs exceptions has them
in the tables below, with the reason. Each rule is proved to fail by tests/tidy/tidy_test.py.
"""

import argparse
import pathlib
import re
import subprocess
import sys
from collections import namedtuple

Finding = namedtuple("Finding", "path line rule message")

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70

# --- who may include whom ----------------------------------------------------------------------
# The longest folder wins. "@" is the file's own folder below the key; for a file that lies in the
# key's folder itself (the table of all transports) it is the whole folder.
INCLUDE_TABLE = {
    "core/base": ("core/base",),
    "core/points": ("core/base", "core/points"),
    "core/protocol": ("core/base", "core/points", "core/protocol"),
    "core/journal": ("core/base", "core/journal"),
    "core/boot": ("core/base", "core/journal", "core/protocol", "core/boot"),
    "core/bms": ("core/base", "core/bms"),
    "core/ems": ("core/base", "core/ems"),
    "host": ("core", "host"),
    "host/profile": ("core", "host", "devices"),
    "transports": ("core", "host/link", "host/reactor", "host/failure", "transports/descriptor",
                   "@"),
    "sim": ("core", "host", "sim"),
    "lua": ("core", "host", "lua"),
    "lua/scenario": ("core", "host", "lua", "sim"),
    "devices": ("devices",),
    "scripts": ("scripts",),
    "firmware": ("core", "firmware"),
    "cli": ("core", "host", "transports", "sim", "lua", "devices", "scripts", "cli"),
    "tests": ("core", "host", "transports", "sim", "lua", "devices", "scripts", "cli", "firmware",
              "tests"),
}

TOP_FOLDERS = frozenset(key.split("/")[0] for key in INCLUDE_TABLE)

# Third-party headers, each behind its folders. An empty tuple: nobody uses it yet.
THIRD_PARTY = {
    "libserialport.h": ("transports/serial",),
    "lua.h": ("host/profile", "lua/state"),
    "lua.hpp": ("host/profile", "lua/state"),
    "lauxlib.h": ("host/profile", "lua/state"),
    "lualib.h": ("host/profile", "lua/state"),
    "toml++/": ("host/config",),
    "CLI/": ("cli",),
    "nlohmann/": ("cli", "host/evidence", "host/proof", "host/records", "host/report",
                  "transports/replay", "tests"),
    "fmt/": ("host", "transports", "sim", "lua", "cli", "tests"),
    "catch2/": ("tests/support",),
    "benchmark/": ("tests/bench",),
    "sqlite3.h": ("host/store",),
    "qrencode.h": ("host/report",),
    "histedit.h": ("cli",),
    "openssl/": ("host/image", "host/proof", "tests/support"),
    "sdbus-c++/": ("transports/ble",),
    "immintrin.h": ("sim/plant",),  # of the compiler, not of somebody else: x86-64 alone
    "systemd/": (),
}

# Standard headers of the core: nothing that allocates, throws, waits or prints.
CORE_HEADERS = frozenset(
    "algorithm array bit cassert climits compare concepts cstddef cstdint cstring initializer_list "
    "iterator limits new numeric optional ratio span string_view tuple type_traits utility".split()
)

STANDARD_HEADERS = CORE_HEADERS | frozenset(
    "any atomic cctype cerrno charconv chrono cinttypes clocale cmath condition_variable csignal "
    "cstdarg cstdio cstdlib ctime deque exception filesystem fstream functional iomanip ios iosfwd "
    "iostream istream list locale map memory mutex numbers ostream queue random ranges regex set "
    "source_location sstream stack stdexcept streambuf string system_error thread unordered_map "
    "unordered_set variant vector version cwchar typeinfo memory_resource".split()
)

# What an operating system offers; never in the core or in firmware.
SYSTEM_HEADERS = re.compile(
    r"^(sys/|linux/|net/|netinet/|arpa/|(dirent|dlfcn|errno|fcntl|glob|ifaddrs|malloc|netdb|"
    r"poll|pthread|pty|pwd|sched|signal|spawn|stdio|stdlib|string|termios|time|ucontext|"
    r"unistd|utime|wchar)\.h$)"
)

# --- what must not be called -------------------------------------------------------------------
# (names, folders where it applies, folders where it is allowed, what to use instead).
PRODUCT = ("core", "host", "transports", "sim", "lua", "cli", "firmware", "devices")
EVERYWHERE = PRODUCT + ("tests",)
Ban = namedtuple("Ban", "pattern applies allowed instead")


def call(names):
    """A call of one of the names, not of a member and not of another namespace."""
    return re.compile(r"(?<![\w:.>~])(?:(?:std)?::)?(?:" + names + r")\s*\(")


BANS = (
    Ban(call("u?sleep|nanosleep|clock_nanosleep"), EVERYWHERE, (),
        "waiting is a timer of the Reactor; tests use simulated time"),
    Ban(re.compile(r"\bstd::this_thread\b"), EVERYWHERE, (),
        "one thread: waiting is a timer of the Reactor"),
    Ban(re.compile(r"\bstd::(?:thread|jthread|async)\b"), PRODUCT, (),
        "one thread, one reactor (docs/adr/0001)"),
    Ban(call("v?f?printf|v?sn?printf|puts|fputs|putchar|perror"), PRODUCT,
        ("cli", "host/platform"), "return text or a Failure; only cli prints, fmt formats"),
    Ban(re.compile(r"\bstd::(?:cout|cerr|clog)\b|\bfmt::print\b"), PRODUCT,
        ("cli", "host/platform"), "return text or a Failure; only cli prints"),
    Ban(call("system|popen"), EVERYWHERE, (), "no shell: use the library or posix_spawn"),
    Ban(call("strcpy|strcat|stpcpy|strncpy|gets|v?sprintf"), EVERYWHERE, (),
        "FixedString, std::string or a bounded ByteWriter"),
    Ban(call("s?rand|rand_r|drand48"), EVERYWHERE, (),
        "a seeded generator that is passed in"),
    Ban(re.compile(r"\bstd::random_device\b"), EVERYWHERE, (),
        "a seed that is printed and passed in"),
    Ban(re.compile(r"\b(?:steady|system|high_resolution)_clock\b"), EVERYWHERE,
        ("host/reactor", "tests/bench"), "Instant as an argument; Reactor::now() on the host"),
    Ban(call("clock_gettime|gettimeofday"), EVERYWHERE, ("host/reactor", "tests/bench"),
        "Instant as an argument; Reactor::now() on the host"),
    Ban(re.compile(r"(?<![\w.>])(?:std::|::)(?:time|clock)\s*\(|"
                   r"(?<![\w.:>])time\s*\(\s*(?:nullptr|NULL|0)\s*\)"),
        EVERYWHERE, ("host/reactor",),
        "Instant as an argument; the reactor's wall clock on the host"),
    Ban(re.compile(r"\busing\s+namespace\s+std\b"), EVERYWHERE, (), "write std:: where it is used"),
    Ban(re.compile(r"\bnew\b(?!\s*\()"), ("core", "firmware"), (),
        "fixed containers of core/base; only placement new"),
    Ban(re.compile(r"(?<!=)(?<!= )\bdelete\b"), ("core", "firmware"), (),
        "nothing in the core owns a heap object"),
    Ban(call("malloc|calloc|realloc|free"), ("core", "firmware"), (),
        "fixed containers of core/base"),
    Ban(re.compile(r"\b(?:throw|try|catch)\b"), ("core", "firmware"), (),
        "Result; exceptions stop at the adapter of the library that throws"),
    Ban(re.compile(r"\b(?:dynamic_cast|typeid)\b"), ("core", "firmware"), (),
        "an enum that says what it is; the core has no RTTI"),
    Ban(re.compile(r"\b(?:float|double)\b"), ("core/bms", "core/ems"), (),
        "quantities of core/base/units.hpp: no floating point in a protection decision"),
    Ban(re.compile(r"\b(?:lua_error|luaL_error|luaL_argerror|luaL_typeerror)\b"), EVERYWHERE,
        ("lua/state/trampoline.cpp", "host/profile/lua_data.cpp"),
        "a body returns kRaise and the trampoline raises (docs/adr/0017)"),
    Ban(re.compile(r"\bgoto\b|\bsetjmp\b|\blongjmp\b"), PRODUCT, (), "an early return"),
)

PYTHON_BANS = (
    (re.compile(r"\btime\.sleep\s*\("), "time.sleep", "wait for the event itself, with a time-out"),
)

CXX = (".hpp", ".cpp", ".h", ".cc", ".cxx")
CODE = CXX + (".py", ".lua", ".sh", ".cmake", ".ld", ".S")
SKIPPED_FOLDERS = re.compile(r"^(build.*|\.git|\.cache|__pycache__)$")
# Recorded data and generated files keep the shape of whoever made them; the licence its words.
FOREIGN = re.compile(
    r"^(tests/vectors/|tests/fuzz/corpus/|completions/|man/|LICENSE$)|vectors\.txt$")
NAMES_REFUSED = re.compile(r"^(utils?|helpers?|common|misc)(\.|$)")
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
# `ann` and `user` are nobody: examples and tests of paths may name them.
HOME_PATH = re.compile(
    r"(?<![\w.$})~-])/(?:home|Users|root|work|workspace)/(?!(?:ann|user)\b)[\w.]|"
    r"[A-Za-z]:\\Users\\\w")
FAMILY_FILES = ("profile.lua", "notes.md")
# Folders of devices/ that belong to no single family.
NOT_FAMILIES = ("checklists",)


class Source:
    """One file: its path from the root, its text, and for C++ its code without comments."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.suffix = pathlib.PurePosixPath(path).suffix
        self.lines = text.split("\n")
        self._code = None

    @property
    def is_cxx(self):
        return self.suffix in CXX

    @property
    def code(self):
        """The C++ with comments, literals and directives blanked; places stay where they are."""
        if self._code is None:
            self._code = blank(self.text)
        return self._code

    @property
    def foreign_lines(self):
        """Lines of raw strings: text of another language, which keeps its shape."""
        lines = set()
        for match in TOKEN.finditer(self.text) if self.is_cxx else ():
            if match.group(0).startswith('R"'):
                lines |= set(range(self.line_of(match.start()), self.line_of(match.end()) + 1))
        return lines

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\s\\"]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*",
    re.S | re.M,
)


def blank(text):
    def keep_newlines(match):
        token = match.group(0)
        if token.startswith('"') or token.startswith("R\""):
            return '"' + re.sub(r"[^\n]", " ", token[1:-1]) + '"'
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(keep_newlines, text)


def inside(path, folders):
    return any(path == f or path.startswith(f + "/") for f in folders)


# --- rules over one file -----------------------------------------------------------------------
def allowed_folders(path):
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        key = "/".join(parts[:depth])
        if key in INCLUDE_TABLE:
            own = "/".join(parts[: depth + 1]) if depth + 1 < len(parts) else key
            return key, tuple(own if f == "@" else f for f in INCLUDE_TABLE[key])
    return None, None


def rule_includes(source):
    """The include table of ARCHITECTURE.md."""
    if not source.is_cxx:
        return
    folder, allowed = allowed_folders(source.path)
    for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', source.text, re.M):
        header, line = match.group(1), source.line_of(match.start())
        if folder is None:
            yield line, "this folder is not in the include table (INCLUDE_TABLE in tools/tidy.py)"
        elif header.split("/")[0] not in TOP_FOLDERS:
            yield line, f'"{header}" is not written from the root of the tree'
        elif not inside(header, allowed):
            yield line, f"{folder} must not include {header} (it may: {', '.join(allowed)})"


def rule_headers(source):
    """Third-party and system headers behind their folders; the core's allow-list."""
    if not source.is_cxx:
        return
    for match in re.finditer(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", source.text, re.M):
        header, line = match.group(1), source.line_of(match.start())
        in_core = inside(source.path, ("core", "firmware"))
        owner = next((k for k in THIRD_PARTY if header == k or
                      (k.endswith("/") and header.startswith(k))), None)
        if owner is not None:
            if not inside(source.path, THIRD_PARTY[owner]):
                where = ", ".join(THIRD_PARTY[owner]) or "no folder yet"
                yield line, f"<{header}> stays behind {where}"
        elif in_core and header not in CORE_HEADERS:
            if not (source.path == "firmware/host.cpp" and header in STANDARD_HEADERS):
                yield line, f"<{header}> is not for embedded code (CORE_HEADERS in tools/tidy.py)"
        elif header not in STANDARD_HEADERS and not SYSTEM_HEADERS.match(header):
            yield line, f"<{header}> is in no table; add it to THIRD_PARTY with its folder"


def rule_bans(source):
    """Calls and constructs with a better replacement."""
    if source.suffix == ".py" and inside(source.path, ("tests",)):
        for number, text in enumerate(source.lines, 1):
            for pattern, name, instead in PYTHON_BANS:
                if pattern.search(text):
                    yield number, f"'{name}' is banned here: {instead}"
    if not source.is_cxx:
        return
    for ban in BANS:
        if not inside(source.path, ban.applies) or inside(source.path, ban.allowed):
            continue
        if source.path == "firmware/host.cpp" and "prints" in ban.instead:
            continue  # the program's own standard output
        for match in ban.pattern.finditer(source.code):
            name = re.sub(r"\s+", " ", match.group(0)).strip(" (")
            yield source.line_of(match.start()), f"'{name}' is banned here: {ban.instead}"


SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
BODY_END = re.compile(
    r"(\)|\b(const|noexcept|override|final|mutable|try)|->[^;{}()]*(\([^()]*\))?[^;{}()]*)\s*$"
)


def function_bodies(code):
    """(first line, last line) of every outermost function body, found by its braces."""
    head, depth, stack = 0, 0, []
    for match in re.finditer(r"[{};]", code):
        at, mark = match.start(), match.group(0)
        if mark == ";":
            if not stack or stack[-1][0] == "scope":
                head = at + 1
            continue
        if mark == "}":
            if not stack:
                continue
            kind, begin, start = stack.pop()
            if kind == "body":
                yield start, at
            if kind != "initialiser":
                head = at + 1
            continue
        text = code[head:at]
        inner = stack and stack[-1][0] != "scope"
        if inner:
            stack.append(("inner", at, head))
        elif "(" in text and BODY_END.search(text) and not re.search(r"=\s*$", text):
            stack.append(("body", at, head + len(text) - len(text.lstrip())))
        elif "(" in text and re.search(r"\)\s*(noexcept\s*)?:", text):
            tail = text.rstrip()
            if tail.endswith(("}", ")")):
                stack.append(("body", at, head + len(text) - len(text.lstrip())))
            else:
                stack.append(("initialiser", at, head))
        elif SCOPE.search(text):
            stack.append(("scope", at, head))
            head = at + 1
        else:
            stack.append(("initialiser", at, head))


def rule_length(source):
    """A function fits on a screen."""
    if not source.is_cxx:
        return
    for start, end in function_bodies(source.code):
        first, last = source.line_of(start), source.line_of(end)
        if last - first + 1 > FUNCTION_LINES_MAX:
            size = f"{last - first + 1} lines, at most {FUNCTION_LINES_MAX}"
            yield first, f"the function has {size}: control flow stays, leaves become functions"


def is_code(source):
    name = source.path.rsplit("/", 1)[-1]
    return source.suffix in CODE or name == "dev" or source.lines[0].startswith("#!")


def rule_columns(source):
    """Lines of code fit beside each other; a row of a device's table is one line, however long."""
    if source.path.startswith("devices/") and source.suffix == ".lua":
        return
    if is_code(source) or source.path.endswith("CMakeLists.txt"):
        long = [n for n, text in enumerate(source.lines, 1) if len(text) > COLUMNS_MAX]
        for number in sorted(set(long) - source.foreign_lines) if long else ():
            yield number, f"{len(source.lines[number - 1])} columns, at most {COLUMNS_MAX}"


def rule_spdx(source):
    """The licence in one line, first."""
    if not is_code(source):
        return
    at = 1 if source.lines[0].startswith("#!") else 0
    first = source.lines[at] if at < len(source.lines) else ""
    if "SPDX-License-Identifier: Apache-2.0" not in first:
        yield at + 1, "the first line is 'SPDX-License-Identifier: Apache-2.0' in a comment"


def rule_tabs(source):
    """No tabs, no trailing blanks, a line feed at the end."""
    if is_code(source) or source.path.endswith(("CMakeLists.txt", ".md", ".json")):
        for number, text in enumerate(source.lines, 1):
            if "\t" in text:
                yield number, "a tab; indent with spaces"
            elif text.endswith("\r") or (text != text.rstrip() and not source.path.endswith(".md")):
                yield number, "blanks or a carriage return at the end of the line"
        if source.text and not source.text.endswith("\n"):
            yield len(source.lines), "no line feed at the end of the file"


def rule_unfinished(source):
    """What is not done is in an issue."""
    for number, text in enumerate(source.lines, 1):
        match = UNFINISHED.search(text)
        if match:
            yield number, f"'{match.group(1)}': finish it or write an issue"


def rule_home(source):
    """No path of somebody's machine."""
    for number, text in enumerate(source.lines, 1):
        match = HOME_PATH.search(text)
        if match:
            yield number, f"'{match.group(0)}...' is a path of one machine"


def rule_names(source):
    """No drawer for everything."""
    for part in source.path.split("/"):
        if NAMES_REFUSED.match(part):
            yield 1, f"'{part}' says nothing; name what it is for"


def rule_markdown(source):
    """One title, first."""
    if source.suffix != ".md":
        return
    titles, fenced = [], False
    for number, text in enumerate(source.lines, 1):
        if text.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and re.match(r"# \S", text):
            titles.append(number)
    if len(titles) != 1:
        yield (titles[1] if len(titles) > 1 else 1), f"{len(titles)} titles ('# '), exactly one"


# --- rules over the whole tree -----------------------------------------------------------------
def rule_adr(tree):
    """Decisions have a number each and are listed; one that is still being made leaves a gap."""
    folder = "docs/adr/"
    names = sorted(p[len(folder):] for p in tree if p.startswith(folder) and p.endswith(".md"))
    records = [n for n in names if n != "README.md"]
    index = tree.get(folder + "README.md")
    if records and index is None:
        yield folder + "README.md", 1, "is missing: it lists every decision"
        return
    for before, name in zip([""] + records, records):
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name):
            yield folder + name, 1, "is not called NNNN-some-words.md"
        elif name[:4] == before[:4]:
            yield folder + name, 1, f"has the number of {before}"
        if f"({name})" not in index.text:
            yield folder + name, 1, "is not linked from docs/adr/README.md"
    for match in re.finditer(r"\((\d{4}-[^)]*)\)", index.text if index else ""):
        if match.group(1) not in records:
            line = index.line_of(match.start())
            yield index.path, line, f"{match.group(1)} is not there"


def rule_devices(tree):
    """Every device family is whole."""
    families = {p.split("/")[1] for p in tree if p.startswith("devices/") and p.count("/") >= 2}
    for family in sorted(families.difference(NOT_FAMILIES)):
        folder = f"devices/{family}/"
        if not any(p.startswith(folder) and p.endswith(".lua") for p in tree):
            continue  # not a family: code that embeds them
        for name in FAMILY_FILES:
            if folder + name not in tree:
                yield folder + name, 1, "is missing: a family is not complete without it"
        profile = tree.get(folder + "profile.lua")
        named = rf"\bfamily\s*=\s*[\"']{re.escape(family)}[\"']"
        if profile and not re.search(named, profile.text):
            yield profile.path, 1, f"does not say family = \"{family}\", the name of its folder"


def rule_purpose(tree):
    """A file says why it exists; a source file with a header leaves that to the header."""
    for path, source in tree.items():
        header = re.sub(r"\.cpp$", ".hpp", path)
        if not source.is_cxx or path.endswith("_test.cpp") or (header != path and header in tree):
            continue
        if len(source.lines) < 2 or not re.match(r"//\s*\S", source.lines[1]):
            yield path, 2, "after the licence line a short paragraph says why the file exists"


def rule_listed(tree):
    """A source file that no CMakeLists.txt names is never compiled."""
    lists = {p: s.text for p, s in tree.items() if p.endswith("CMakeLists.txt")}
    for path in tree:
        if not path.endswith(".cpp") or not inside(path, EVERYWHERE):
            continue
        folder, found = path.rsplit("/", 1)[0], False
        while not found and folder:
            text = lists.get(folder + "/CMakeLists.txt", "")
            relative = path[len(folder) + 1:]
            found = re.search(rf"(?<![\w./-]){re.escape(relative)}(?![\w.])", text) is not None
            folder = folder.rsplit("/", 1)[0] if "/" in folder else ""
        if not found:
            yield path, 1, "is in no CMakeLists.txt of its folders"


FILE_RULES = {
    "includes": rule_includes,
    "headers": rule_headers,
    "banned": rule_bans,
    "length": rule_length,
    "columns": rule_columns,
    "spdx": rule_spdx,
    "blanks": rule_tabs,
    "unfinished": rule_unfinished,
    "machine": rule_home,
    "names": rule_names,
    "markdown": rule_markdown,
}
TREE_RULES = {
    "adr": rule_adr,
    "devices": rule_devices,
    "purpose": rule_purpose,
    "listed": rule_listed,
}


def paths_of(root):
    """What git knows or would take; the whole folder where there is no git."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"],
            capture_output=True, check=True).stdout.decode().split("\0")
        return sorted(p for p in listed if p and (root / p).is_file())
    return sorted(
        p.relative_to(root).as_posix() for p in root.rglob("*")
        if p.is_file() and not any(SKIPPED_FOLDERS.match(x) for x in p.relative_to(root).parts))


def read_tree(root):
    tree = {}
    for path in paths_of(root):
        if FOREIGN.search(path):
            continue
        try:
            tree[path] = Source(path, (root / path).read_text(encoding="utf-8"))
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # not text, or gone meanwhile
    return tree


def check(root):
    tree = read_tree(pathlib.Path(root))
    findings = []
    for path, source in tree.items():
        for name, rule in FILE_RULES.items():
            findings += [Finding(path, line, name, text) for line, text in rule(source)]
    for name, rule in TREE_RULES.items():
        findings += [Finding(path, line, name, text) for path, line, text in rule(tree)]
    return sorted(findings)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("folders", nargs="*", help="show findings of these folders only")
    arguments = parser.parse_args()
    findings = check(arguments.root)
    if arguments.folders:
        findings = [f for f in findings if inside(f.path, tuple(arguments.folders))]
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.message}")
    if findings:
        print(f"tidy: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
