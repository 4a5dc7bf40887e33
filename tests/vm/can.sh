#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# can.sh WECO UNIT_TRANSPORTS: runs in the guest of tools/vm/run. The programs of can-utils are
# the other side of the bus.
set -u
weco=$1 unit=$2
here=$(dirname "$0")
cd /run
. "$here/checks.sh"

# --- what goes wrong before anything is heard
ask "a missing interface is named with the command that lists them" 1 "ip -brief link" \
  status can:can9
ask "an interface that is no CAN interface is told apart" 1 "is no CAN interface" status can:lo
/run/busybox ip link set vcan1 down
ask "an interface that is down comes with the command that brings it up" 3 \
  "sudo ip link set vcan1 up" status can:vcan1
/run/busybox ip link set vcan1 up
ask "silence says what may be wrong" 3 "no CAN frame came" status can:vcan1

# --- a battery, replayed by cansend from what was recorded of one
battery() {
  while :; do
    while read -r frame; do cansend vcan0 "$frame"; done <<'FRAMES'
351#1402E803E803D201
355#5A006400
356#B4143200D700
359#0000000002504E00
35C#C000
35E#50594C4F4E202020
FRAMES
    /run/busybox usleep 200000
  done
}
candump -L vcan0 >heard.log &
watcher=$!
battery &
player=$!
ask "status reads a battery whose frames cansend puts on the bus" 0 "90( |\.0)? ?%" status can:vcan0
ask "scan finds it and names its dialect" 0 "[Pp]ylontech" scan can:vcan0
ask "json tells the bus" 0 '"bus": ?"virtual' status can:vcan0 --json
/run/busybox usleep 100000
text=$(grep -c " 305#" heard.log)
check "reading a battery puts not one frame on the bus" 1 "^0$" $? "$text"
"$weco" status 'can:vcan0?keepalive=yes' >/dev/null 2>&1
/run/busybox usleep 100000
text=$(grep -c " 305#0000000000000000" heard.log)
check "the keep-alive is sent when it is asked for" 0 "^[1-9]" $? "$text"
kill "$player" "$watcher"
wait "$player" "$watcher" 2>/dev/null

# --- both directions of ISO-TP against the kernel's, and frames through filters
text=$("$unit" "[.vcan]" 2>&1)
check "frames, filters and both ISO-TPs on a real bus" 0 "All tests passed" $? "$text"

# --- whole messages, with isotpsend and isotprecv on the other side
words=$(for i in {1..180}; do printf '%02X ' "$i"; done)
for by in kernel ours; do
  candump -n 1 -T 20000 vcan0,6FF:7FF >/dev/null &
  ready=$!
  /run/busybox usleep 200000
  "$unit" "[.echo]" -c "$by" >echo.log 2>&1 &
  echo_pid=$!
  wait "$ready"
  isotprecv -s 7F0 -d 7F8 vcan0 >came.log &
  receiver=$!
  /run/busybox usleep 200000
  isotpsend -s 7E0 -d 7E8 vcan0 <<<"$words"
  wait "$receiver"
  cansend vcan0 6FE#
  wait "$echo_pid"
  check "180 bytes go to and fro with isotpsend and isotprecv, ISO-TP: $by" 0 \
    "^${words% } *$" $? "$(cat came.log)"
done

# --- a virtual battery, with candump as its inverter
candump -L -n 40 -T 12000 vcan1 >ours.log &
watcher=$!
"$weco" simulate weco_smart --serve can:vcan1 --for 60s >served.log 2>&1 &
server=$!
ask "status reads a virtual battery over the bus" 0 "470(\.0)? ?V" status can:vcan1
ask "scan finds it" 0 "Batter" scan can:vcan1
wait "$watcher"
check "candump sees its limits" 0 " 351#5C12BD00AE00" $? "$(cat ours.log)"
text=$("$weco" simulate weco_smart --serve can:vcan1 --for 4s 2>&1)
check "a second battery keeps silent beside the first and says so" 0 "another battery sends" \
  $? "$text"
kill "$server"
wait "$server"
check "simulate tells how much it sent" 130 "Sent [1-9][0-9]* CAN frames" $? "$(cat served.log)"

# --- a bus that is busy with others
cangen vcan0 -g 1 -n 3000 -I 7A0 -L 8 -D i &
ask "a bus full of other traffic is no battery" 10 "none of a battery that is known" \
  status can:vcan0
wait
exit $failed
