// SPDX-License-Identifier: Apache-2.0
// Reads a group of modules over Pylontech's RS485 protocol: the first module's address stands for
// the group, and what can be asked for all at once is.
#pragma once

#include <cstdint>
#include <vector>

#include "core/protocol/pylontech/client.hpp"
#include "core/protocol/pylontech/decode.hpp"
#include "host/device/reader.hpp"

namespace weco {

class PylontechReader final : public DeviceReader {
 public:
  PylontechReader(const Profile& profile, const ReaderPlace& place);
  void restart() override;
  Exchange* next(const ReadingSource& known) override;
  bool accept(Status outcome, Instant now, Snapshot& into) override;
  Exchange* next_identity(const ReadingSource& known) override;
  [[nodiscard]] bool recognised(const Snapshot& identity) const override;
  [[nodiscard]] Findings findings() const override;
  [[nodiscard]] std::uint8_t addresses_taken() const override { return modules_; }

 private:
  struct Question {
    pylontech::Command command;
    std::uint8_t module;  // 0: all at once
  };
  Exchange* ask(const Question& question);
  void plan_modules();

  pylontech::Client client_;
  std::uint8_t address_;
  std::vector<Question> plan_;
  std::size_t at_ = 0;
  std::uint8_t modules_ = 1;
  bool answered_ = false;
  std::vector<pylontech::CellSumMismatch> mismatches_;
};

}  // namespace weco
