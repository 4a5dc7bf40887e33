// SPDX-License-Identifier: Apache-2.0
// Links that record everything that passes them. There is one place where bytes go out and come in,
// so there is one place where they are recorded; sessions and devices need not know.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "host/evidence/event.hpp"
#include "host/link/link.hpp"

namespace weco {

class RecordingByteLink final : public ByteLink {
 public:
  /// Owns `inner`; `sink` outlives this.
  RecordingByteLink(std::unique_ptr<ByteLink> inner, EventSink& sink)
      : owned_(std::move(inner)), inner_(*owned_), sink_(sink), name_(inner_.describe()) {}
  /// Borrows `inner`; both outlive this.
  RecordingByteLink(ByteLink& inner, EventSink& sink)
      : inner_(inner), sink_(sink), name_(inner_.describe()) {}

  Done write(Bytes data) override;
  Outcome<std::size_t> read(MutableBytes room) override;
  void on_readable(std::function<void()> action) override { inner_.on_readable(std::move(action)); }
  Done configure(const LineSettings& settings) override;
  [[nodiscard]] LinkTraits traits() const override { return inner_.traits(); }
  [[nodiscard]] std::string describe() const override { return name_; }
  [[nodiscard]] std::optional<RadioHealth> radio() const override { return inner_.radio(); }

 private:
  std::unique_ptr<ByteLink> owned_;
  ByteLink& inner_;
  EventSink& sink_;
  std::string name_;
  bool lost_ = false;  // the loss is recorded once
};

class RecordingFrameLink final : public FrameLink {
 public:
  RecordingFrameLink(std::unique_ptr<FrameLink> inner, EventSink& sink)
      : owned_(std::move(inner)), inner_(*owned_), sink_(sink), name_(inner_.describe()) {}
  RecordingFrameLink(FrameLink& inner, EventSink& sink)
      : inner_(inner), sink_(sink), name_(inner_.describe()) {}

  Done send(const CanFrame& frame) override;
  Outcome<bool> receive(CanFrame& frame) override;
  void on_readable(std::function<void()> action) override { inner_.on_readable(std::move(action)); }
  [[nodiscard]] std::string describe() const override { return name_; }
  [[nodiscard]] std::optional<BusHealth> health() const override { return inner_.health(); }

 private:
  std::unique_ptr<FrameLink> owned_;
  FrameLink& inner_;
  EventSink& sink_;
  std::string name_;
  bool lost_ = false;  // the loss is recorded once
};

}  // namespace weco
