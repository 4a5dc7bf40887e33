// SPDX-License-Identifier: Apache-2.0
#include "cli/complete.hpp"

#include <dirent.h>

#include <algorithm>
#include <utility>

#include "cli/args.hpp"
#include "cli/script_files.hpp"
#include "cli/table.hpp"
#include "core/points/vocabulary.hpp"
#include "host/link/endpoint.hpp"
#include "scripts/embedded.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kEntriesMax = 500;  // of a folder of recordings

bool takes_value(const Option& option) {
  return option.kind != Kind::Flag && option.kind != Kind::Count;
}

/// Where the words so far lead: the command, how many of its arguments are there, and the option
/// that waits for its value.
struct Place {
  const Command* command = nullptr;
  std::span<const Command> level;
  std::size_t arguments = 0;
  const Option* awaiting = nullptr;
  std::vector<std::string_view> given;  // long names of options typed
  std::vector<std::string> path;        // arguments typed
  bool only_arguments = false;          // after "--"
};

const Option* option_of_word(const Command* command, std::string_view word) {
  if (word.starts_with("--")) return find_option(command, word.substr(2, word.find('=') - 2));
  const char letter = word.back();  // the last of a group may take a value
  if (command != nullptr) {
    for (const Option& option : command->options) {
      if (option.letter == letter) return &option;
    }
  }
  for (const Option& option : global_options()) {
    if (option.letter == letter) return &option;
  }
  return nullptr;
}

void advance(Place& place, const std::string& word) {
  if (place.awaiting != nullptr) {
    place.awaiting = nullptr;
    return;
  }
  if (word == "--" && !place.only_arguments) {
    place.only_arguments = true;
    return;
  }
  if (!place.only_arguments && word.size() > 1 && word.front() == '-') {
    const Option* option = option_of_word(place.command, word);
    if (option == nullptr) return;
    place.given.push_back(option->name);
    if (takes_value(*option) && word.find('=') == std::string::npos) place.awaiting = option;
    return;
  }
  if (place.arguments == 0 && !place.only_arguments) {
    for (const Command& command : place.level) {
      if (command.name != word) continue;
      place.command = &command;
      place.level = command.subcommands();
      return;
    }
  }
  ++place.arguments;
  place.path.push_back(word);
}

class Offer {
 public:
  Offer(Context& context, std::string_view typed, std::string lead)
      : context_(context), typed_(typed), lead_(std::move(lead)) {}

  void add(std::string_view word, std::string_view about) {
    if (!word.starts_with(typed_)) return;
    completion_.candidates.push_back({lead_ + std::string(word), std::string(about)});
  }

  void commands_of(std::span<const Command> level) {
    for (const Command& command : level) {
      if (!command.hidden) add(command.name, command.summary);
    }
  }

  void options_of(const Place& place) {
    const auto offer = [&](const Option& option) {
      const bool given = std::ranges::find(place.given, option.name) != place.given.end();
      const bool again = option.repeatable || option.kind == Kind::Count;
      if (!given || again) add("--" + std::string(option.name), option.help);
    };
    if (place.command != nullptr) std::ranges::for_each(place.command->options, offer);
    std::ranges::for_each(global_options(), offer);
  }

  void value(Kind kind, std::span<const std::string_view> choices,
             std::span<const std::string> before) {
    switch (kind) {
      case Kind::Choice:
        for (const std::string_view choice : choices) add(choice, "");
        break;
      case Kind::Endpoint:
        endpoints();
        break;
      case Kind::Family:
        families("");
        break;
      case Kind::Scenario:
        for (const scripts::EmbeddedScript& script : scripts::scenarios()) {
          add(script.name, script.title);
        }
        for (const std::string_view family : {"weco_smart", "saj_cm2", "ep760"}) {
          add("site:" + std::string(family), "the usual site of this family");
        }
        families("");
        completion_.files = Completion::Files::Files;
        break;
      case Kind::Script:
        for (const scripts::EmbeddedScript& script : scripts::shipped()) {
          add(script.name, script.title);
        }
        completion_.files = Completion::Files::Files;
        break;
      case Kind::Point:
        for (const PointInfo& point : kPoints) add(point.name, point.doc);
        break;
      case Kind::Port:
        connectors();
        break;
      case Kind::FaultCode:
        fault_codes();
        break;
      case Kind::Command:
        command_names(before);
        break;
      case Kind::Path:
        completion_.files = Completion::Files::Files;
        break;
      case Kind::Directory:
        completion_.files = Completion::Files::Directories;
        break;
      default:
        break;  // numbers, times and free text: nothing to offer
    }
  }

