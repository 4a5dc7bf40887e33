-- SPDX-License-Identifier: Apache-2.0
-- The ways by which the manual lets firmware in. What is said on the wire is unpublished.
return {
  routes = {
    { kind = "computer", title = "PC with the vendor's tool", steps = {
      "Plan the moment with the user: the pack switches off while it is updated.",
      "Connect the PC to the RS232 of the WiFi port, which is the upgrade port, or to the USB port.",
      "Send the firmware with the tool that came with it.",
      "Read the version back and compare it with the release.",
    } },
    { kind = "app", title = "Vendor's app", steps = {
      "Plan the moment with the user: the pack switches off while it is updated.",
      "Connect the app over Bluetooth or WiFi and let it update.",
      "Read the version back and compare it with the release.",
    } },
    { kind = "stick", title = "USB stick", note = "Size and format of the stick are unpublished.", steps = {
      "Plan the moment with the user: the pack switches off while it is updated.",
      "Copy the files of the release onto the stick and put it into the USB port.",
      "Read the version back and compare it with the release, then take the stick away.",
    } },
  },
}
