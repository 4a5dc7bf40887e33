// SPDX-License-Identifier: Apache-2.0
// `weco simulate --from RECORDING`: a device as it was recorded, for other programs to ask, or the
// frames of a CAN bus as they came.
#include "cli/commands/recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "cli/render/text.hpp"
#include "cli/serve.hpp"
#include "cli/table.hpp"
#include "host/link/endpoint.hpp"
#include "sim/device/served.hpp"
#include "transports/replay/recorded_answers.hpp"
#include "transports/replay/replay_link.hpp"

namespace weco::cli {

namespace {

constexpr Duration kHousekeeping = Duration::ms(500);
constexpr Duration kTurnaround = Duration::ms(5);
constexpr std::size_t kShownMax = 20;

/// A client with what it has asked so far; the recording is everybody's.
struct Client {
  std::unique_ptr<ByteLink> link;
  std::unique_ptr<transports::RecordedAnswers> answers;
  std::unique_ptr<sim::Served> served;
};

using Misses = std::map<transports::RecordedAnswers::Message, std::uint64_t>;

std::string hex(Bytes data) {
  std::string text;
  for (const std::uint8_t byte : data) text += fmt::format("{:02X} ", byte);
  if (!text.empty()) text.pop_back();
  return text;
}

class Bench {
 public:
  Bench(Context& context, Reactor& reactor, const transports::Recording& recording)
      : context_(context), reactor_(reactor), recording_(recording) {
    served_.tell = [&context](const std::string& line) { context.output.note(sanitize(line)); };
  }

  Done open(std::string_view where) {
    auto endpoint = parse_endpoint(where);
    if (!endpoint) return Unexpected{std::move(endpoint).error()};
    if (endpoint->scheme == Scheme::Can || endpoint->scheme == Scheme::Slcan)
      return play(*endpoint);
    if (!carries_bytes(endpoint->scheme)) {
      return failure(ErrorCode::BadUsage, "a recording cannot be served on " + quoted(where),
                     "--serve",
                     "Give pty:PATH, tcp:HOST:PORT or udp:HOST:PORT, for CAN frames can:INTERFACE "
                     "or slcan:PATH.");
    }
    auto answers = transports::RecordedAnswers::make(recording_);
    if (!answers) return Unexpected{std::move(answers).error()};
    asks_ = true;
    const std::size_t known = (*answers)->known();
    const auto place = listen_at(*endpoint, reactor_, served_,
                                 [this](std::unique_ptr<ByteLink> link) { take(std::move(link)); });
    if (!place) return Unexpected{place.error()};
    context_.output.note(
        sanitize(fmt::format("Serving {} recorded requests on {}.", known, *place)));
    return {};
  }

  void prune() {
    std::erase_if(clients_, [this](const auto& client) {
      if (client->served->alive()) return false;
      leave(*client);
      return true;
    });
  }
  void leave_all() {
    for (const auto& client : clients_) leave(*client);
    clients_.clear();
  }
  /// Everything was sent and nobody can ask.
  [[nodiscard]] bool played() const { return !asks_ && playing_ == 0; }
  void tell() const {
    context_.output.note(
        fmt::format("Answered {} requests, sent {} CAN frames.", answered_, sent_));
    std::uint64_t times = 0;
    for (const auto& [request, count] : misses_) times += count;
    if (times == 0) return;
    context_.output.warning(
        fmt::format("{} requests were not in the recording and got no answer:", times));
    std::size_t shown = 0;
    for (const auto& [request, count] : misses_) {
      if (shown++ == kShownMax) break;
      context_.output.note(fmt::format("  {} times {}", count, hex(request)));
    }
    if (misses_.size() > kShownMax) {
      context_.output.note(fmt::format("  and {} others", misses_.size() - kShownMax));
    }
  }
  [[nodiscard]] bool missed() const { return !misses_.empty(); }

 private:
  struct Bus {
    std::unique_ptr<FrameLink> from;
    std::unique_ptr<FrameLink> to;
  };

