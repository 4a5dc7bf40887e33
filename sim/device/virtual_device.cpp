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
  ModbusBackend(const Profile& profile, VirtualDevice& device)
      : map_(profile), unit_(device.unit()), values_(device.values()), device_(device) {
    for (const PointRef& ref : map_.points()) {
      // commands belong to procedures; none is carried out here
      if (map_.writable(ref) && info(ref.id).access == Access::Setting) settings_.push_back(ref);
    }
  }

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
  /// Whole settings only: a stretch that leaves one in two, or touches anything else, is refused.
  Status write_registers(std::uint8_t /*unit*/, std::uint16_t address,
                         modbus::RegisterView values) override {
    std::array<std::uint8_t, 2 * modbus::kWriteRegistersMax> bytes{};
    ByteWriter writer(bytes);
    for (std::size_t i = 0; i < values.size(); ++i) writer.u16(values[i], Endian::Big);
    const RegisterBlock stretch{RegisterTable::Holding, address,
                                static_cast<std::uint16_t>(values.size())};
    Snapshot decoded;
    map_.decode(stretch, Bytes(bytes).first(2 * values.size()), {}, decoded);
    std::vector<Reading> written;
    std::size_t covered = 0;
    for (const PointRef& ref : settings_) {
      const Reading* reading = decoded.get(ref);
      if (reading == nullptr) continue;
      covered += map_.where(ref)->count;
      written.push_back(*reading);
    }
    if (covered != values.size()) return fail(ErrorCode::NotFound);
    for (const Reading& value : written) {
      std::array<std::uint8_t, 2 * modbus::kWriteRegistersMax> room{};
      const bool sound = value.quality != Quality::OutOfRange;
      if (!sound || !map_.encode(value.ref, value, room)) return fail(ErrorCode::OutOfRange);
    }
    return device_.set(written);
  }

 private:
  ModbusMap map_;
  std::uint8_t unit_;
  const Snapshot& values_;
  VirtualDevice& device_;
  std::vector<PointRef> settings_;
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
    modbus_ = std::make_unique<ModbusBackend>(profile, *this);
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
  for (const auto& [ref, reading] : kept_.readings()) values_.put(reading);
}

Status VirtualDevice::set(const std::vector<Reading>& written) {
  for (const Reading& value : written) {
    switch (model_->set(value)) {
      case ValueModel::Setting::Refused:
        return fail(ErrorCode::DeviceException, 4);
      case ValueModel::Setting::Kept:
        kept_.put(value);
        break;
      case ValueModel::Setting::Taken:
        break;
    }
  }
  refresh();
  return {};
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
