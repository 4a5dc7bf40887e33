// SPDX-License-Identifier: Apache-2.0
#include "cli/line_editor.hpp"

#include <histedit.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <utility>

#include "cli/typed_line.hpp"

namespace weco::cli {
namespace {

constexpr int kHistoryMax = 1000;
constexpr std::size_t kShownMax = 200;  // words offered at once

/// As far as all of them agree.
std::string common_beginning(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words) {
    const auto apart = std::mismatch(common.begin(), common.end(), word.begin(), word.end());
    common.erase(apart.first, common.end());
  }
  return common;
}

}  // namespace

class LineEditor::Editor {
 public:
  Editor(std::string file, Complete complete)
      : file_(std::move(file)), complete_(std::move(complete)) {
    std::setlocale(LC_CTYPE, "");  // libedit counts columns by it
    history_ = ::history_init();
    ::history(history_, &event_, H_SETSIZE, kHistoryMax);
    ::history(history_, &event_, H_SETUNIQUE, 1);
    if (!file_.empty()) ::history(history_, &event_, H_LOAD, file_.c_str());
    line_ = ::el_init("weco", stdin, stdout, stderr);
    ::el_set(line_, EL_CLIENTDATA, this);
    ::el_set(line_, EL_PROMPT, prompt);
    ::el_set(line_, EL_EDITOR, "emacs");
    ::el_set(line_, EL_HIST, ::history, history_);
    // The narrow form copies both texts and never frees them.
    ::el_wset(line_, EL_ADDFN, L"weco-complete", L"Complete a name", complete_word);
    ::el_set(line_, EL_BIND, "^I", "weco-complete", nullptr);
    ::el_source(line_, nullptr);
  }
  ~Editor() {
    if (!file_.empty()) {
      std::error_code ignored;  // a history that cannot be kept is no reason to fail
      std::filesystem::create_directories(std::filesystem::path(file_).parent_path(), ignored);
      ::history(history_, &event_, H_SAVE, file_.c_str());
    }
    ::el_end(line_);
    ::history_end(history_);
  }
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  TypedLine read(const std::string& prompt) {
    prompt_ = prompt;
    int count = 0;
    errno = 0;
    const char* typed = ::el_gets(line_, &count);
    if (typed == nullptr || count <= 0) {
      if (count < 0 && errno == EINTR) return {TypedLine::Kind::Interrupted, {}};
      return {TypedLine::Kind::Ended, {}};
    }
    std::string text(typed, static_cast<std::size_t>(count));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return {TypedLine::Kind::Line, std::move(text)};
  }

  void remember(const std::string& text) { ::history(history_, &event_, H_ENTER, text.c_str()); }

 private:
  static Editor& of(EditLine* line) {
    void* self = nullptr;
    ::el_get(line, EL_CLIENTDATA, &self);
    return *static_cast<Editor*>(self);
  }
  static char* prompt(EditLine* line) { return of(line).prompt_.data(); }

  /// Inserts what is sure, and shows the rest when nothing is.
  static unsigned char complete_word(EditLine* line, int /*key*/) {
    const LineInfo* now = ::el_line(line);
    const std::string before(now->buffer, now->cursor);
    Offer offer = of(line).complete_(before);
    const std::string_view typed = std::string_view(before).substr(before.size() - offer.typed);
    std::erase_if(offer.words, [&](const std::string& word) { return !word.starts_with(typed); });
    std::ranges::sort(offer.words);
    const auto twice = std::ranges::unique(offer.words);
    offer.words.erase(twice.begin(), twice.end());
    if (offer.words.empty()) return CC_REFRESH_BEEP;
    const std::string more = common_beginning(offer.words).substr(typed.size());
    if (!more.empty()) return ::el_insertstr(line, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    if (offer.words.size() == 1) return CC_REFRESH;
    std::string shown = "\n";
    for (std::size_t i = 0; i < std::min(offer.words.size(), kShownMax); ++i) {
      shown += offer.words[i] + (i % 4 == 3 ? "\n" : "   ");
    }
    if (offer.words.size() > kShownMax) shown += "...";
    std::fputs((shown + "\n").c_str(), stdout);
    return CC_REDISPLAY;
  }

  std::string file_;
  Complete complete_;
  std::string prompt_;
  HistEvent event_{};
  History* history_ = nullptr;
  EditLine* line_ = nullptr;
};

LineEditor::LineEditor(std::string history, Complete complete) {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return;
  editor_ = std::make_unique<Editor>(std::move(history), std::move(complete));
}
LineEditor::~LineEditor() = default;

TypedLine LineEditor::read(const std::string& prompt) {
  if (editor_ != nullptr) return editor_->read(prompt);
  auto typed = typed_line();
  if (!typed) return {TypedLine::Kind::Ended, {}};
  return {TypedLine::Kind::Line, std::move(*typed)};
}

void LineEditor::remember(const std::string& text) {
  if (editor_ != nullptr) editor_->remember(text);
}

}  // namespace weco::cli
