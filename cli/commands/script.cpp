// SPDX-License-Identifier: Apache-2.0
// `weco script`: what there is to run, and the way to a script of one's own.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/script_files.hpp"
#include "cli/table.hpp"
#include "cli/table/script.hpp"

namespace weco::cli {
namespace {

constexpr mode_t kProgramMode = 0755;

constexpr std::string_view kBeginning = R"lua(#!/usr/bin/env -S weco run
-- What may differ between the modules of a battery before somebody looks at it.
local SPREAD_MAX_PCT <const> = 5

return {
  purpose = "Compare the states of charge of a battery's modules.",
  arguments = {
    { name = "device", type = "device", help = "The battery to look at" },
    { name = "spread_pct", type = "number", unit = "pct", min = 0, max = 100,
      default = SPREAD_MAX_PCT, help = "Largest difference allowed" },
  },
  rights = { "read" },
  example = "weco run ./look.lua sim:weco_smart",
  run = function(arguments)
    local device = assert(weco.open(arguments.device))
    local snapshot = assert(device:snapshot())
    local modules, socs = {}, {}
    for _, node in ipairs(snapshot.nodes) do
      if node.kind == "module" and node.values.soc_pct then
        modules[#modules + 1] = { module = node.path, soc_pct = node.values.soc_pct }
        socs[#socs + 1] = node.values.soc_pct
      end
    end
    local spread = stats.spread(socs) or 0
    ui.say("%d modules of %s", #modules, device.endpoint)
    return {
      modules = modules,
      spread_pct = spread,
      level = spread > arguments.spread_pct and "warning" or "ok",
    }
  end,
}
)lua";

Done write_beginning(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kProgramMode);
  if (fd < 0) {
    const bool there = errno == EEXIST;
    return failure(Error{there ? ErrorCode::Busy : ErrorCode::IoError, errno},
                   there ? quoted(path) + " exists already" : "cannot write " + quoted(path), {},
                   there ? "Name another file." : "Check the folder and its rights.");
  }
  const ssize_t count = ::write(fd, kBeginning.data(), kBeginning.size());
  const int number = errno;
  if (::close(fd) == 0 && count == static_cast<ssize_t>(kBeginning.size())) return {};
  return failure(Error{ErrorCode::IoError, number}, "cannot write " + quoted(path));
}

}  // namespace

Outcome<ExitCode> run_script_list(const Args&, Context& context) {
  const std::vector<ListedScript> list = list_scripts(context);
  if (context.output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.scripts/1").key("scripts").begin_array();
    for (const ListedScript& script : list) {
      json.begin_object().field("name", script.name).field("purpose", script.purpose);
      json.field("shipped", script.file.empty()).end_object();
    }
    context.output.result(json.end_array().end_object().str());
    return ExitCode::Done;
  }
  Grid grid({{"script"}, {"purpose"}, {"from"}});
  for (const ListedScript& script : list) {
    grid.add({{script.name}, {script.purpose}, {script.file.empty() ? "shipped" : "your own"}});
  }
  context.output.result(grid.draw(context.output));
  return ExitCode::Done;
}

Outcome<ExitCode> run_script_show(const Args& args, Context& context) {
  const auto script = find_script(context, args.text("SCRIPT"));
  if (!script) return Unexpected{script.error()};
  context.output.result(script->text);
  return ExitCode::Done;
}

Outcome<ExitCode> run_script_check(const Args& args, Context& context) {
  ExitCode code = ExitCode::Done;
  for (const std::string& name : args.list("SCRIPT")) {
    const auto header = header_of(context, name);
    if (header) {
      context.output.note(sanitize(name) + ": no mistake found.");
    } else {
      code = context.output.fail(header.error());
    }
  }
  return code;
}

Outcome<ExitCode> run_script_new(const Args& args, Context& context) {
  const std::string path(args.text("FILE"));
  if (Done done = write_beginning(path); !done) return Unexpected{std::move(done).error()};
  context.output.note("Wrote " + quoted(path) + "; try: weco run " + sanitize(path) +
                      " sim:weco_smart");
  return ExitCode::Done;
}

}  // namespace weco::cli
