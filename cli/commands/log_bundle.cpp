// SPDX-License-Identifier: Apache-2.0
// `weco log-dump DEVICE --bundle FILE`: what somebody who helps from afar wants to see, as one
// archive. It is made of what other commands print and of files that were named; secrets and what
// tells who somebody is are taken out by rules, and a list says what was taken where.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/parse.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/log_dump.hpp"
#include "cli/version.hpp"
#include "host/proof/digest.hpp"
#include "host/records/archive.hpp"
#include "host/records/keys.hpp"
#include "host/records/redaction.hpp"
#include "host/text/utc.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kFileMax = 256U << 20U;
constexpr unsigned kForMe = 0600;

class Caught final : public TextSink {
 public:
  bool write(std::string_view piece) override {
    text += piece;
    return true;
  }
  std::string text;
};

/// What a command prints to stdout. A failure is that of the command; that it found something to
/// warn of is none.
Outcome<std::string> printed(const Context& context, const std::vector<std::string>& words) {
  const auto args = args_of(words);
  if (!args) return Unexpected{args.error()};
  Caught out, err;
  OutputSettings settings;
  settings.json = args->flag("json");
  settings.quiet = true;
  settings.progress = ProgressMode::Never;
  Output output(out, err, {}, settings);
  Context own{output,          context.interruption, context.make_reactor, context.config,
              context.catalog, context.serial_ports, context.data_folder};
  const auto outcome = args->command()->handler(*args, own);
  if (!outcome) return Unexpected{outcome.error()};
  return std::move(out.text);
}

struct Part {
  records::ArchiveFile file;
  std::vector<std::pair<records::Redaction, std::uint64_t>> taken;
};

class Bundle {
 public:
  /// Through the rules; `from` is what a failure names.
  Done add(std::string name, std::string_view content, const std::string& from) {
    records::Redactor redactor;
    auto clean = redactor.text(content, from);
    if (!clean) return Unexpected{clean.error()};
    Part part{{std::move(name), std::move(*clean)}, {}};
    for (const records::RedactionRule& rule : records::kRedactionRules) {
      if (redactor.taken(rule.id) > 0) part.taken.emplace_back(rule.id, redactor.taken(rule.id));
    }
    parts_.push_back(std::move(part));
    return {};
  }
  /// As it is.
  void add_whole(std::string name, std::string content) {
    parts_.push_back({{std::move(name), std::move(content)}, {}});
  }
  [[nodiscard]] std::uint64_t taken() const {
    std::uint64_t all = 0;
    for (const Part& part : parts_) {
      for (const auto& [rule, count] : part.taken) all += count;
    }
    return all;
  }
  [[nodiscard]] std::size_t files() const { return parts_.size(); }
  [[nodiscard]] std::string list() const;
  [[nodiscard]] std::string archive(std::int64_t now) const;

 private:
  std::vector<Part> parts_;
};

/// Every rule, also one that took nothing: a reader shall know what cannot be there.
std::string Bundle::list() const {
  JsonWriter json;
  json.begin_object().field("schema", "weco.redactions/1").key("rules").begin_array();
  for (const records::RedactionRule& rule : records::kRedactionRules) {
    json.begin_object().field("rule", rule.name).field("takes", rule.what);
    json.field("why", rule.why).end_object();
  }
  json.end_array().key("taken").begin_array();
  for (const Part& part : parts_) {
    for (const auto& [rule, count] : part.taken) {
      const auto& row = records::kRedactionRules[static_cast<std::size_t>(rule)];
      json.begin_object().field("file", part.file.name).field("rule", row.name);
      json.field("times", count).end_object();
    }
  }
  return json.end_array().end_object().str();
}

std::string Bundle::archive(std::int64_t now) const {
  std::vector<records::ArchiveFile> files;
  for (const Part& part : parts_) files.push_back(part.file);
  files.push_back({"redactions.json", list() + "\n"});
  std::string sums;
  for (const records::ArchiveFile& file : files) {
    sums += proof::sha256_hex(file.content) + "  " + file.name + "\n";
  }
  files.push_back({"SHA256SUMS", std::move(sums)});
  return records::tar(files, now);
}