  [[nodiscard]] Completion take() { return std::move(completion_); }

 private:
  void families(const std::string& before) {
    const auto catalog = context_.catalog();
    if (!catalog) return;
    for (const FamilyEntry& entry : (*catalog)->families()) add(before + entry.family, entry.title);
  }

  void connectors() {
    const auto catalog = context_.catalog();
    if (!catalog) return;
    for (const FamilyEntry& entry : (*catalog)->families()) {
      const auto ports = (*catalog)->ports(entry.family);
      if (!ports) continue;
      for (const PortInfo& port : *ports) add(port.name, entry.family + ": " + port.title);
    }
  }

  void fault_codes() {
    const auto catalog = context_.catalog();
    if (!catalog) return;
    for (const FamilyEntry& entry : (*catalog)->families()) {
      const auto faults = (*catalog)->faults(entry.family);
      if (!faults) continue;
      for (const FaultInfo& fault : *faults) add(fault.code, entry.family + ": " + fault.name);
    }
  }

  void command_names(std::span<const std::string> before) {
    std::string path;
    for (const std::string& word : before) path += (path.empty() ? "" : " ") + word;
    const Command* command = find_command(path);
    if (path.empty()) {
      commands_of(commands());
    } else if (command != nullptr) {
      commands_of(command->subcommands());
    }
  }

  void endpoints() {
    const std::size_t colon = typed_.find(':');
    if (colon == std::string_view::npos) {
      if (const auto config = context_.config()) {
        for (const config::Device& device : (*config)->devices) {
          add(device.name, device.note.empty() ? device.endpoint : device.note);
        }
      }
    }
    for (const std::string& port : context_.serial_ports()) add("serial:" + port, "Serial port.");
    for (const EndpointScheme& scheme : endpoint_schemes()) {
      if (!can_be_read(scheme.scheme)) continue;
      const std::string name = std::string(scheme.name) + ":";
      if (colon == std::string_view::npos) add(name, scheme.summary);
      if (typed_.starts_with(name)) place_of(scheme, name);
    }
  }

  void place_of(const EndpointScheme& scheme, const std::string& name) {
    if (scheme.scheme == Scheme::Sim) families(name);
    const std::size_t question = typed_.find('?');
    if (question != std::string_view::npos) {
      options_of_scheme(scheme, typed_.substr(0, typed_.find_last_of("?&") + 1));
    } else if (scheme.scheme == Scheme::Replay) {
      files(name, "");
    } else if (scheme.scheme == Scheme::Serial || scheme.scheme == Scheme::Slcan) {
      if (typed_.size() > name.size()) files(name, "tty");
      if (scheme.scheme == Scheme::Serial) return;
      for (const std::string& port : context_.serial_ports()) add(name + port, "Serial port.");
    }
  }

  void options_of_scheme(const EndpointScheme& scheme, std::string_view before) {
    for (const EndpointOption& option : scheme.options) {
      const std::string key = std::string(before) + std::string(option.key) + "=";
      if (!typed_.starts_with(key)) {
        add(key, option.summary);
        continue;
      }
      std::string_view choices = option.choices;
      while (!choices.empty()) {
        const std::size_t bar = choices.find('|');
        add(key + std::string(choices.substr(0, bar)), "");
        choices.remove_prefix(bar == std::string_view::npos ? choices.size() : bar + 1);
      }
    }
  }

