// SPDX-License-Identifier: Apache-2.0
#include "host/update/smp_window.hpp"

#include <algorithm>
#include <array>

namespace weco {

SmpWindow::SmpWindow(Reactor& reactor, ByteLink& link, const SmpWindowOptions& options)
    : reactor_(reactor), link_(link), options_(options) {
  for (std::size_t i = 0; i < options_.lanes; ++i) {
    lanes_.push_back(std::make_unique<Lane>(smp::ClientConfig{
        .framing = smp::Framing::Packet, .version = options_.version, .timeout = options_.answer}));
  }
  link_.on_readable([this] { on_readable(); });
}

SmpWindow::~SmpWindow() { link_.on_readable({}); }

/// Whole packets go to every lane; each takes the answer to its own question only.
void SmpWindow::on_readable() {
  std::array<std::uint8_t, 2048> room;  // NOLINT: written before it is read
  while (true) {
    const auto got = link_.read(room);
    if (!got) lost_ = news_ = true;
    if (!got || *got == 0) return;
    Bytes data = Bytes(room).first(*got);
    while (deframer_.take(data)) {
      for (const auto& lane : lanes_) {
        if (lane->busy) lane->client.received(deframer_.packet(), reactor_.now());
      }
      news_ = true;
    }
  }
}

Done SmpWindow::write(Bytes data) {
  const std::size_t most = link_.traits().write_max;
  while (!data.empty()) {
    const Bytes part = data.first(most == 0 ? data.size() : std::min(most, data.size()));
    if (Done sent = link_.write(part); !sent) return sent;
    data = data.subspan(part.size());
  }
  return {};
}

/// Every idle lane gets the next part.
Status SmpWindow::fill(Bytes image, UpdateProgress& figures) {
  for (const auto& lane : lanes_) {
    if (lane->busy || next_ >= figures.total) continue;
    smp::Chunk chunk;
    chunk.offset = next_;
    const std::size_t room = smp::chunk_room(options_.packet_bytes, chunk);
    chunk.data = image.subspan(next_, std::min<std::size_t>(room, figures.total - next_));
    smp::ask_upload(lane->client, chunk);
    lane->client.set_sequence(++sequence_);
    lane->client.start(reactor_.now());
    lane->busy = true;
    next_ += static_cast<std::uint32_t>(chunk.data.size());
    lane->end = next_;
    figures.payload += chunk.data.size();
    figures.wire += lane->client.to_send().size();
    if (!write(lane->client.to_send())) return fail(ErrorCode::Disconnected);
  }
  return {};
}

/// Looks at the lanes that were answered or waited for too long.
Status SmpWindow::settle(UpdateProgress& figures) {
  for (const auto& lane : lanes_) {
    if (!lane->busy) continue;
    lane->client.advance(reactor_.now());
    if (lane->client.state() == Exchange::State::Waiting) continue;
    lane->busy = false;
    if (lane->client.state() == Exchange::State::Failed) return Unexpected{lane->client.error()};
    const auto answer = smp::read_upload(lane->client.response());
    if (!answer || answer->offset > figures.total) return fail(ErrorCode::BadFrame);
    if (answer->has_match && !answer->match) return fail(ErrorCode::VerificationDiffers);
    if (answer->offset < lane->end) {  // an earlier part is missing; the device waits for it
      figures.offset = answer->offset;
      return fail(ErrorCode::UnexpectedReply);
    }
    figures.offset = std::max(figures.offset, answer->offset);
  }
  return {};
}

Instant SmpWindow::deadline() const {
  Instant first = Instant::never();
  for (const auto& lane : lanes_) {
    if (lane->busy) first = std::min(first, lane->client.deadline());
  }
  return first;
}

Status SmpWindow::run(Bytes image, UpdateProgress& figures, Instant begun,
                      const Updater::OnProgress& progress) {
  next_ = figures.offset;
  while (figures.offset < figures.total) {
    if (Status filled = fill(image, figures); !filled) return filled;
    news_ = false;
    reactor_.run([this] { return news_; }, deadline());
    if (lost_) return fail(ErrorCode::Disconnected);
    if (!news_ && reactor_.interrupted()) return fail(ErrorCode::Interrupted);
    const Status settled = settle(figures);
    figures.elapsed = reactor_.now() - begun;
    if (!settled) return settled;
    if (progress) progress(figures);
  }
  return {};
}

}  // namespace weco
