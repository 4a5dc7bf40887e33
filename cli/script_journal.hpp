// SPDX-License-Identifier: Apache-2.0
// The steps of a run of a script as a file, so that a run that was torn can go on. Its first line
// says which script it is, by its text, and with what arguments; each line after it is a step that
// is over. All are canonical JSON, and each is on disk before the next step begins. A run that
// ends takes its file away: what is there was torn, or is being written.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lua/modules/host.hpp"
#include "lua/modules/steps.hpp"

namespace weco::cli {

/// A run that did not come to its end.
struct TornRun {
  std::optional<std::size_t> steps;  // nullopt: there is none
  std::string begun;                 // when, as in its file
};

class ScriptJournal final : public lua::StepJournal {
 public:
  /// `data_folder` empty: nothing is kept.
  ScriptJournal(std::string data_folder, const lua::ScriptText& script, std::uint64_t seed);
  ~ScriptJournal() override;
  ScriptJournal(const ScriptJournal&) = delete;
  ScriptJournal& operator=(const ScriptJournal&) = delete;

  using Finder = std::function<Outcome<lua::Module>(std::string_view)>;
  /// The same finder; what it finds before begin() is a part of the script's text.
  Finder following(Finder finder);
  /// To be called when the script is loaded. Looks for the newest torn run of the same arguments
  /// and takes it over when `resume` says so: NotFound without one, BadInput when the script's text
  /// is another one since.
  Outcome<TornRun> begin(const lua::Value& arguments, std::int64_t now, bool resume);
  /// The run came to its end: it and what was torn before it are forgotten.
  void end();
  /// Something of this run is on disk.
  [[nodiscard]] bool kept() const { return fd_ >= 0; }

  [[nodiscard]] const lua::Step* before(std::string_view name) const override;
  Done keep(const lua::Step& step) override;

 private:
  struct Found;
  void identify();
  Outcome<Found> newest();
  Outcome<Found> read(const std::string& path) const;
  Done create();
  Done append(const std::string& line);

  std::string folder_;
  std::string script_;
  std::string text_;  // of the script and of what it requires
  std::string hash_;  // of that text, with key_
  std::uint64_t seed_;
  std::string arguments_;  // as JSON
  std::string key_;        // what the names of its files begin with; empty: not needed yet
  std::int64_t begun_ = 0;
  std::string path_;
  int fd_ = -1;
  std::map<std::string, lua::Step, std::less<>> before_;
};

}  // namespace weco::cli
