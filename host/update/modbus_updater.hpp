// SPDX-License-Identifier: Apache-2.0
// Updates over Modbus file records, for lines on which several devices hang: one device at a time,
// by its address, with the register block of core/protocol/modbus_update.
#pragma once

#include "core/protocol/modbus/client.hpp"
#include "core/protocol/modbus_update/block.hpp"
#include "host/session/session.hpp"
#include "host/update/updater.hpp"

namespace weco {

struct ModbusUpdateOptions {
  modbus::Framing framing = modbus::Framing::Rtu;
  std::uint8_t unit = 1;
  Duration answer = Duration::ms(1000);
  /// Emptying a slot takes seconds in real flash.
  Duration erase_answer = Duration::s(15);
  /// An upload ends when nothing went forward for so long.
  Duration patience = Duration::s(30);
  Duration pause = Duration::ms(500);
};

class ModbusUpdater final : public Updater {
 public:
  ModbusUpdater(Session& session, ModbusUpdateOptions options);
  /// Takes its question back from a session that outlives it.
  ~ModbusUpdater() override;
  ModbusUpdater(const ModbusUpdater&) = delete;
  ModbusUpdater& operator=(const ModbusUpdater&) = delete;
  Outcome<UpdateState> look() override;
  Done upload(const Firmware& firmware, bool resume, const OnProgress& progress) override;
  Done ask_for_trial(Bytes hash) override;
  Done reset() override;
  Outcome<UpdateState> await(Duration limit) override;
  Done confirm() override;

 private:
  struct Upload;
  Status ask(const Result<modbus::Request>& request, std::uint8_t tries = 0);
  Status order(const std::vector<std::uint16_t>& words, std::uint8_t tries = 0);
  Done obeyed(const Status& status, const char* what);
  Status read_block();
  Status agree(Upload& upload);
  Result<bool> keeps_ours(const Upload& upload);
  Status send(Upload& upload);
  Outcome<UpdateState> read_state();
  Failure failure_of(const Error& error, const char* what);

  Session& session_;
  ModbusUpdateOptions options_;
  modbus::Client client_;
  std::vector<std::uint16_t> block_;
  std::string board_;
};

}  // namespace weco
