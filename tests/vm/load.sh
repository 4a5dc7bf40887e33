#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# load.sh WECO: runs in the guest of tools/vm/run. Others fill a CAN bus with 4,000 numbered frames
# a second for a minute while weco records it; every one must be in the recording, in its order.
set -u
weco=$1
. "$(dirname "$0")/checks.sh"
cd /run
frames=240000
/run/busybox ip link set vcan0 up
"$weco" status can:vcan0 --watch --json --record bus.ndjson >/dev/null 2>watch.err &
watcher=$!
/run/busybox sleep 2
begun=$(date +%s%N)
# Bursts, since each pause of the sender costs an emulated processor more than forty frames do.
cangen vcan0 -g 6 -c 40 -n $frames -I 7A0 -L 8 -D i
took=$((($(date +%s%N) - begun) / 1000000))
/run/busybox sleep 2
kill -INT "$watcher"
wait "$watcher"
echo "$frames frames in $took ms: $((frames * 1000 / took)) a second"
check "4,000 frames a second are sent for a minute" 0 "^[4-9][0-9]{3}$" 0 \
  $((frames * 1000 / took))
# cangen counts with the least byte first.
lost=$(grep -o '7A0#[0-9A-F]\{6\}' bus.ndjson | awk -v frames=$frames '
  substr($0, 5) != sprintf("%02X%02X%02X", n % 256, int(n / 256) % 256, n / 65536) { wrong++ }
  { n++ }
  END { print frames - n + wrong }')
check "not one is lost or out of order" 0 "^0$" 0 "$lost"
exit $failed
