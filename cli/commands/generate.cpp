// SPDX-License-Identifier: Apache-2.0
// `weco generate`: writes what is derived from the tables. The committed copies are compared with
// its output in a test.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/generate/completions.hpp"
#include "cli/generate/lua_reference.hpp"
#include "cli/generate/man.hpp"
#include "cli/generate/reference.hpp"
#include "cli/generate/schema.hpp"
#include "cli/table.hpp"

namespace weco::cli {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

Unexpected<Failure> cannot(const std::string& path, int number) {
  const ErrorCode code = number == EACCES ? ErrorCode::PermissionDenied : ErrorCode::IoError;
  return failure(Error{code, number}, "cannot write", path, "Name a directory you may write to.");
}

Done write_file(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (fd < 0) return cannot(path, errno);
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int number = errno;
      ::close(fd);
      return cannot(path, number);
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::close(fd) != 0) return cannot(path, errno);
  return {};
}

Done write_files(const std::string& directory, const std::vector<GeneratedFile>& files) {
  if (::mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return cannot(directory, errno);
  }
  for (const GeneratedFile& file : files) {
    if (const Done done = write_file(directory + "/" + file.name, file.text); !done) return done;
  }
  return {};
}

std::vector<GeneratedFile> completion_files() {
  std::vector<GeneratedFile> files;
  for (const ShellScript& script : shell_scripts()) {
    files.push_back({std::string(script.file), std::string(script.text)});
  }
  return files;
}

struct Kit {
  std::string_view what;
  std::vector<GeneratedFile> (*make)();
};
constexpr Kit kKits[] = {
    {"man", man_pages},       {"completions", completion_files}, {"reference", reference_pages},
    {"schema", json_schemas}, {"lua-reference", lua_reference},
};

}  // namespace

Outcome<ExitCode> run_generate(const Args& args, Context&) {
  const std::string directory(args.text("DIRECTORY"));
  for (const Kit& kit : kKits) {
    if (args.text("WHAT") != kit.what) continue;
    if (const Done done = write_files(directory, kit.make()); !done) {
      return Unexpected<Failure>{done.error()};
    }
  }
  return ExitCode::Done;
}

}  // namespace weco::cli
