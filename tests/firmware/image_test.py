#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the image of one tower promises: the host's bytes, no runtime, and its measures.

[TK-03] One check a call, so that each is a test of its own: same_bytes, symbols, size, stack, self.
"""

import argparse
import pathlib
import re
import subprocess
import sys

CODE_BYTES_MAX = 128 * 1024
DATA_BYTES_MAX = 32 * 1024
STACK_BYTES_MAX = 8 * 1024
FRAME_BYTES_MAX = STACK_BYTES_MAX * 3 // 4  # a single function must leave room for others
EMULATION_SECONDS_MAX = 60

# Anything that allocates, unwinds, prints, reads a clock or starts threads.
FORBIDDEN = re.compile(
    r"^(_Zn[wa]|_Zd[la]|(_?_?)(m|c|re)alloc(_r)?$|_?free(_r)?$|_?sbrk|_Unwind_|__cxa_(throw|begin|"
    r"end|rethrow|allocate|guard|atexit)|__gxx_personality|_?v?f?s?n?i?printf|_?f?puts|_?putchar|"
    r"_?(f?write|f?read|f?open|f?close)(_r)?$|_?gettimeofday|clock_gettime|_?times?$|pthread_|"
    r"_?abort$|_?exit$|_ZSt\d+__throw_(?!out_of_range_fmt)|__cxa_thread)")
# What core code may leave to the platform: a few memory routines, the compiler's arithmetic, and
# the hooks for a programmer's mistake (ours, and the one that string_view::substr() calls).
PLATFORM = re.compile(
    r"^(mem(cpy|move|set|cmp|chr)|strlen|__cxa_pure_virtual|_ZN4weco16assertion_failedEPKcS1_i|"
    r"_ZSt24__throw_out_of_range_fmtPKcz|_ZSt9terminatev|"
    r"__aeabi_(?!unwind|atexit)\w+|__(pop|c[lt]z|bswap)\w+[sd]i2)$")


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def image(build):
    return build / "firmware" / "weco_tower.elf"


def emulate(build):
    """(bytes of the UART, text of the debugger's channel, exit code)."""
    done = subprocess.run(
        ["qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-monitor", "none", "-serial",
         "stdio", "-semihosting-config", "enable=on,target=native", "-kernel", str(image(build))],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=EMULATION_SECONDS_MAX, check=False)
    return done.stdout, done.stderr.decode(errors="replace"), done.returncode


def first_difference(a, b):
    for number, (x, y) in enumerate(zip(a.split(b"\n"), b.split(b"\n")), 1):
        if x != y:
            return f"line {number}:\n  microcontroller {x!r}\n  host            {y!r}"
    return f"one ends early: {len(a)} and {len(b)} bytes"


def check_same_bytes(build, host):
    """The same recorded inputs give the same outputs on both machines, byte for byte."""
    there, said, code = emulate(build)
    here = subprocess.run([str(host)], capture_output=True, check=False)
    if code != 0 or not there.endswith(b"replay ok\n"):
        return [f"the image ended with {code}: {said}", there.decode(errors="replace")[-2000:]]
    if here.returncode != 0:
        return [f"the host's replay ended with {here.returncode}"]
    if there != here.stdout:
        return ["the machines differ in " + first_difference(there, here.stdout)]
    print(f"{len(there)} bytes in {there.count(10)} lines are the same")
    return []


def names(listing):
    return [line.split()[-1] for line in listing.splitlines() if line.strip() and ":" not in line]


def refused_in_image(symbols):
    return sorted(s for s in set(symbols) if FORBIDDEN.match(s))


def refused_in_core(undefined, defined):
    return sorted(s for s in set(undefined) - set(defined) if not PLATFORM.match(s))


def check_symbols(build, _host):
    """No allocator, no unwinder, no I/O, in the image and in every library of the core."""
    found = [f"the image contains {s}"
             for s in refused_in_image(names(run("arm-none-eabi-nm", image(build))))]
    libraries = sorted((build / "core").rglob("*.a"))
    undefined = names(run("arm-none-eabi-nm", "-u", *libraries))
    defined = names(run("arm-none-eabi-nm", "--defined-only", *libraries))
    found += [f"the core needs {s}" for s in refused_in_core(undefined, defined)]
    print(f"{len(libraries)} libraries of the core: "
          + ", ".join(sorted(set(undefined) - set(defined))))
    return found


def sections(build):
    listing = run("arm-none-eabi-size", "-A", image(build))
    return {m[1]: int(m[2]) for m in re.finditer(r"^(\.\w+)\s+(\d+)\s", listing, re.M)}


def check_size(build, _host):
    """Code and data of one tower."""
    size = sections(build)
    code = size[".text"] + size[".data"]
    data = size[".data"] + size[".bss"]
    print(f"code and constants {code} bytes of {CODE_BYTES_MAX}, data {data} bytes of "
          f"{DATA_BYTES_MAX} (without the stack)")
    found = []
    if code > CODE_BYTES_MAX:
        found.append(f"{code} bytes of code, at most {CODE_BYTES_MAX}")
    if data + STACK_BYTES_MAX > DATA_BYTES_MAX:
        found.append(f"{data} bytes of data and {STACK_BYTES_MAX} of stack, together at most "
                     f"{DATA_BYTES_MAX}")
    return found


def frames(build):
    """(bytes, function) from the compiler, largest first."""
    rows = []
    for place in build.rglob("*.su"):
        for line in place.read_text(encoding="utf-8").splitlines():
            where, size, kind = line.split("\t")
            rows.append((int(size), where.split(":", 3)[-1], kind))
    return sorted(rows, reverse=True)


def check_stack(build, _host):
    """The stack that the replay used, and every single frame, stay within their bounds."""
    rows = frames(build)
    for size, function, _ in rows[:5]:
        print(f"frame {size:5} bytes: {function}")
    _, said, _ = emulate(build)
    used = re.search(r"stack used: (\d+) bytes", said)
    if used is None:
        return ["the image does not say how much stack it used"]
    print(f"stack used {used[1]} bytes of {STACK_BYTES_MAX}")
    found = [f"{function}: a frame of {size} bytes, at most {FRAME_BYTES_MAX}"
             for size, function, _ in rows if size > FRAME_BYTES_MAX]
    found += [f"{function}: the size of its frame is not known" for _, function, kind in rows
              if kind == "dynamic"]
    if int(used[1]) > STACK_BYTES_MAX:
        found.append(f"{used[1]} bytes of stack used, at most {STACK_BYTES_MAX}")
    return found


def check_self(_build, _host):
    """The check of the symbols refuses what it must, and nothing else."""
    bad = ["_Znwj", "_ZdlPv", "malloc", "_malloc_r", "free", "_sbrk", "_Unwind_Resume", "printf",
           "_vfprintf_r", "snprintf", "puts", "__cxa_throw", "__cxa_guard_acquire", "abort",
           "__gxx_personality_v0", "clock_gettime", "_ZSt17__throw_bad_allocv", "_write"]
    good = ["_ZN4weco3bms4tickE", "memcpy", "__aeabi_uldivmod", "reset", "fault", "__udivmoddi4",
            "__aeabi_unwind_cpp_pr0", "_ZN4weco10read_frameEv", "_ZSt6copy_nIPKhjPhE"]
    found = [f"{s} is not refused" for s in set(bad) - set(refused_in_image(bad))]
    found += [f"{s} is refused" for s in refused_in_image(good)]
    if refused_in_core(["memcpy", "x", "y"], ["x"]) != ["y"]:
        found.append("an unknown symbol of the core passes")
    if refused_in_core(["__aeabi_unwind_cpp_pr0"], []) != ["__aeabi_unwind_cpp_pr0"]:
        found.append("the core may not unwind")
    return found


CHECKS = {"same_bytes": check_same_bytes, "symbols": check_symbols, "size": check_size,
          "stack": check_stack, "self": check_self}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("check", choices=CHECKS)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--host", type=pathlib.Path)
    given = parser.parse_args()
    found = CHECKS[given.check](given.build, given.host)
    print("\n".join(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
