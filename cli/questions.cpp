// SPDX-License-Identifier: Apache-2.0
#include "cli/questions.hpp"

#include "cli/render/text.hpp"
#include "cli/typed_line.hpp"
#include "host/proof/digest.hpp"
#include "host/records/keys.hpp"
#include "host/records/tick.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kAttachmentMax = 16U << 20U;
constexpr std::size_t kWidth = 78;

bool wants(const ChecklistItem& item, std::string_view evidence) {
  for (const std::string& wanted : item.evidence) {
    if (wanted == evidence) return true;
  }
  return false;
}

}  // namespace

Outcome<store::AttachmentRow> read_attachment(const std::string& path) {
  auto content = records::read_whole(path, kAttachmentMax);
  if (!content) return Unexpected{content.error()};
  const std::size_t slash = path.rfind('/');
  std::string bare = slash == std::string::npos ? path : path.substr(slash + 1);
  return store::AttachmentRow{proof::sha256_hex(*content), std::move(bare), std::move(*content)};
}

/// nullopt for the word "stop", too.
std::optional<std::string> Questions::line(std::string_view prompt) {
  output_.note(prompt);
  auto typed = typed_line();
  if (typed == "stop") return std::nullopt;
  return typed;
}

void Questions::show(const ChecklistItem& item) {
  if (item.group != group_) {
    group_ = item.group;
    output_.note("\n" + std::string(language_.word("group." + group_, group_)));
  }
  std::string text = wrap(language_.word(item.key, item.text), kWidth, 2);
  if (text.ends_with('\n')) text.pop_back();
  if (const std::string limits = records::limits_text(item.accept); !limits.empty()) {
    text += "\n  " + std::string(word("label.limits")) + ": " + limits;
  }
  output_.note(text);
}

bool Questions::ask_torque(const ChecklistItem& item, records::Given& given) {
  records::Torque torque;
  const std::string label(word("label.torque"));
  if (!item.accept.max) {
    const auto typed = line("  " + label + " (" + std::string(word("label.limits")) + ") [Nm]:");
    if (!typed) return false;
    torque.specified = *typed;
  }
  const auto applied = line("  " + label + " [Nm]:");
  const auto wrench = applied ? line("  " + std::string(word("label.wrench")) + ":") : std::nullopt;
  const auto marks =
      wrench ? line("  " + std::string(word("label.marks")) + " yes / no:") : std::nullopt;
  if (!marks) return false;
  torque.applied = *applied;
  torque.wrench = *wrench;
  torque.blue = torque.red = *marks == "yes";
  given.torque = std::move(torque);
  return true;
}

bool Questions::ask_evidence(const ChecklistItem& item, records::Given& given) {
  if (wants(item, "serial")) {
    const auto serials = line("  " + std::string(word("label.serial")) + ":");
    if (!serials) return false;
    given.value = *serials;
  }
  while (wants(item, "photo")) {
    const auto path = line("  " + std::string(word("label.photos")) + " (FILE):");
    if (!path) return false;
    if (path->empty()) break;
    auto photo = read_attachment(*path);
    if (!photo) {
      output_.fail(photo.error());
      continue;
    }
    given.photos.push_back(std::move(*photo));
    break;
  }
  return true;
}

std::optional<records::Given> Questions::ask(const ChecklistItem& item) {
  show(item);
  const bool number = item.accept.kind == Acceptance::Kind::Number;
  const std::string unit = item.accept.unit == "degC" ? "°C" : item.accept.unit;
  const auto typed =
      line(number ? "  " + std::string(word("label.value")) + " [" + unit + "], or no / na:"
                  : std::string("  ok, no or na:"));
  if (!typed) return std::nullopt;
  records::Given given;
  if (*typed == "no" || *typed == "na") {
    given.result = *typed == "no" ? records::Result::NotConforming : records::Result::NotApplicable;
    const auto note = line("  " + std::string(word("label.note")) + ":");
    if (!note) return std::nullopt;
    given.note = *note;
    if (*typed == "no" && !item.fix.empty())
      output_.note("  -> " + std::string(word("fix." + item.fix)));
    if (*typed == "no" && !ask_evidence(item, given)) return std::nullopt;
    return given;
  }
  if (number) {
    given.value = *typed;
  } else if (*typed != "ok") {
    output_.note("  ok, no, na, stop?");
    return ask(item);
  }
  if (item.accept.kind == Acceptance::Kind::Torque && !ask_torque(item, given)) return std::nullopt;
  if (!ask_evidence(item, given)) return std::nullopt;
  return given;
}

Outcome<bool> Questions::ask_all(records::Run& run, std::int64_t now) {
  for (auto open = run.open(); !open.empty(); open = run.open()) {
    const ChecklistItem& item = *open.front();
    const auto given = ask(item);
    if (!given) return false;
    const Done done = run.answer(item.id, *given, now);
    if (done) {
      const proof::Json* answer = run.answer_to(item.id);
      const bool bad = proof::text_of(*answer, "result") == "not_conforming";
      if (bad && given->result == records::Result::Ok) {
        output_.note("  " + std::string(word("result.not_conforming")) + ". " +
                     std::string(word("fix." + item.fix)));
      }
    } else if (done.error().code() == ErrorCode::BadInput) {
      output_.warning(done.error().what +
                      (done.error().hint.empty() ? "." : ". " + done.error().hint));
    } else {
      return Unexpected{done.error()};
    }
  }
  auto cases = run.without_case();
  if (!cases) return Unexpected{cases.error()};
  for (const ChecklistItem* item : *cases) {
    show(*item);
    const auto typed = line("  " + std::string(word("label.case")) + ":");
    if (!typed || typed->empty()) return false;
    records::Given given;
    given.case_id = *typed;
    if (Done done = run.amend(item->id, given, now); !done) return Unexpected{done.error()};
  }
  return true;
}

bool Questions::declares(records::Declaration declaration) {
  output_.note("\n" + std::string(word("declaration." + std::string(name(declaration)))));
  const auto typed = line("yes / no:");
  return typed && *typed == "yes";
}

}  // namespace weco::cli
