// SPDX-License-Identifier: Apache-2.0
// `weco flash verify`: what a firmware file is and whether it may be believed. Nothing but the file
// and the keys is looked at.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/render/text.hpp"
#include "cli/table/flash.hpp"
#include "host/image/firmware.hpp"

namespace weco::cli {
namespace {

struct Judged {
  const Firmware& firmware;
  image::Verdict verdict;
  bool checked = false;  // a key was given
  bool good = false;
  std::string sentence;
};

Judged judge(const Firmware& firmware, const PublicKeys& keys, bool hash_is_enough) {
  Judged judged{firmware, verdict_on(firmware, keys), keys.size() > 0, false, {}};
  const image::Finding finding = judged.verdict.finding;
  const bool whole = judged.verdict.hash_good;
  judged.sentence = image::sentence(finding);
  if (judged.checked) {
    judged.good = judged.verdict.good();
  } else if (whole && finding == image::Finding::Unsigned) {
    judged.good = hash_is_enough;
    judged.sentence = "the hash is right, but nobody signed it";
  } else if (whole) {
    judged.good = hash_is_enough;
    judged.sentence = "the hash is right, the signature was not checked";
  }
  return judged;
}

std::string text_of(const image::Version& version) {
  return std::string(image::to_text(version).view());
}

void json_facts(JsonWriter& json, const Judged& judged) {
  const image::Layout& layout = judged.firmware.layout;
  json.field("file", judged.firmware.path).field("version", text_of(layout.version));
  json.field("image_bytes", layout.size).field("payload_bytes", layout.payload_size);
  json.field("hash", hex(judged.verdict.hash.view()));
  json.field("file_sha256", hex(sha256(judged.firmware.image())));
  if (layout.security_counter) json.field("security_counter", *layout.security_counter);
  if (layout.vendor_id) json.field("vendor_id", uuid_text(*layout.vendor_id));
  if (layout.class_id) json.field("class_id", uuid_text(*layout.class_id));
  json.key("dependencies").begin_array();
  for (const image::Dependency& needs : layout.dependencies.view()) {
    json.begin_object().field("image", needs.image);
    json.field("at_least", text_of(needs.at_least)).end_object();
  }
  json.end_array();
}

std::string as_json(const Judged& judged) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.firmware/1");
  json_facts(json, judged);
  json.field("hash_good", judged.verdict.hash_good).field("signature_checked", judged.checked);
  json.field("finding", image::name(judged.verdict.finding)).field("good", judged.good);
  json.field("verdict", judged.sentence);
  return json.end_object().str();
}

std::string as_page(const Judged& judged, const Output& output) {
  const image::Layout& layout = judged.firmware.layout;
  std::string page = sanitize(judged.firmware.path) + "\n";
  const auto row = [&page](std::string_view name, const std::string& value) {
    page += fmt::format("  {:<18}{}\n", name, value);
  };
  row("version", text_of(layout.version));
  row("size", fmt::format("{} bytes ({} of them program)", layout.size, layout.payload_size));
  if (!judged.verdict.hash.empty()) row("hash", hex(judged.verdict.hash.view()));
  if (layout.security_counter) row("security counter", fmt::format("{}", *layout.security_counter));
  if (layout.vendor_id) row("vendor id", uuid_text(*layout.vendor_id));
  if (layout.class_id) row("class id", uuid_text(*layout.class_id));
  for (const image::Dependency& needs : layout.dependencies.view()) {
    row("needs", fmt::format("image {} at {} or later", needs.image, text_of(needs.at_least)));
  }
  if (layout.confirmed) row("note", "padded and marked as confirmed; sent without that mark");
  if (judged.checked && judged.verdict.good()) {
    row("signature", fmt::format("{}{}", image::name(judged.verdict.algorithm),
                                 judged.verdict.pure ? " over the whole image" : ""));
  }
  row("verdict", output.styled((judged.good ? "good: " : "not good: ") + judged.sentence,
                               judged.good ? Style::Good : Style::Alarm));
  return page;
}

}  // namespace

Outcome<ExitCode> run_flash_verify(const Args& args, Context& context) {
  if (args.flag("no-signature") && args.given("key")) {
    return failure(ErrorCode::BadUsage, "a key and --no-signature contradict each other",
                   "--no-signature", "Give the key alone.");
  }
  PublicKeys keys;
  for (const std::string& path : args.list("key")) {
    if (Done added = keys.add_file(path); !added) return Unexpected{std::move(added).error()};
  }
  auto firmware = read_firmware(std::string(args.text("FILE")));
  if (!firmware) return Unexpected{std::move(firmware).error()};
  const Judged judged = judge(*firmware, keys, args.flag("no-signature"));
  Output& output = context.output;
  output.result(output.json() ? as_json(judged) : as_page(judged, output));
  if (!judged.good && !judged.checked && judged.verdict.hash_good) {
    output.note("Give the vendor's public key with --key, or --no-signature to go without.");
  }
  return judged.good ? ExitCode::Done : ExitCode::VerificationDiffers;
}

}  // namespace weco::cli
