// SPDX-License-Identifier: Apache-2.0
// Where evidence goes: a file of one JSON object a line, append-only, each line written before the
// program goes on, so that a killed process loses nothing; or a vector, for tests.
//
// The first line of a run names the format and the program:
//   {"weco_evidence":1,"program":"weco 0.1.0","utc":"2026-11-20T10:00:00Z","t_us":5}
// and every other line is one event, numbered from 1 without gaps within its run:
//   {"n":1,"t_us":5,"utc":"...","kind":"tx","link":"serial:/dev/ttyUSB0","hex":"0103..."}
//   {"n":2,"t_us":9,"utc":"...","kind":"can_rx","link":"can:can0","frame":"355#1A006400"}
//   {"n":3,"t_us":9,"utc":"...","kind":"error","link":"...","text":"..."}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/evidence/event.hpp"
#include "host/failure/failure.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

inline constexpr int kEvidenceVersion = 1;

class NdjsonRecorder final : public EventSink {
 public:
  /// Opens `path` for appending and writes the run's first line. `program` is name and version.
  /// PermissionDenied, NotFound (the directory) or IoError.
  static Outcome<std::unique_ptr<NdjsonRecorder>> open(const std::string& path, Reactor& reactor,
                                                       std::string_view program);
  ~NdjsonRecorder() override;
  NdjsonRecorder(const NdjsonRecorder&) = delete;
  NdjsonRecorder& operator=(const NdjsonRecorder&) = delete;

  void record(const Event& event) override;
  /// The first failure to write, if there was one; from then on nothing more is written.
  [[nodiscard]] Done status() const { return status_; }
  [[nodiscard]] std::uint64_t recorded() const { return recorded_; }

 private:
  NdjsonRecorder(int fd, std::string path, Reactor& reactor)
      : fd_(fd), path_(std::move(path)), reactor_(reactor) {}
  void put(std::string_view line);

  int fd_;
  std::string path_;
  Reactor& reactor_;
  std::string line_;
  std::uint64_t recorded_ = 0;
  Done status_;
};

/// Keeps copies of everything; for tests and short runs.
class MemorySink final : public EventSink {
 public:
  struct Kept {
    EventKind kind = EventKind::Info;
    std::string link;
    std::vector<std::uint8_t> data;
    CanFrame frame;
    std::string text;
  };
  void record(const Event& event) override;
  [[nodiscard]] const std::vector<Kept>& events() const { return events_; }
  [[nodiscard]] std::size_t count(EventKind kind) const;
  void clear() { events_.clear(); }

 private:
  std::vector<Kept> events_;
};

/// A frame in can-utils' notation: 355#1A006400, 18FF50E5#..., 305#R8.
std::string frame_text(const CanFrame& frame);

}  // namespace weco
