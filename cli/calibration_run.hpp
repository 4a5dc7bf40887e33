// SPDX-License-Identifier: Apache-2.0
// A calibration of the state of charge for whoever asks for it, a command or a script: what it
// takes is said, somebody agrees, the charges are watched, and what was set is put back at every
// end.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/context.hpp"
#include "cli/target.hpp"

namespace weco::cli {

struct CalibrationRequest {
  std::string device;  // as it was named
  const Place& place;  // with its family
  const Catalog& catalog;
  std::string tariff{};   // path; empty: the cost is not reckoned
  std::string journal{};  // path
  Duration interval = Duration::s(10);
  bool plan = false;    // say what it takes, and end
  bool set = false;     // write the settings instead of asking a person for them
  bool resume = false;  // where the journal says that a run was cut
  /// What it takes, and a question. A failure leaves everything as it is.
  std::function<Done(const std::string& text, const std::string& question)> agree{};
  /// The recorder of this run; none: nothing is recorded.
  std::function<Outcome<std::unique_ptr<EventSink>>(Reactor& reactor)> record{};
};

struct CalibrationAnswer {
  std::string text;  // for people
  std::string json;  // weco.calibration/1, or weco.calibration_plan/1
  ExitCode code = ExitCode::Done;
};

/// What is to be done by hand meanwhile, and how far it is, goes to the context's output.
/// RefusedByGuard when a limit speaks against it or is broken; Interrupted can be resumed.
Outcome<CalibrationAnswer> calibrate(const CalibrationRequest& request, Context& context);

}  // namespace weco::cli
