// SPDX-License-Identifier: Apache-2.0
#include "transports/pty/pty.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>
#include <vector>

#include "host/link/loopback.hpp"
#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

struct Speed {
  std::uint32_t bits_per_second;
  speed_t code;
};
constexpr Speed kSpeeds[] = {
    {300, B300},       {600, B600},       {1200, B1200},     {2400, B2400},      {4800, B4800},
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},    {115200, B115200},
    {230400, B230400}, {460800, B460800}, {921600, B921600}, {1000000, B1000000}};

/// The master's descriptor; how it speaks is the PtyServer's business.
class Master final : public DescriptorLink {
 public:
  Master(Reactor& reactor, int fd, std::string name)
      : DescriptorLink(reactor, fd, Kind::Terminal, std::move(name)) {}
};

/// A link to the terminal, removed at the end. Only what is surely nobody's is replaced.
class NamedLink {
 public:
  NamedLink() = default;
  NamedLink(const NamedLink&) = delete;
  NamedLink& operator=(const NamedLink&) = delete;
  ~NamedLink() {
    if (!path_.empty() && target_of(path_) == target_) ::unlink(path_.c_str());
  }

  Done make(const std::string& path, const std::string& target) {
    struct stat there {};
    if (::lstat(path.c_str(), &there) == 0) {
      const bool dangling = S_ISLNK(there.st_mode) && ::stat(path.c_str(), &there) != 0;
      if (!dangling) {
        return failure(ErrorCode::Busy, "something is there already", path,
                       "Remove it or take another path.");
      }
      ::unlink(path.c_str());
    }
    if (::symlink(target.c_str(), path.c_str()) != 0) {
      return failure(Error{code_of_errno(errno), errno}, "the link cannot be made", path,
                     errno_sentence(errno));
    }
    path_ = path;
    target_ = target;
    return {};
  }

 private:
  static std::string target_of(const std::string& path) {
    std::array<char, PATH_MAX> text{};
    const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
  }
  std::string path_;
  std::string target_;
};

class Server final : public PtyServer {
 public:
  Server(Reactor& reactor, int master, int slave, std::string terminal, const PtyOptions& options)
      : slave_(slave),
        terminal_(std::move(terminal)),
        speed_(options.bits_per_second),
        master_(reactor, master,
                "pty:" + (options.link_path.empty() ? terminal_ : options.link_path)) {}
  ~Server() override { ::close(slave_); }

  Done name(const std::string& path) { return named_.make(path, terminal_); }

  Done write(Bytes data) override {
    if (!garbles()) return master_.write(data);
    return master_.write(resample(data, device_line(), client_line()));
  }
  Outcome<std::size_t> read(MutableBytes room) override {
    const Outcome<std::size_t> got = master_.read(room);
    if (!got || *got == 0 || !garbles()) return got;
    const auto heard = resample(room.first(*got), client_line(), device_line());
    const std::size_t n = std::min(heard.size(), room.size());
    std::copy_n(heard.begin(), n, room.begin());
    return n;
  }
  void on_readable(std::function<void()> action) override {
    master_.on_readable(std::move(action));
  }
  Done configure(const LineSettings& settings) override {
    speed_ = settings.bits_per_second;
    return {};
  }
  [[nodiscard]] LinkTraits traits() const override { return {speed_.value_or(0), true, 0}; }
  [[nodiscard]] std::string describe() const override { return master_.describe(); }
  [[nodiscard]] std::string terminal() const override { return terminal_; }
  [[nodiscard]] std::uint32_t client_speed() const override {
    termios line{};
    if (::tcgetattr(slave_, &line) != 0) return 0;
    const speed_t code = ::cfgetospeed(&line);
    for (const Speed& each : kSpeeds) {
      if (each.code == code) return each.bits_per_second;
    }
    return 0;
  }

 private:
  [[nodiscard]] bool garbles() const {
    const std::uint32_t client = client_speed();
    return speed_ && client != 0 && client != *speed_;
  }
  [[nodiscard]] LineSettings device_line() const { return {*speed_, {}, 8, 1}; }
  [[nodiscard]] LineSettings client_line() const { return {client_speed(), {}, 8, 1}; }

  int slave_;  // kept open, so that the master does not fail between two clients
  std::string terminal_;
  std::optional<std::uint32_t> speed_;
  Master master_;
  NamedLink named_;
};

}  // namespace

Outcome<std::unique_ptr<PtyServer>> PtyServer::open(const PtyOptions& options, Reactor& reactor) {
  termios raw{};
  ::cfmakeraw(&raw);
  raw.c_cflag |= CLOCAL | CREAD | CS8;
  ::cfsetispeed(&raw, B9600);
  ::cfsetospeed(&raw, B9600);
  int master = -1;
  int slave = -1;
  std::array<char, PATH_MAX> terminal{};
  if (::openpty(&master, &slave, terminal.data(), &raw, nullptr) != 0) {
    return failure(Error{code_of_errno(errno), errno}, "no pseudo-terminal can be made",
                   options.link_path, errno_sentence(errno));
  }
  for (const int fd : {master, slave}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(master, F_SETFL, ::fcntl(master, F_GETFL) | O_NONBLOCK);
  auto server = std::make_unique<Server>(reactor, master, slave, terminal.data(), options);
  if (!options.link_path.empty()) {
    const Done named = server->name(options.link_path);
    if (!named) return Unexpected<Failure>{named.error()};
  }
  return std::unique_ptr<PtyServer>(std::move(server));
}

}  // namespace weco::transports
