// SPDX-License-Identifier: Apache-2.0
#include "sim/device/virtual_device.hpp"

#include <array>
#include <utility>

namespace weco::sim {

namespace {

/// Modules of the simulated 48 V bank (values.cpp fills as many).
constexpr std::uint8_t kBankModules = 2;

RegisterTable table_of(modbus::RegisterTable table) {
  return table == modbus::RegisterTable::Holding ? RegisterTable::Holding : RegisterTable::Input;
}

RegisterTable table_of(modbus::BitTable table) {
  return table == modbus::BitTable::Coils ? RegisterTable::Coil : RegisterTable::Discrete;
}

modbus::Framing framing_of(const Profile& profile, Carrier carrier) {
  if (profile.protocol.variant == ModbusVariant::WecoService) return modbus::Framing::WecoService;
  if (carrier == Carrier::Tcp) return modbus::Framing::Tcp;
  return carrier == Carrier::RtuOverTcp ? modbus::Framing::RtuOverTcp : modbus::Framing::Rtu;
}

}  // namespace

/// The map's rows as registers. Reads only: a virtual device takes no write until the guard and the
/// procedures that need them exist.
class VirtualDevice::ModbusBackend final : public modbus::Registers {
 public:
  ModbusBackend(const Profile& profile, std::uint8_t unit, const Snapshot& values)
      : map_(profile), unit_(unit), values_(values) {}

  [[nodiscard]] bool serves(std::uint8_t unit) const override { return unit == unit_; }
  Status read_registers(std::uint8_t /*unit*/, modbus::RegisterTable table, std::uint16_t address,
                        modbus::RegisterSink out) override {
    std::array<std::uint8_t, 2 * modbus::kReadRegistersMax> bytes{};
    const auto count = static_cast<std::uint16_t>(out.size());
    const Status served = map_.serve(table_of(table), address, count, values_, bytes);
    if (!served) return served;
    const modbus::RegisterView view(Bytes(bytes).first(2 * out.size()));
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, view[i]);
    return {};
  }
  Status read_bits(std::uint8_t /*unit*/, modbus::BitTable table, std::uint16_t address,
                   modbus::BitSink out) override {
    std::array<std::uint8_t, modbus::kReadBitsMax / 8> bytes{};
    const auto count = static_cast<std::uint16_t>(out.size());
    const Status served = map_.serve(table_of(table), address, count, values_, bytes);
    if (!served) return served;
    const modbus::BitView view(bytes, out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out.set(i, view[i]);
    return {};
  }

 private:
  ModbusMap map_;
  std::uint8_t unit_;
  const Snapshot& values_;
};

/// A link with the protocol server of its own behind it: unfinished requests are not shared.
struct VirtualDevice::Link {
  std::unique_ptr<ByteLink> link;
  std::unique_ptr<modbus::Server> modbus;
  std::unique_ptr<weco_service::KeyedServer> keyed;
  std::unique_ptr<pylontech::Server> pylontech;
  std::unique_ptr<Served> served;
};

VirtualDevice::VirtualDevice(Reactor& reactor, const Profile& profile,
                             const VirtualDeviceOptions& options, std::unique_ptr<ValueModel> model)
    : reactor_(reactor), profile_(profile), options_(options), model_(std::move(model)) {
  if (options_.unit == 0) options_.unit = profile.protocol.unit;
  if (profile.protocol.kind == ProtocolKind::Modbus) {
    modbus_ = std::make_unique<ModbusBackend>(profile, options_.unit, values_);
  }
  tick();
}

VirtualDevice::~VirtualDevice() { reactor_.cancel(timer_); }

Outcome<std::unique_ptr<VirtualDevice>> VirtualDevice::make(Reactor& reactor,
                                                            const Profile& profile,
                                                            const VirtualDeviceOptions& options) {
  return make(reactor, profile, options, healthy_values(profile, options.seed));
}

Outcome<std::unique_ptr<VirtualDevice>> VirtualDevice::make(Reactor& reactor,
                                                            const Profile& profile,
                                                            const VirtualDeviceOptions& options,
                                                            std::unique_ptr<ValueModel> model) {
  if (profile.protocol.kind == ProtocolKind::CanBms) {
    return failure(ErrorCode::Unsupported,
                   "the family " + profile.family + " cannot be served here", {},
                   "Simulate a family that answers questions; see 'weco devices list'.");
  }
  return std::unique_ptr<VirtualDevice>(
      new VirtualDevice(reactor, profile, options, std::move(model)));
}

void VirtualDevice::refresh() {
  const Duration passed = (reactor_.now() - options_.base) * options_.speed;
  model_->update(Instant{} + passed, values_);
}

void VirtualDevice::tick() {
  refresh();
  timer_ = reactor_.at(reactor_.now() + options_.update_period, [this] { tick(); });
}

void VirtualDevice::freeze() {
  reactor_.cancel(timer_);
  timer_ = 0;
}

void VirtualDevice::serve(std::unique_ptr<ByteLink> link, Carrier carrier) {
  auto entry = std::make_unique<Link>();
  entry->link = std::move(link);
  Responder* responder = nullptr;
  if (modbus_) {
    const modbus::ServerConfig config{framing_of(profile_, carrier),
                                      entry->link->traits().bits_per_second, true};
    entry->modbus = std::make_unique<modbus::Server>(config, *modbus_);
    responder = entry->modbus.get();
    if (config.framing == modbus::Framing::WecoService) {
      entry->keyed = std::make_unique<weco_service::KeyedServer>(*entry->modbus);
      responder = entry->keyed.get();
    }
  } else {
    entry->pylontech = std::make_unique<pylontech::Server>(
        pylontech::Server::Config{.modules = kBankModules}, values_);
    responder = entry->pylontech.get();
  }
  entry->served = std::make_unique<Served>(reactor_, *entry->link, *responder, options_.turnaround);
  links_.push_back(std::move(entry));
}

std::size_t VirtualDevice::prune() {
  std::erase_if(links_, [this](const auto& entry) {
    if (entry->served->alive()) return false;
    answers_gone_ += entry->served->answers();
    return true;
  });
  return links_.size();
}

std::uint64_t VirtualDevice::answers() const {
  std::uint64_t total = answers_gone_;
  for (const auto& entry : links_) total += entry->served->answers();
  return total;
}

}  // namespace weco::sim
