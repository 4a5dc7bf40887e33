-- SPDX-License-Identifier: Apache-2.0
-- The one light whose meaning the manual tells; the other patterns are unpublished.
return {
  lights = {
    { part = "Module LED", point = "led_pattern", node = "module", shows = "red_alternating", means = "locked: the power circuit is open; some locks are permanent, see the fault before doing anything" },
    { part = "Tower LED", point = "led_pattern", node = "tower", shows = "red_alternating", means = "locked: the power circuit is open; some locks are permanent, see the fault before doing anything" },
  },
}
