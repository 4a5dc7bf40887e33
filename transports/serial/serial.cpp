// SPDX-License-Identifier: Apache-2.0
#include "transports/serial/serial.hpp"

#include <fcntl.h>
#include <libserialport.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "transports/descriptor/descriptor_link.hpp"

namespace weco::transports {
namespace {

constexpr unsigned kPtyMajorFirst = 136;  // Documentation/admin-guide/devices.txt of Linux
constexpr unsigned kPtyMajorLast = 143;
constexpr std::size_t kPortsShownMax = 12;

struct PortDeleter {
  void operator()(sp_port* port) const {
    sp_close(port);  // refused when it is not open, which is fine
    sp_free_port(port);
  }
};
using Port = std::unique_ptr<sp_port, PortDeleter>;

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

std::string ports_hint() {
  const std::vector<SerialPort> ports = list_serial_ports();
  if (ports.empty()) return "No serial port is present: plug the adapter in.";
  std::string hint = "Present: ";
  for (std::size_t i = 0; i < ports.size() && i < kPortsShownMax; ++i) {
    if (i > 0) hint += ", ";
    hint += ports[i].path;
    if (!ports[i].description.empty() && ports[i].usb_vendor) {
      hint += " (" + ports[i].description + ")";
    }
  }
  return hint + (ports.size() > kPortsShownMax ? ", ..." : ".");
}

Unexpected<Failure> cannot_open(int error, const std::string& path) {
  const ErrorCode code = code_of_errno(error);
  switch (code) {
    case ErrorCode::NotFound:
      return failure(Error{code, error}, "there is no such port", path, ports_hint());
    case ErrorCode::PermissionDenied:
      return failure(Error{code, error}, "this user may not open the port", path,
                     "Join the group 'dialout' (sudo usermod -aG dialout $USER) and log in again.");
    case ErrorCode::Busy:
      return failure(Error{code, error}, "another program uses the port", path,
                     "Close it; 'fuser -v " + path + "' names it.");
    default:
      return failure(Error{code, error}, "the port cannot be opened", path, errno_sentence(error));
  }
}

struct Speed {
  std::uint32_t bits_per_second;
  speed_t code;
};
constexpr Speed kSpeeds[] = {
    {300, B300},         {600, B600},         {1200, B1200},       {2400, B2400},
    {4800, B4800},       {9600, B9600},       {19200, B19200},     {38400, B38400},
    {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000},
    {1152000, B1152000}, {1500000, B1500000}, {2000000, B2000000}, {4000000, B4000000}};

Unexpected<Failure> unsupported(const std::string& path, std::string_view setting) {
  return failure(ErrorCode::Unsupported, "the port does not take this " + std::string(setting),
                 path, "Try another adapter or another setting.");
}

/// A pseudo-terminal keeps a speed but knows neither parity nor character sizes.
Done set_up_pty(int fd, const std::string& path, const LineSettings& settings) {
  const auto speed = std::find_if(std::begin(kSpeeds), std::end(kSpeeds), [&](const Speed& each) {
    return each.bits_per_second == settings.bits_per_second;
  });
  if (speed == std::end(kSpeeds)) return unsupported(path, "speed");
  termios line{};
  if (::tcgetattr(fd, &line) != 0) return cannot_open(errno, path);
  ::cfmakeraw(&line);
  line.c_cflag |= CLOCAL | CREAD;
  line.c_cc[VMIN] = 1;  // with O_NONBLOCK: EAGAIN when empty, so 0 only means the end
  line.c_cc[VTIME] = 0;
  ::cfsetispeed(&line, speed->code);
  ::cfsetospeed(&line, speed->code);
  if (::tcsetattr(fd, TCSANOW, &line) != 0) return cannot_open(errno, path);
  return {};
}

Done set_up_port(sp_port* port, const std::string& path, const LineSettings& settings) {
  constexpr sp_parity kParities[] = {SP_PARITY_NONE, SP_PARITY_EVEN, SP_PARITY_ODD};
  const auto parity = kParities[static_cast<std::size_t>(settings.parity)];
  if (sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) != SP_OK)
    return unsupported(path, "flow control");
  if (sp_set_baudrate(port, static_cast<int>(settings.bits_per_second)) != SP_OK) {
    return unsupported(path, "speed");
  }
  if (sp_set_bits(port, settings.data_bits) != SP_OK) return unsupported(path, "character size");
  if (sp_set_parity(port, parity) != SP_OK) return unsupported(path, "parity");
  if (sp_set_stopbits(port, settings.stop_bits) != SP_OK) {
    return unsupported(path, "number of stop bits");
  }
  return {};
}

class SerialLink final : public DescriptorLink {
 public:
  /// Takes `fd`; `port` is empty for a pseudo-terminal.
  SerialLink(Reactor& reactor, int fd, Port port, const std::string& path)
      : DescriptorLink(reactor, fd, Kind::Terminal, "serial:" + path),
        port_(std::move(port)),
        path_(path) {}
  ~SerialLink() override = default;

