-- SPDX-License-Identifier: Apache-2.0
-- The ways by which the manual lets firmware in. What is said on the wire is unpublished.
return {
  routes = {
    { kind = "stick", title = "USB stick", fat32 = true, max_GB = 32, unzipped = true, steps = {
      "Unzip the files of the release and copy them onto a stick with FAT32, at most 32 GB.",
      "Put the stick in; the update starts by itself.",
      "Wait for one beep: it succeeded. Take the stick out.",
      "Without the beep try again, five times at most. Fault 134: format of the stick; 135: update failed; 137: the stick cannot be read; 138: no update file on it.",
      "Read the version back and compare it with the release.",
    } },
    { kind = "app", title = "Vendor's app", steps = {
      "Connect the app over Bluetooth and let it update.",
      "Read the version back and compare it with the release.",
    } },
  },
}