  void take(std::unique_ptr<ByteLink> link) {
    auto answers = transports::RecordedAnswers::make(recording_);
    if (!answers) return;  // it was made once already
    auto client = std::make_unique<Client>(Client{std::move(link), std::move(*answers), {}});
    client->served =
        std::make_unique<sim::Served>(reactor_, *client->link, *client->answers, kTurnaround);
    clients_.push_back(std::move(client));
  }
  void leave(const Client& client) {
    answered_ += client.served->answers();
    for (const auto& [request, count] : client.answers->unrecorded()) misses_[request] += count;
  }
  Done play(const Endpoint& endpoint) {
    transports::ReplayOptions options;
    options.speed = transports::ReplayOptions::Speed::Recorded;
    auto from = transports::replay_frames(recording_, reactor_, options);
    if (!from) return Unexpected{std::move(from).error()};
    auto to = bus_at(endpoint, reactor_, served_);
    if (!to) return Unexpected{std::move(to).error()};
    for (const std::string& line : std::exchange(served_.lines, {})) {
      context_.output.note(sanitize(line));
    }
    buses_.push_back(std::make_unique<Bus>(Bus{std::move(*from), std::move(*to)}));
    ++playing_;
    Bus& bus = *buses_.back();
    bus.from->on_readable([this, &bus] { pump(bus); });
    return {};
  }
  void pump(Bus& bus) {
    CanFrame frame;
    for (;;) {
      const auto got = bus.from->receive(frame);
      if (!got) {
        bus.from->on_readable({});
        --playing_;
        return;
      }
      if (!*got) return;
      if (bus.to->send(frame)) ++sent_;
    }
  }

  Context& context_;
  Reactor& reactor_;
  const transports::Recording& recording_;
  Served served_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Bus>> buses_;
  std::size_t playing_ = 0;  // buses with frames to come
  bool asks_ = false;        // somebody may ask
  std::uint64_t answered_ = 0;
  std::uint64_t sent_ = 0;
  Misses misses_;
};

}  // namespace

Outcome<ExitCode> serve_recording(const Args& args, Context& context) {
  if (!args.text("WHAT").empty()) {
    return failure(ErrorCode::BadUsage,
                   "a recording and " + quoted(args.text("WHAT")) + " cannot be served at once",
                   "--from", "Leave one of them away.");
  }
  for (const std::string_view option : {"unit", "seed", "speed", "fault", "step", "telemetry",
                                        "report", "junit", "sweep", "shard"}) {
    const Option* row = find_option(args.command(), option);
    if (row->repeatable ? args.list(option).empty() : !args.given(option)) continue;
    return failure(ErrorCode::BadUsage, "a recording stays as it was recorded",
                   "--" + std::string(option), "Leave it away.");
  }
  if (args.list("serve").empty()) {
    return failure(ErrorCode::BadUsage, "nobody can ask the recorded device", "--from",
                   "Add --serve tcp:127.0.0.1:5020 or --serve pty:PATH.");
  }
  const std::string path(args.text("from"));
  const auto recording = transports::load_recording(path);
  if (!recording) return Unexpected{recording.error()};
  const auto reactor = context.make_reactor();
  Bench bench(context, *reactor, *recording);
  for (const std::string& where : args.list("serve")) {
    if (Done done = bench.open(where); !done) return Unexpected{std::move(done).error()};
  }
  const Instant end = args.given("for") ? reactor->now() + args.duration("for") : Instant::never();
  while (!context.interrupted() && !bench.played() && reactor->now() < end) {
    reactor->run([&] { return context.interrupted() || bench.played(); },
                 std::min(end, reactor->now() + kHousekeeping));
    bench.prune();
  }
  bench.leave_all();
  bench.tell();
  if (context.interrupted()) return ExitCode::Interrupted;
  return bench.missed() ? ExitCode::VerificationDiffers : ExitCode::Done;
}

}  // namespace weco::cli
