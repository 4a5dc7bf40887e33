// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include "cli/render/text.hpp"
#include "cli/suggest.hpp"

namespace weco::cli {

Outcome<Target> resolve_target(Context& context, std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return Target{.name = {}, .endpoint = std::string(text), .family = {}, .unit = 0};
  }
  const auto config = context.config();
  if (!config) return Unexpected<Failure>{config.error()};
  if (const config::Device* device = (*config)->find(text); device != nullptr) {
    return Target{device->name, device->endpoint, device->family, device->unit};
  }
  if (text.find('/') != std::string_view::npos) {
    return failure(ErrorCode::BadUsage, quoted(text) + " is a path, not an endpoint", {},
                   "Write serial:" + sanitize(text) + " for a port or replay:" + sanitize(text) +
                       " for a recording.");
  }
  std::vector<std::string_view> names;
  for (const config::Device& device : (*config)->devices) names.push_back(device.name);
  return failure(
      ErrorCode::NotFound, quoted(text) + " is neither an endpoint nor a configured device", {},
      did_you_mean(text, names,
                   "Write an endpoint such as serial:/dev/ttyUSB0, or name the device in "
                   "the configuration; see weco-config(5)."));
}

}  // namespace weco::cli
