// SPDX-License-Identifier: Apache-2.0
#include "host/update/procedure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace weco {
namespace {

/// So often the journal notes how far an upload is.
constexpr std::uint32_t kJournalEvery = 64 * 1024;

bool has_hash(const std::optional<update::Slot>& slot, const std::vector<std::uint8_t>& hash) {
  if (!slot || hash.empty()) return false;
  const auto have = slot->hash.view();
  return std::equal(have.begin(), have.end(), hash.begin(), hash.end());
}

std::string text_of(const image::Version& version) {
  return std::string(image::to_text(version).view());
}

Unexpected<Failure> refused(std::string what, std::string where, std::string hint) {
  return failure(ErrorCode::RefusedByGuard, std::move(what), std::move(where), std::move(hint));
}

class Run {
 public:
  Run(Updater& updater, const FlashJob& job, const FlashHooks& hooks)
      : updater_(updater), job_(job), hooks_(hooks), hash_(hash_of(*job.firmware)) {}

  Outcome<FlashEnd> all() {
    auto end = steps();
    if (end || held_) return end;
    const bool untouched = !changed_;
    const bool back = end.error().code() == ErrorCode::Reverted;
    const FlashStage stage = back        ? FlashStage::Reverted
                             : untouched ? FlashStage::Refused
                                         : FlashStage::Failed;
    // The journal's own trouble must not hide the reason.
    static_cast<void>(note(stage, end.error().what).has_value());
    return end;
  }

 private:
  Done note(FlashStage stage, std::string text = {}) {
    if (!hooks_.journal) return {};
    return hooks_.journal({stage, job_.device, hex(hash_), offset_,
                           static_cast<std::uint32_t>(job_.firmware->image().size()),
                           std::move(text), hooks_.wall ? hooks_.wall() : 0});
  }

  Outcome<FlashEnd> steps() {
    auto state = updater_.look();
    if (!state) return Unexpected{state.error()};
    if (!state->active) {
      return failure(ErrorCode::BadFrame, "the device does not say which firmware runs",
                     job_.device);
    }
    if (Done done = note(FlashStage::Begun); !done) return Unexpected{done.error()};
    if (has_hash(state->active, hash_)) {
      if (state->active->confirmed) return FlashEnd::AlreadyThere;
      return examine(*state);  // an earlier run was cut while the image was on trial
    }
    if (Done done = fits(*job_.firmware, *state, job_.board); !done) {
      return Unexpected{done.error()};
    }
    if (hooks_.permit) {
      if (Done done = hooks_.permit(*state); !done) return Unexpected{done.error()};
    }
    if (Done done = note(FlashStage::Permitted); !done) return Unexpected{done.error()};
    changed_ = true;
    if (Done done = bring(*state); !done) return Unexpected{done.error()};
    if (Done turn = hooks_.turn ? hooks_.turn() : Done{}; !turn) {
      held_ = true;  // the journal's last word stays "uploaded"
      return Unexpected{turn.error()};
    }
    return try_it();
  }

  /// The spare slot holds our image afterwards.
  Done bring(const UpdateState& state) {
    if (!has_hash(state.spare, hash_)) {
      if (Done done = upload(); !done) return done;
      const auto listed = updater_.look();
      if (!listed) return Unexpected{listed.error()};
      if (!has_hash(listed->spare, hash_)) {
        return failure(ErrorCode::VerificationDiffers,
                       "the device does not list the image that was sent", job_.device,
                       "The old firmware runs on; run the same command again.");
      }
    }
    offset_ = static_cast<std::uint32_t>(job_.firmware->image().size());
    return note(FlashStage::Uploaded);
  }

  Done upload() {
    std::uint32_t noted = 0;
    Done journal_done;
    const auto progress = [&](const UpdateProgress& figures) {
      offset_ = figures.offset;
      if (offset_ >= noted + kJournalEvery) {
        noted = offset_;
        if (journal_done) journal_done = note(FlashStage::Uploading);
      }
      if (hooks_.progress) hooks_.progress(figures);
    };
    if (Done done = updater_.upload(*job_.firmware, job_.resume, progress); !done) return done;
    return journal_done;
  }

  Outcome<FlashEnd> try_it() {
    if (Done done = updater_.ask_for_trial(hash_); !done) return Unexpected{done.error()};
    if (Done done = note(FlashStage::Asked); !done) return Unexpected{done.error()};
    // A lost answer to the reset says nothing: what runs afterwards does.
    const Done told = updater_.reset();
    if (!told && told.error().code() == ErrorCode::DeviceException) {
      return Unexpected{told.error()};
    }
    if (Done done = note(FlashStage::Restarted); !done) return Unexpected{done.error()};
    auto state = returned();
    if (!state) return Unexpected{state.error()};
    return examine(*state);
  }

