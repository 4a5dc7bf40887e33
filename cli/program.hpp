// SPDX-License-Identifier: Apache-2.0
// The whole program but its surroundings: words in, results and messages out, exit code back. main
// supplies the surroundings; a test supplies others.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.hpp"
#include "cli/output.hpp"

namespace weco::cli {

/// What the operating system gave, so that nothing below reads an environment or a clock.
struct Surroundings {
  TextSink& out;
  TextSink& err;
  Terminal terminal;
  Interruption& interruption;
  std::function<std::unique_ptr<Reactor>()> make_reactor;
  std::function<std::vector<std::string>()> serial_ports;
  std::optional<std::string_view> xdg_config_home;
  std::optional<std::string_view> xdg_data_home;
  std::optional<std::string_view> home;
};

/// Never throws for what the user or the world did wrong.
ExitCode run(std::span<const std::string_view> words, const Surroundings& surroundings);

}  // namespace weco::cli
