-- SPDX-License-Identifier: Apache-2.0
-- What the panel, the buzzer and the packs of an EP760 show, from its manual.
return {
  lights = {
    { part = "RUN", point = "panel_lights", shows = "run", means = "in operation, without a fault" },
    { part = "ALARM", point = "panel_lights", shows = "alarm", means = "an alarm is present" },
    { part = "FAULT", point = "panel_lights", shows = "fault", means = "a fault is present; the inverter has stopped" },
    { part = "Buzzer", point = "buzzer", shows = "on", means = "a fault came: five beeps of 2 s, 1 s apart; it can be muted in the app" },
    { part = "Pack LED", point = "led_pattern", node = "module", shows = "off", means = "not started; the breaker may be moved" },
    { part = "Pack LED", point = "led_pattern", node = "module", shows = "green", means = "running; do not move the breaker" },
    { part = "Pack LED", point = "led_pattern", node = "module", shows = "slow_blinking", means = "shutting down (0.5 Hz); do not move the breaker" },
    { part = "Pack LED", point = "led_pattern", node = "module", shows = "fast_blinking", means = "not running (1 Hz): if all packs do this they are recovering, call service after an hour; if one does it has a fault" },
  },
}
