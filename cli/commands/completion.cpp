// SPDX-License-Identifier: Apache-2.0
// `weco completion`: prints a shell's script; its hidden part `words` answers that script.
#include "cli/args.hpp"
#include "cli/complete.hpp"
#include "cli/context.hpp"
#include "cli/generate/completions.hpp"
#include "cli/render/text.hpp"
#include "cli/table.hpp"

namespace weco::cli {

Outcome<ExitCode> run_completion(const Args& args, Context& context) {
  for (const ShellScript& script : shell_scripts()) {
    if (script.shell == args.text("SHELL")) context.output.result(script.text);
  }
  return ExitCode::Done;
}

Outcome<ExitCode> run_completion_words(const Args& args, Context& context) {
  const Completion completion = complete(args.list("WORD"), context);
  std::string lines;
  for (const Candidate& candidate : completion.candidates) {
    lines += sanitize(candidate.word);
    if (!candidate.about.empty()) lines += "\t" + sanitize(candidate.about);
    lines += '\n';
  }
  if (completion.files == Completion::Files::Files) lines += ":files\n";
  if (completion.files == Completion::Files::Directories) lines += ":directories\n";
  if (!lines.empty()) context.output.result(lines);
  return ExitCode::Done;
}

}  // namespace weco::cli