  /// Entries of the folder typed behind the scheme; in /dev only those that begin with `device`.
  void files(const std::string& name, std::string_view device) {
    const std::string_view path = typed_.substr(name.size());
    const std::size_t slash = path.rfind('/');
    const std::string folder(slash == std::string_view::npos ? "" : path.substr(0, slash + 1));
    if (!device.empty() && folder == "/dev/") return;  // the ports present are offered already
    DIR* directory = ::opendir(folder.empty() ? "." : folder.c_str());
    if (directory == nullptr) return;
    while (const dirent* entry = ::readdir(directory)) {
      if (completion_.candidates.size() >= kEntriesMax) break;
      const std::string_view file = entry->d_name;
      if (file.starts_with('.')) continue;
      add(name + folder + std::string(file) + (entry->d_type == DT_DIR ? "/" : ""), "");
    }
    ::closedir(directory);
  }

  Context& context_;
  std::string_view typed_;
  std::string lead_;
  Completion completion_;
};

/// What an argument of a script may be.
void script_value(Offer& offer, const lua::Argument& argument) {
  switch (argument.type) {
    case lua::Argument::Type::Device:
      return offer.value(Kind::Endpoint, {}, {});
    case lua::Argument::Type::Family:
      return offer.value(Kind::Family, {}, {});
    case lua::Argument::Type::Point:
      return offer.value(Kind::Point, {}, {});
    case lua::Argument::Type::File:
      return offer.value(Kind::Path, {}, {});
    case lua::Argument::Type::Choice:
      for (const std::string& choice : argument.choices) offer.add(choice, "");
      return;
    default:
      return;  // numbers and texts: nothing to offer
  }
}

/// Words that the header of the script on the line declares. False: nothing special here.
bool script_words(Context& context, std::span<const std::string> words, const Place& place,
                  std::string_view typed, Completion& completion) {
  const auto header = header_of(context, place.path.front());
  if (!header) return false;
  const std::string_view before = words.size() > 1 ? words[words.size() - 2] : std::string_view();
  if (before.starts_with("--")) {
    const lua::Argument* argument = header->find(before.substr(2));
    if (argument != nullptr && argument->type != lua::Argument::Type::Switch) {
      Offer offer(context, typed, "");
      script_value(offer, *argument);
      completion = offer.take();
      return true;
    }
  }
  Offer offer(context, typed, "");
  if (typed.starts_with('-')) {
    for (const lua::Argument& argument : header->arguments) {
      offer.add("--" + argument.name, argument.help);
    }
    offer.options_of(place);
  } else if (place.path.size() - 1 < header->arguments.size()) {
    script_value(offer, header->arguments[place.path.size() - 1]);
  }
  completion = offer.take();
  return true;
}

}  // namespace

Completion complete(std::span<const std::string> words, Context& context) {
  Place place;
  place.level = commands();
  if (words.empty()) {
    Offer offer(context, "", "");
    offer.commands_of(commands());
    return offer.take();
  }
  for (const std::string& word : words.first(words.size() - 1)) advance(place, word);
  const std::string_view typed = words.back();

  Completion completion;
  if (place.awaiting != nullptr) {
    Offer offer(context, typed, "");
    offer.value(place.awaiting->kind, place.awaiting->choices, {});
    return offer.take();
  }
  if (place.command != nullptr && place.command->passes_words && !place.path.empty()) {
    if (script_words(context, words, place, typed, completion)) return completion;
  }
  const std::size_t equals = typed.find('=');
  if (!place.only_arguments && typed.starts_with("--") && equals != std::string_view::npos) {
    const Option* option = option_of_word(place.command, typed);
    if (option == nullptr || !takes_value(*option)) return {};
    Offer offer(context, typed.substr(equals + 1), std::string(typed.substr(0, equals + 1)));
    offer.value(option->kind, option->choices, {});
    return offer.take();
  }
  Offer offer(context, typed, "");
  if (!place.only_arguments && typed.starts_with('-')) {
    offer.options_of(place);
    return offer.take();
  }
  if (place.arguments == 0) offer.commands_of(place.level);
  if (place.command == nullptr || place.command->positionals.empty()) return offer.take();
  const auto positionals = place.command->positionals;
  const std::size_t at = std::min(place.arguments, positionals.size() - 1);
  if (at < place.arguments && !positionals[at].repeatable) return offer.take();
  offer.value(positionals[at].kind, positionals[at].choices, place.path);
  return offer.take();
}

}  // namespace weco::cli
