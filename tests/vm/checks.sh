# SPDX-License-Identifier: Apache-2.0
# What the scripts of the guest check with; they set `weco` and end with `exit $failed`.
failed=0
check() {  # PROMISE EXPECTED_EXIT PATTERN EXIT TEXT
  if [ "$2" = "$4" ] && grep -qE -- "$3" <<<"$5"; then
    echo "ok: $1 ($SECONDS s)"
  else
    failed=1
    printf 'FAILED: %s\n  wanted exit %s and /%s/, got exit %s:\n%s\n' "$1" "$2" "$3" "$4" "$5"
  fi
}
ask() {  # PROMISE EXPECTED_EXIT PATTERN WECO_ARGUMENT...
  local promise=$1 exit=$2 pattern=$3 text
  shift 3
  text=$("$weco" "$@" 2>&1)
  check "$promise" "$exit" "$pattern" $? "$text"
}