  Done configure(const LineSettings& settings) override {
    const Done done =
        port_ ? set_up_port(port_.get(), path_, settings) : set_up_pty(fd(), path_, settings);
    if (!done) return done;
    settings_ = settings;
    ::tcflush(fd(), TCIOFLUSH);  // bytes of another speed are garbage
    return {};
  }
  [[nodiscard]] LinkTraits traits() const override { return {settings_.bits_per_second, true, 0}; }

 private:
  Port port_;
  std::string path_;
  LineSettings settings_;
};

/// One program at a time, root included (TIOCEXCL does not stop root, the lock does not stop others
/// that take none: both).
Done claim(int fd, const std::string& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return cannot_open(EBUSY, path);
  if (::ioctl(fd, TIOCEXCL) != 0) return cannot_open(errno, path);
  return {};
}

Outcome<std::unique_ptr<ByteLink>> finish(std::unique_ptr<SerialLink> link, int fd,
                                          const std::string& path, const LineSettings& settings) {
  if (const Done claimed = claim(fd, path); !claimed) return Unexpected<Failure>{claimed.error()};
  if (const Done set = link->configure(settings); !set) return Unexpected<Failure>{set.error()};
  return std::unique_ptr<ByteLink>(std::move(link));
}

Outcome<std::unique_ptr<ByteLink>> open_pty(const std::string& path, const LineSettings& settings,
                                            Reactor& reactor) {
  const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return cannot_open(errno, path);
  return finish(std::make_unique<SerialLink>(reactor, fd, Port(), path), fd, path, settings);
}

Outcome<std::unique_ptr<ByteLink>> open_port(const std::string& path, const std::string& real,
                                             const LineSettings& settings, Reactor& reactor) {
  sp_port* found = nullptr;
  if (sp_get_port_by_name(real.c_str(), &found) != SP_OK) {
    return failure(ErrorCode::BadInput, "this is no serial port", path, ports_hint());
  }
  Port port(found);
  errno = 0;
  const sp_return opened = sp_open(port.get(), SP_MODE_READ_WRITE);
  if (opened != SP_OK) {
    return cannot_open(opened == SP_ERR_FAIL && errno != 0 ? errno : ENODEV, path);
  }
  int handle = -1;
  sp_get_port_handle(port.get(), &handle);
  // The link closes its own copy; the library closes the other when the port is freed.
  const int fd = ::fcntl(handle, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return cannot_open(errno, path);
  return finish(std::make_unique<SerialLink>(reactor, fd, std::move(port), path), fd, path,
                settings);
}

}  // namespace

std::vector<SerialPort> list_serial_ports() {
  sp_port** list = nullptr;
  std::vector<SerialPort> ports;
  if (sp_list_ports(&list) != SP_OK) return ports;
  for (std::size_t i = 0; list[i] != nullptr; ++i) {
    SerialPort port;
    port.path = text_of(sp_get_port_name(list[i]));
    port.description = text_of(sp_get_port_description(list[i]));
    if (sp_get_port_transport(list[i]) == SP_TRANSPORT_USB) {
      port.manufacturer = text_of(sp_get_port_usb_manufacturer(list[i]));
      port.product = text_of(sp_get_port_usb_product(list[i]));
      port.serial_number = text_of(sp_get_port_usb_serial(list[i]));
      int vendor = 0;
      int product = 0;
      if (sp_get_port_usb_vid_pid(list[i], &vendor, &product) == SP_OK) {
        port.usb_vendor = static_cast<std::uint16_t>(vendor);
        port.usb_product = static_cast<std::uint16_t>(product);
      }
    }
    ports.push_back(std::move(port));
  }
  sp_free_port_list(list);
  std::sort(ports.begin(), ports.end(),
            [](const SerialPort& a, const SerialPort& b) { return a.path < b.path; });
  return ports;
}

Outcome<std::unique_ptr<ByteLink>> open_serial(const std::string& path,
                                               const LineSettings& settings, Reactor& reactor) {
  char resolved[PATH_MAX];
  if (::realpath(path.c_str(), resolved) == nullptr) return cannot_open(errno, path);
  struct stat status {};
  if (::stat(resolved, &status) != 0) return cannot_open(errno, path);
  if (!S_ISCHR(status.st_mode)) {
    return failure(ErrorCode::BadInput, "this is no serial port", path, ports_hint());
  }
  const unsigned device = major(status.st_rdev);
  if (device >= kPtyMajorFirst && device <= kPtyMajorLast) {
    return open_pty(path, settings, reactor);
  }
  return open_port(path, resolved, settings, reactor);
}

}  // namespace weco::transports
