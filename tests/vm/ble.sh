#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ble.sh WECO PEERS: runs in the guest of tools/vm/run --bluetooth, with BlueZ itself and two
# virtual controllers, hci0 and hci1, that hear each other. The other sides are python3-dbus and
# bluetoothctl.
set -u
weco=$1
peers="/usr/bin/python3 $2"
near=00:AA:01:00:00:00 far=00:AA:01:01:00:01 # hci0, hci1
there="ble:$far?adapter=hci0"
here=$(dirname "$0")
cd /run
. "$here/checks.sh"
wait_for() {  # TENTHS COMMAND...: until it succeeds, at most so long
  local tries=$1
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    /run/busybox usleep 100000
  done
}
bluez() { dbus-send --system --print-reply --dest=org.bluez "$@"; }
power() {  # ADAPTER true|false
  bluez "/org/bluez/$1" org.freedesktop.DBus.Properties.Set string:org.bluez.Adapter1 \
    string:Powered "variant:boolean:$2" >/dev/null 2>&1
}
both_there() {
  [ "$(bluez / org.freedesktop.DBus.ObjectManager.GetManagedObjects |
    grep -o 'object path "/org/bluez/hci[01]"' | sort -u | wc -l)" = 2 ]
}
for daemon in /usr/libexec/bluetooth/bluetoothd /usr/lib/bluetooth/bluetoothd; do
  [ ! -x $daemon ] || bluetoothd=$daemon
done
start_bluetoothd() {
  "$bluetoothd" -n >>bluetoothd.log 2>&1 &
  service=$!
}
end() {
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}

# --- before there is anything
[ -s /etc/machine-id ] || echo 00112233445566778899aabbccddeeff >/etc/machine-id
ask "without a bus the message names what is missing" 1 "[Bb]us|D-Bus" scan ble:
mkdir -p /run/dbus
dbus-daemon --system --fork --nopidfile
start_bluetoothd
wait_for 300 bluez /org/bluez org.freedesktop.DBus.Peer.Ping
# The kernel gives up on controllers that starve for two seconds, and who asks often starves them:
# so each look comes a second after the other, and controllers that fail are made anew.
for _ in 1 2 3 4; do
  btvirt -L -l2 >btvirt.log 2>&1 &
  radios=$!
  for _ in {1..8}; do
    /run/busybox sleep 1
    both_there && break 2
  done
  end "$radios"
done
power hci0 true
power hci1 true

# --- their device, our central
$peers device hci1 >device.log 2>&1 &
device=$!
wait_for 300 grep -q ready device.log
ask "scan finds a device by what it advertises and asks what it is" 0 "EP760" scan ble:hci0 \
  --family bluetti_ep760
text=$("$weco" status "$there" --family bluetti_ep760 2>&1)
check "status reads it in packets of 20 bytes" 0 "77( |\.00?)? ?%" $? "$text"
grep -q $'\e' <<<"$text"
check "a name with terminal escapes reaches no terminal" 1 "EP760" $? "$text"
end "$device"

# --- our device, their centrals
"$weco" simulate bluetti_ep760 --serve ble:hci1 --for 600s >served.log 2>&1 &
server=$!
wait_for 300 grep -q Serving served.log
name=$(sed -n 's/.*Bluetooth as \([^ ]*\) on.*/\1/p' served.log)
text=$($peers bluetoothctl $near $far 2>&1)
check "bluetoothctl reads our EP760" 0 "read EP760" $? "$text"
text=$($peers central hci0 "$name" 2>&1)
check "a central of others finds, connects, subscribes and reads our EP760" 0 "read EP760" $? \
  "$text"

# --- our device, our central, and what goes wrong in the middle of it
watch() {  # reads again and again until it cannot any more
  : >seen
  "$weco" status "$there" --family bluetti_ep760 --watch --interval 300ms --json \
    --timeout 20s >seen 2>seen.err &
  watcher=$!
  wait_for 900 looked
}
looked() { [ "$(grep -c '"weco.status' seen)" -ge 2 ]; }
ended() {  # PROMISE EXIT PATTERN SECONDS: of the watch, and how soon it tells
  local begun=$SECONDS code
  wait_for $(($4 * 10)) gone || kill "$watcher"
  wait "$watcher"
  code=$?
  [ $((SECONDS - begun)) -le "$4" ] || code="$code, late"
  check "$1" "$2" "$3" "$code" "$(tail -n 1 seen; cat seen.err)"
}
gone() { ! kill -0 "$watcher"; }
watch
check "our central reads our EP760, look after look" 0 '"family": ?"bluetti_ep760"' $? \
  "$(cat seen seen.err)"
power hci1 false
ended "a device that vanishes in the middle is said to be gone" 3 "out of reach" 25
power hci1 true
wait_for 600 grep -q "advertises again" served.log
check "a served device is on the air again after its adapter was off" 0 "again" $? \
  "$(cat served.log)"
watch
check "and is read again" 0 '"family": ?"bluetti_ep760"' $? "$(cat seen seen.err)"
end "$service"
# Before it leaves, the service takes its adapters away.
ended "a Bluetooth service that ends is named" 3 "Bluetooth (service|adapter)" 25
start_bluetoothd
wait_for 300 both_there
power hci0 true
power hci1 true
again() { [ "$(grep -c "advertises again" served.log)" -ge 2 ]; }
wait_for 600 again
check "a served device is on the air again after the service was away" 0 "again" $? \
  "$(cat served.log)"
watch
check "and is read again" 0 '"family": ?"bluetti_ep760"' $? "$(cat seen seen.err)"
power hci0 false
# Whether the reason or its effect comes first is a matter of load.
ended "an adapter that is switched off in the middle is named" 3 \
  "switched off|out of reach" 25
ask "an adapter that is off is said to be off" 3 "switched off" status "$there"
end "$server"
exit $failed