  /// Waits until the device runs something and no restart is outstanding.
  Outcome<UpdateState> returned() {
    for (int looks = 0; looks < kLooksMax; ++looks) {
      auto state = updater_.await(job_.return_limit);
      if (!state) {
        return failure(state.error().error,
                       "the device did not come back; the new firmware is not confirmed",
                       job_.device,
                       "Switch it off and on: without a confirmation it starts the old firmware.");
      }
      const bool outstanding = state->spare && state->spare->pending;
      if (!outstanding) return state;
    }
    return failure(ErrorCode::Timeout, "the device did not restart", job_.device,
                   "Switch it off and on, then run the same command again.");
  }

  /// Our image should run; then it is asked how it is.
  Outcome<FlashEnd> examine(const UpdateState& state) {
    if (!has_hash(state.active, hash_)) return went_back(state, "it did not start the new one");
    changed_ = true;
    if (Done done = note(FlashStage::Returned); !done) return Unexpected{done.error()};
    if (hooks_.healthy) {
      if (Done well = hooks_.healthy(state); !well) return take_back(well.error().what);
    }
    if (Done done = note(FlashStage::Healthy); !done) return Unexpected{done.error()};
    const Done told = updater_.confirm();
    const auto sure = updater_.await(job_.return_limit);
    if (!sure) return Unexpected{told ? sure.error() : told.error()};
    if (!has_hash(sure->active, hash_)) return went_back(*sure, "it restarted during the trial");
    if (!sure->active->confirmed) return take_back("it does not keep the confirmation");
    if (Done done = note(FlashStage::Confirmed); !done) return Unexpected{done.error()};
    return FlashEnd::Confirmed;
  }

  /// Not confirmed, reset: the bootloader brings the old firmware back.
  Outcome<FlashEnd> take_back(const std::string& why) {
    static_cast<void>(updater_.reset().has_value());
    for (int looks = 0; looks < kLooksMax; ++looks) {
      const auto state = updater_.await(job_.return_limit);
      if (!state) return Unexpected{state.error()};
      if (!has_hash(state->active, hash_)) return went_back(*state, why);
    }
    return failure(ErrorCode::Timeout, fmt::format("{}, and the device did not restart", why),
                   job_.device,
                   "Switch it off and on: without a confirmation it starts the old firmware.");
  }

  Unexpected<Failure> went_back(const UpdateState& state, const std::string& why) {
    return failure(ErrorCode::Reverted,
                   fmt::format("the device runs {} as before: {}",
                               state.active ? text_of(state.active->version) : "its firmware", why),
                   job_.device);
  }

  static constexpr int kLooksMax = 240;
  Updater& updater_;
  const FlashJob& job_;
  const FlashHooks& hooks_;
  std::vector<std::uint8_t> hash_;
  std::uint32_t offset_ = 0;
  bool changed_ = false;
  bool held_ = false;
};

}  // namespace

std::vector<std::uint8_t> hash_of(const Firmware& firmware) {
  const Bytes view(firmware.bytes);
  const image::Source source = image::memory_source(view);
  for (const image::Tlv& entry : firmware.layout.tlvs.view()) {
    if (!entry.is(image::TlvType::Sha256) && !entry.is(image::TlvType::Sha384) &&
        !entry.is(image::TlvType::Sha512)) {
      continue;
    }
    std::vector<std::uint8_t> hash(entry.length);
    if (image::read_tlv(source, entry, hash)) return hash;
  }
  return {};
}

Done fits(const Firmware& firmware, const UpdateState& state, const std::string& board) {
  const image::Layout& layout = firmware.layout;
  if (layout.class_id && layout.vendor_id) {
    if (state.board.empty() || uuid5(*layout.vendor_id, state.board) != *layout.class_id) {
      return refused(
          fmt::format("the image is for other hardware than this board '{}'", state.board),
          firmware.path, "Get the image for this board.");
    }
  } else if (board.empty() || board != state.board) {
    return refused(fmt::format("the image does not say which hardware it is for, and this board "
                               "calls itself '{}'",
                               state.board),
                   firmware.path, "If you are sure that it fits, name the board with --board.");
  }
  if (layout.version <= state.active->version) {
    return refused(fmt::format("the image is {}, the device runs {}: not newer",
                               text_of(layout.version), text_of(state.active->version)),
                   firmware.path, "Older firmware is not installed: it has known mistakes.");
  }
  return {};
}

Outcome<FlashEnd> flash(Updater& updater, const FlashJob& job, const FlashHooks& hooks) {
  return Run(updater, job, hooks).all();
}

}  // namespace weco