std::string read_me(const Args& args, std::int64_t now) {
  return fmt::format(
      "What a battery's controller remembers and how it is, for whoever helps from afar.\n"
      "Made by {} on {}.\n\n"
      "  {}\n"
      "  status.json       {}\n"
      "  files/            what was added by name\n"
      "  versions.json     of the program\n"
      "  redactions.json   what was taken out, by which rule, and how often\n"
      "  SHA256SUMS        digests of these files: sha256sum -c SHA256SUMS\n\n"
      "A journal holds codes and numbers and is whole. Serial numbers, firmware and readings\n"
      "stay in: without them nobody can help.\n",
      kProgram, utc_text(now),
      args.flag("shown") ? "shown.json        faults, counters and cells as the device showed them"
                         : "log.ndjson        the journal, record by record, each with a hash over "
                           "those before it",
      args.given("status") ? "the device's readings and findings"
                           : "not here: name the device's own endpoint with --status");
}

Done add_files(const Args& args, Bundle& bundle) {
  std::size_t number = 0;
  for (const std::string& path : args.list("with")) {
    const auto content = records::read_whole(path, kFileMax);
    if (!content) return Unexpected{content.error()};
    const std::string name = std::filesystem::path(path).filename().string();
    Done done = bundle.add(fmt::format("files/{:03}-{}", ++number, records::harmless_name(name)),
                           *content, path);
    if (!done) return done;
  }
  return {};
}

std::vector<std::string> with_family(const Args& args, std::vector<std::string> words) {
  if (args.given("family")) {
    words.emplace_back("--family");
    words.emplace_back(args.text("family"));
  }
  return words;
}

Done add_log(const Args& args, const Context& context, Bundle& bundle) {
  const bool shown = args.flag("shown");
  context.output.note(shown ? "Reading what the device shows." : "Reading the journal.");
  std::vector<std::string> words{"log-dump", std::string(args.text("DEVICE"))};
  const std::vector<std::string> form = shown ? std::vector<std::string>{"--shown", "--json"}
                                              : std::vector<std::string>{"--format", "ndjson"};
  words.insert(words.end(), form.begin(), form.end());
  auto log = printed(context, with_family(args, std::move(words)));
  if (!log) return Unexpected{std::move(log).error()};
  if (shown) return bundle.add("shown.json", *log, "shown");
  bundle.add_whole("log.ndjson", std::move(*log));
  return {};
}

}  // namespace

Outcome<ExitCode> run_log_bundle(const Args& args, Context& context) {
  for (const char* other : {"output", "resume", "follow", "format"}) {
    if (!args.given(other)) continue;
    return failure(ErrorCode::BadUsage, "a bundle holds the whole journal in one form",
                   fmt::format("--{}", other), "Leave it away, or run log-dump without --bundle.");
  }
  const std::string path(args.text("bundle"));
  const std::int64_t now = context.make_reactor()->wall_seconds();
  Bundle bundle;
  bundle.add_whole("README.txt", read_me(args, now));
  if (Done done = add_log(args, context, bundle); !done) return Unexpected{done.error()};
  if (args.given("status")) {
    context.output.note("Reading the device.");
    const auto status =
        printed(context, with_family(args, {"status", std::string(args.text("status")), "--json"}));
    if (!status) return Unexpected{status.error()};
    if (Done done = bundle.add("status.json", *status, "status"); !done) {
      return Unexpected{done.error()};
    }
  }
  if (Done done = add_files(args, bundle); !done) return Unexpected{done.error()};
  JsonWriter versions;
  versions.begin_object().field("schema", "weco.version/1").field("version", kVersion);
  bundle.add_whole("versions.json", versions.end_object().str() + "\n");
  if (Done done = records::write_whole(path, bundle.archive(now), kForMe); !done) {
    return Unexpected{done.error()};
  }
  if (context.output.json()) {
    JsonWriter json;
    json.begin_object().field("schema", "weco.bundle/1").field("bundle", path);
    json.field("taken", bundle.taken());
    context.output.result(json.end_object().str());
  } else {
    context.output.note(fmt::format(
        "{} holds {} files; {} {} taken out, redactions.json in it says which.", sanitize(path),
        bundle.files() + 2, bundle.taken(), bundle.taken() == 1 ? "thing was" : "things were"));
  }
  return ExitCode::Done;
}

}  // namespace weco::cli
