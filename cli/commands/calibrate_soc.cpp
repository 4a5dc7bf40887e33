// SPDX-License-Identifier: Apache-2.0
// `weco calibrate-soc`: guides a person through the charges and discharges that a family needs, and
// watches them; with --set it writes the settings itself and puts them back.
#include <string>
#include <utility>

#include "cli/agreement.hpp"
#include "cli/args.hpp"
#include "cli/calibration_run.hpp"
#include "cli/table/calibrate_soc.hpp"

namespace weco::cli {

Outcome<ExitCode> run_calibrate_soc(const Args& args, Context& context) {
  auto place = resolve_place(context, args.text("DEVICE"));
  if (!place) return Unexpected{std::move(place).error()};
  if (args.given("unit")) place->target.unit = static_cast<int>(args.integer("unit"));
  if (args.given("family")) place->target.family = std::string(args.text("family"));
  if (place->target.family.empty()) {
    return failure(ErrorCode::BadUsage, "nobody said which family the device is of", "--family",
                   "Name it, or find it out with 'weco status'.");
  }
  const auto catalog = Catalog::embedded();
  if (!catalog) return Unexpected{catalog.error()};
  CalibrationRequest request{.device = std::string(args.text("DEVICE")),
                             .place = *place,
                             .catalog = *catalog,
                             .tariff = std::string(args.text("tariff")),
                             .journal = std::string(args.text("journal")),
                             .interval = args.duration("interval"),
                             .plan = args.flag("plan"),
                             .set = args.flag("set"),
                             .resume = args.flag("resume")};
  request.agree = [&](const std::string& text, const std::string& question) {
    return ask_person(args, context, text + question, "nothing was begun");
  };
  if (args.given("record")) {
    request.record = [&args](Reactor& reactor) { return open_record(args, reactor); };
  }
  const auto answer = calibrate(request, context);
  if (!answer) return Unexpected{answer.error()};
  context.output.result(context.output.json() ? answer->json : answer->text);
  return answer->code;
}

}  // namespace weco::cli
