// SPDX-License-Identifier: Apache-2.0
// The user's own file: names for devices, so that nobody has to remember a port. Strict: a key that
// means nothing here is refused with its place, because a misspelt key that is ignored is a setting
// that silently does not hold. Keeps no secrets and changes no device.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/failure/failure.hpp"

namespace weco::config {

/// One [device.NAME].
struct Device {
  std::string name;      // letters, digits, '-', '_', '.'; starts with a letter; at most 64 bytes
  std::string endpoint;  // "serial:/dev/ttyUSB0?baud=9600", required
  std::string family;    // empty: find out
  int unit = 0;          // address on the line, 1..255; 0: the family's own
  std::string note;      // for people, at most 200 bytes
  std::string site;      // whose devices are updated together, at most 64 bytes
  std::string update;    // the endpoint where it takes firmware; empty: nowhere
  bool master = false;   // leads others of its site: updated after them
};

struct Config {
  std::string path;             // where it was read from; empty when there is no file
  std::vector<Device> devices;  // ordered by name

  [[nodiscard]] const Device* find(std::string_view name) const;
};

inline constexpr std::size_t kFileMax = 1U << 20;  // bytes; larger is refused
inline constexpr std::size_t kDevicesMax = 1000;

/// Reads `text`; `path` only names the place in errors ("path:line:column").
/// BadInput: not TOML, an unknown key, a wrong type or a value outside its range.
Outcome<Config> parse(std::string_view text, const std::string& path);

/// Reads the file. NotFound, PermissionDenied, TooLong and IoError speak about the file itself.
Outcome<Config> load(const std::string& path);

/// $XDG_CONFIG_HOME/weco/config.toml or $HOME/.config/weco/config.toml; empty when neither variable
/// is set. An XDG_CONFIG_HOME that is not absolute is ignored, as its specification demands.
std::string default_path(std::optional<std::string_view> xdg_config_home,
                         std::optional<std::string_view> home);

}  // namespace weco::config
