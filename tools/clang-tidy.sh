#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy with the list in .clang-tidy over the sources below the given folders (all of the
# product without any). Needs a configured build for the flags; ./dev test leaves build/asan.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${WECO_BUILD:-build/asan}
[ -f "$build/compile_commands.json" ] || {
  echo "clang-tidy.sh: $build is not configured; run ./dev test or set WECO_BUILD." >&2
  exit 2
}
[ $# -gt 0 ] || set -- core host transports sim cli firmware
mapfile -t sources < <(python3 - "$build" "$@" <<'END'
import json, os, sys
build, folders = sys.argv[1], sys.argv[2:]
root = os.getcwd() + "/"
files = {os.path.relpath(os.path.join(c["directory"], c["file"]), root)
         for c in json.load(open(build + "/compile_commands.json", encoding="utf-8"))}
wanted = tuple(folder.rstrip("/") + "/" for folder in folders)
print("\n".join(sorted(f for f in files if f.startswith(wanted))))
END
)
[ "${#sources[@]}" -gt 0 ] && [ -n "${sources[0]}" ] || {
  echo "clang-tidy.sh: nothing is built below: $*" >&2
  exit 2
}
# A precompiled header of the other compiler means nothing to clang-tidy.
printf '%s\0' "${sources[@]}" |
  xargs -0 -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option
