// SPDX-License-Identifier: Apache-2.0
// The bootloader's decision at a reset: run what is there, try what was asked for, or take back
// what nobody confirmed. It follows MCUboot's table of swap types; the exchange itself goes sector
// by sector through a scratch sector, each step marked when it is done, so that a power cut at any
// flash operation costs one repeated step and never a firmware.
//
//   spare slot asked for, not yet tried      -> trial: exchange, run, wait for confirm()
//   spare slot asked for good                -> exchange, run, confirmed
//   running image on trial, not confirmed    -> back: exchange again
//   image asked for but not good             -> spare slot is emptied, the old one runs
//
// A trial that is taken back is prepared by asking for the old image in the spare slot's trailer
// first; only then is the running slot's trailer, which knows of the trial, erased.
#pragma once

#include <optional>

#include "core/boot/slots.hpp"
#include "core/protocol/image/verify.hpp"

namespace weco::boot {

struct Config {
  /// What this device was built to accept; MCUboot's default knows neither form.
  image::Accepts accepts{false, false};
  /// Images need a security counter, and one that is not below the stored one.
  bool rollback_protection = false;
  /// Only images for this class of hardware.
  std::optional<image::Uuid> class_id;
};

enum class SwapKind : std::uint8_t { None = 0, Test = 2, Permanent = 3, Revert = 4, Fail = 5 };

struct Boot {
  bool runs = false;               // false: no image that may run; the device stays here
  SwapKind kind = SwapKind::None;  // what was done; Fail: the spare image was refused
  bool resumed = false;            // an exchange that power had cut was finished
  image::Version version;
  image::Finding refused = image::Finding::Good;  // with Fail
  bool refused_by_counter = false;                // likewise
  bool refused_by_class = false;                  // likewise
};

class Bootloader {
 public:
  /// `crypto` knows the keys that the device was built with.
  Bootloader(const Area& area, const Config& config, image::Crypto& crypto)
      : area_(area), config_(config), crypto_(crypto) {}

  /// One reset. IoError when the flash failed (a power cut in a simulation): nothing is lost,
  /// reset again.
  Result<Boot> boot();

 private:
  struct Plan {
    SwapKind kind = SwapKind::None;
    std::uint32_t sectors = 0;
  };
  [[nodiscard]] std::optional<Plan> plan_in_progress() const;
  bool start(SwapKind kind);
  bool exchange(const Plan& plan);
  bool step(std::uint32_t sector, std::uint32_t part);
  bool copy(std::uint32_t from, std::uint32_t to);
  bool finish(const Plan& plan);
  bool discard_spare();
  bool acceptable(std::uint32_t slot, bool against_counter, Boot& boot);
  [[nodiscard]] std::uint32_t sectors_used() const;
  [[nodiscard]] SwapKind wanted() const;
  Result<Boot> run(Boot boot);

  Area area_;
  Config config_;
  image::Crypto& crypto_;
  std::array<std::uint8_t, kSectorBytesMax> buffer_{};
};

}  // namespace weco::boot
