-- SPDX-License-Identifier: Apache-2.0
-- The ways by which the manual lets firmware in. What is said on the wire is unpublished.
return {
  routes = {
    { kind = "app", title = "Vendor's portal or app", steps = {
      "Choose the cabinets, up to 20 in one batch, and let the portal update them.",
      "Wait until each cabinet is back and shows no new fault.",
      "Read the versions of EMS and cabinets back and compare them with the release.",
    } },
    { kind = "stick", title = "TF card or USB drive", note = "Size and format of card and drive are unpublished.", steps = {
      "Copy the files of the release onto the card or the drive.",
      "Put it into the EMS; it can also start from there. The reset button starts it again.",
      "Read the version back and compare it with the release, then take card or drive out.",
    } },
  },
}
