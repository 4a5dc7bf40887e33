// SPDX-License-Identifier: Apache-2.0
// What a site's controller remembers, and how it is read out while the ring goes on.
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/protocol/smp/files.hpp"
#include "host/link/loopback.hpp"
#include "host/logbook/codes.hpp"
#include "host/logbook/modbus_source.hpp"
#include "host/logbook/reader.hpp"
#include "host/logbook/readout.hpp"
#include "host/logbook/smp_source.hpp"
#include "host/logbook/uds_source.hpp"
#include "sim/site/site_journal.hpp"
#include "sim/timeline/timeline.hpp"
#include "sim/update/service_console.hpp"
#include "sim/update/virtual_flash.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using logbook::Entry;
using logbook::Loss;

namespace {

/// A device that exists in numbers only.
struct FakeSource final : logbook::Source {
  Outcome<logbook::Range> range() override {
    ++ranges;
    return here;
  }
  Outcome<std::size_t> read(std::uint32_t first, std::span<logbook::Slot> into) override {
    const std::size_t count = std::min<std::size_t>({into.size(), piece, here.next - first});
    for (std::size_t i = 0; i < count; ++i) {
      into[i] = slot(first + static_cast<std::uint32_t>(i));
    }
    if (after_read) after_read();
    return count;
  }
  [[nodiscard]] logbook::Slot slot(std::uint32_t q) const {
    logbook::Slot bytes;
    bytes.fill(0xFF);
    if (q < here.oldest || lost.contains(q)) return bytes;
    journal::Record record = journal::make_event(
        {Instant{} + Duration::s(q), 1000 + q, true},
        {.code = static_cast<std::uint16_t>(q), .a = static_cast<std::int32_t>(q)});
    record.sequence = renumbered.contains(q) ? q + 7 : q;
    journal::encode(record, bytes);
    if (damaged.contains(q)) bytes[30] ^= 1U;
    return bytes;
  }
  logbook::Range here{0, 100};
  std::size_t piece = 15;
  std::map<std::uint32_t, bool> lost, damaged, renumbered;
  std::function<void()> after_read;
  int ranges = 0;
};

std::vector<Entry> read_all(logbook::Reader& reader) {
  std::vector<Entry> all;
  while (true) {
    auto entry = reader.next();
    REQUIRE(entry);
    if (!*entry) return all;
    all.push_back(**entry);
  }
}
std::vector<Entry> read_all(logbook::Source& source, std::uint32_t from = 0) {
  logbook::Reader reader(source, from);
  return read_all(reader);
}

proof::Hash linked(const proof::Hash& before, std::string_view data) {
  return proof::sha256(std::string(before.begin(), before.end()) + std::string(data));
}

}  // namespace

TEST_CASE("every record of a journal comes once, in order, checked and chained", "[WS-15]") {
  FakeSource source;
  proof::Hash chain{};
  const auto all = read_all(source);
  REQUIRE(all.size() == 100);
  for (std::uint32_t q = 0; q < 100; ++q) {
    const auto slot = source.slot(q);
    chain = linked(chain, {reinterpret_cast<const char*>(slot.data()), slot.size()});
    CHECK(all[q].sequence == q);
    CHECK(all[q].loss == Loss::None);
    CHECK(all[q].record.sequence == q);
    CHECK(all[q].chain == chain);
  }
}

TEST_CASE("a gap is named with its reason and never silently passed over", "[WS-15]") {
  FakeSource source;
  source.here.oldest = 20;
  source.lost = {{40, true}, {41, true}};
  source.damaged = {{50, true}};
  source.renumbered = {{60, true}};
  const auto all = read_all(source);
  std::map<std::uint32_t, std::pair<Loss, std::uint32_t>> gaps;
  std::uint32_t expected = 0;
  for (const Entry& entry : all) {
    CHECK(entry.sequence == expected);
    expected += entry.loss == Loss::None ? 1 : entry.missing;
    if (entry.loss != Loss::None) gaps[entry.sequence] = {entry.loss, entry.missing};
  }
  CHECK(expected == 100);
  REQUIRE(gaps.size() == 5);
  CHECK(gaps[0] == std::pair(Loss::Overwritten, 20U));
  CHECK(gaps[40] == std::pair(Loss::Lost, 1U));
  CHECK(gaps[41] == std::pair(Loss::Lost, 1U));
  CHECK(gaps[50] == std::pair(Loss::Damaged, 1U));
  CHECK(gaps[60] == std::pair(Loss::Damaged, 1U));
  const std::string told("gap\0\0\0\0\x14\0\0\0", 11);
  CHECK(all.front().chain == linked({}, told));
}

TEST_CASE("a reading that goes on after any line ends in the same lines", "[WS-15]") {
  FakeSource source;
  source.lost = {{40, true}};
  source.damaged = {{50, true}};
  const auto whole = read_all(source);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const Entry& last = whole[cut - 1];
    logbook::Reader reader(source, last.sequence + std::max<std::uint32_t>(last.missing, 1),
                           last.chain);
    const auto rest = read_all(reader);
    REQUIRE(rest.size() == whole.size() - cut);
    for (std::size_t i = 0; i < rest.size(); ++i) {
      CHECK(rest[i].sequence == whole[cut + i].sequence);
      CHECK(rest[i].chain == whole[cut + i].chain);
    }
  }
}

TEST_CASE("a changed, dropped or added record shows in every hash behind it", "[WS-15]") {
  FakeSource source;
  const auto good = read_all(source);
  source.damaged = {{30, true}};
  const auto bad = read_all(source);
  REQUIRE(bad.size() == good.size());
  for (std::size_t i = 0; i < good.size(); ++i) CHECK((bad[i].chain == good[i].chain) == (i < 30));
}

TEST_CASE("a ring that wraps while it is read costs only what the device overwrote", "[WS-15]") {
  FakeSource source;
  source.after_read = [&source] {  // faster than it is read: 20 new for 15 read
    source.here.next += 20;
    source.here.oldest = source.here.next > 128 ? source.here.next - 128 : 0;
    if (source.here.next > 3000) source.after_read = {};
  };
  std::uint32_t expected = 0, missing = 0;
  logbook::Reader reader(source, 0);
  for (const Entry& entry : read_all(reader)) {
    REQUIRE(entry.sequence == expected);
    expected += entry.loss == Loss::None ? 1 : entry.missing;
    if (entry.loss == Loss::None) continue;
    CHECK(entry.loss == Loss::Overwritten);
    missing += entry.missing;
  }
  CHECK(expected == source.here.next);
  CHECK(missing > 0);
  CHECK(missing < source.here.oldest);
}

TEST_CASE("a device with fewer records than were read is another device", "[WS-15]") {
  FakeSource source;
  logbook::Reader reader(source, 101);
  const auto entry = reader.next();
  REQUIRE_FALSE(entry);
  CHECK(entry.error().code() == ErrorCode::VerificationDiffers);
  CHECK_FALSE(entry.error().hint.empty());
}

TEST_CASE("a device that claims more records than any memory holds is not asked for them",
          "[WS-15]") {
  FakeSource source;
  source.here = {7, 7 + (1U << 23U)};
  CHECK(logbook::Reader(source, 0).next());
  ++source.here.next;
  logbook::Reader reader(source, 0);
  const auto entry = reader.next();
  REQUIRE_FALSE(entry);
  CHECK(entry.error().what ==
        "the device claims 8388609 records, more than any memory of one holds");
  CHECK_FALSE(entry.error().hint.empty());
}

TEST_CASE("codes are said in words, and a code that nobody lists says so") {
  FaultInfo fault;
  fault.code = "F013";
  fault.name = "grid lost";
  const std::vector<FaultInfo> faults = {fault};
  const logbook::Texts texts(faults);
  CHECK(texts.of({.code = 13}) == "F013 grid lost");
  CHECK(texts.of({.code = 14}) == "code 14, which the family does not list");
  CHECK(logbook::Texts().of({.code = 14}) == "code 14");
  CHECK(texts.of({.code = logbook::code_of(bms::EventId::CellOverVoltage)}) ==
        "battery pack: cell_over_voltage");
  CHECK(texts.of({.code = logbook::code_of(bms::State::Running)}) == "battery pack is running");
  CHECK(texts.of({.code = logbook::code_of(ems::Condition::MeterLost)}) == "meter_lost");
  CHECK(texts.of({.code = 0x81FF}) == "0x81ff, of a newer firmware");
  CHECK(logbook::severity_name(3) == "fault");
  CHECK(logbook::severity_name(200) == "fault");
}

namespace {

/// A site and what its controller remembers of it.
struct Remembering {
  explicit Remembering(sim::SiteFamily family = sim::SiteFamily::WecoSmart) : flash({4096, 64, 0}) {
    auto made = sim::Site::make(sim::default_site(family));
    REQUIRE(made);
    site = std::move(*made);
    auto kept = sim::SiteJournal::make(flash.flash(), *site);
    REQUIRE(kept);
    memory.emplace(std::move(*kept));
  }
  void run(Duration span) {
    for (Duration left = span; left > Duration{}; left = left - Duration::s(60)) {
      site->step(Duration::s(60));
      REQUIRE(memory->look(*site));
    }
  }
  sim::VirtualFlash flash;
  std::unique_ptr<sim::Site> site;
  std::optional<sim::SiteJournal> memory;
};

}  // namespace

TEST_CASE("a controller remembers each hour and day with its energies, and its counters",
          "[WS-15]") {
  Remembering house;
  house.run(Duration::hours(48) + Duration::s(60));
  std::size_t hours = 0, days = 0, counters = 0;
  std::uint32_t of_hours = 0, of_days = 0;
  const journal::Journal& kept = house.memory->journal();
  for (std::uint32_t q = 0; q < kept.next_sequence(); ++q) {
    const auto record = kept.read(q);
    REQUIRE(record);
    CHECK(record->stamp.wall_known);
    if (record->kind == journal::Kind::Counters) ++counters;
    const auto period = journal::period_of(*record);
    if (!period) continue;
    CHECK(period->soc_min <= period->soc_max);
    CHECK(period->temperature_min <= period->temperature_max);
    (record->kind == journal::Kind::Hour ? hours : days) += 1;
    (record->kind == journal::Kind::Hour ? of_hours : of_days) += period->energies.load_wh;
  }
  CHECK(hours == 48);
  CHECK(days == 2);
  CHECK(counters == 2);
  CHECK(of_hours == of_days);
  const double load = house.site->ledger().total.kWh(sim::EnergyPath::Load);
  CHECK(of_days <= load * 1000.0);
  CHECK(of_days >= load * 1000.0 - 20.0);  // a minute more has passed
}

namespace {

struct Snapshots {
  std::size_t count = 0;
  std::size_t cells = 0;
  std::size_t sensors = 0;
  std::vector<double> voltage_V;  // of one unit, in the order of its cells
};

/// Those of a unit, or of all (0), in records from `since` on.
Snapshots snapshots_in(const journal::Journal& kept, std::uint8_t unit, std::uint32_t since = 0) {
  Snapshots found;
  for (std::uint32_t q = since; q < kept.next_sequence(); ++q) {
    const auto s = journal::cells_of(*kept.read(q));
    if (!s || (unit != 0 && s->source != unit)) continue;
    ++found.count;
    found.cells += s->cells;
    found.sensors += s->sensors;
    CHECK(s->voltage_read == (1U << s->cells) - 1U);
    CHECK(s->temperature_read == (1U << s->sensors) - 1U);
    for (std::size_t i = 0; i < s->cells; ++i) {
      found.voltage_V.push_back(s->voltage[i].count() / 1000.0);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("a controller remembers every cell of every pack at the end of the day", "[WS-15]") {
  struct Row {
    sim::SiteFamily family;
    std::size_t packs, records, cells, sensors;
  };
  for (const Row& row :
       {Row{sim::SiteFamily::WecoSmart, 4, 1, 16, 4}, Row{sim::SiteFamily::Ep760, 2, 1, 16, 4},
        Row{sim::SiteFamily::SajCm2, 1, 15, 240, 30}}) {
    CAPTURE(sim::name(row.family));
    Remembering house(row.family);
    house.run(Duration::hours(24));
    const journal::Journal& kept = house.memory->journal();
    REQUIRE(house.site->pack_count() == row.packs);
    for (std::size_t pack = 0; pack < row.packs; ++pack) {
      const Snapshots found = snapshots_in(kept, static_cast<std::uint8_t>(pack + 1));
      CHECK(found.count == row.records);
      CHECK(found.cells == row.cells);
      CHECK(found.sensors == row.sensors);
      const auto read = house.site->inputs(pack).cells.voltage;  // of the same moment
      REQUIRE(found.voltage_V.size() == read.size());
      for (std::size_t i = 0; i < read.size(); ++i) {
        CHECK(found.voltage_V[i] == read[i].count() / 1000.0);
      }
    }
  }
}

TEST_CASE("the cells of a pack in trouble are remembered with its alarm, once an hour",
          "[WS-15][WS-19]") {
  Remembering house;
  house.run(Duration::hours(1));
  const journal::Journal& kept = house.memory->journal();
  CHECK(snapshots_in(kept, 0).count == 0);
  const std::uint32_t before = kept.next_sequence();
  const auto fault = sim::parse_fault("interlock_open:pack=2");
  REQUIRE(fault);
  const auto trouble = [&] {
    REQUIRE(house.site->inject(*fault));
    house.run(Duration::s(120));
    REQUIRE(house.site->clear(*fault));
    house.run(Duration::s(120));
  };
  trouble();
  CHECK(snapshots_in(kept, 2, before).count == 1);
  CHECK(snapshots_in(kept, 0, before).count == 1);
  trouble();
  std::size_t faults = 0;
  for (std::uint32_t q = before; q < kept.next_sequence(); ++q) {
    const auto event = journal::event_of(*kept.read(q));
    if (event && event->severity == 3) ++faults;
  }
  CHECK(faults >= 2);
  CHECK(snapshots_in(kept, 0, before).count == 1);
  house.run(Duration::hours(1));
  trouble();
  CHECK(snapshots_in(kept, 0, before).count == 2);
}

TEST_CASE("a cell whose voltage is not read has none in the controller's memory", "[WS-15]") {
  Remembering house;
  const auto fault = sim::parse_fault("cell_voltage_lost:pack=1,cell=3");
  REQUIRE(fault);
  REQUIRE(house.site->inject(*fault));
  house.run(Duration::s(120));
  const journal::Journal& kept = house.memory->journal();
  std::optional<journal::CellSnapshot> found;
  for (std::uint32_t q = 0; q < kept.next_sequence(); ++q) {
    if (const auto s = journal::cells_of(*kept.read(q)); s) found = *s;
  }
  REQUIRE(found);
  CHECK(found->source == 1);
  CHECK(found->voltage_read == 0xFFFBU);
}

TEST_CASE("an alarm is remembered with its code, and with its end", "[WS-15][WS-19]") {
  Remembering house;
  house.run(Duration::hours(1));
  const auto fault = sim::parse_fault("meter_lost");
  REQUIRE(fault);
  REQUIRE(house.site->inject(*fault));
  house.run(Duration::hours(1));
  REQUIRE(house.site->clear(*fault));
  house.run(Duration::hours(1));
  std::vector<bool> seen;
  const journal::Journal& kept = house.memory->journal();
  for (std::uint32_t q = 0; q < kept.next_sequence(); ++q) {
    const auto event = journal::event_of(*kept.read(q));
    if (event && event->code == 5) seen.push_back(event->set);
  }
  REQUIRE(seen.size() == 2);
  CHECK(seen[0]);
  CHECK_FALSE(seen[1]);
}

namespace {

enum class Way : std::uint8_t { Smp, Modbus, ModbusTcp, Uds };
constexpr Way kWays[] = {Way::Smp, Way::Modbus, Way::ModbusTcp, Way::Uds};

/// A console and whoever reads it, on a wire of its own.
struct Conversation {
  Conversation(sim::Timeline& time, const journal::Journal& journal, Way way)
      : console(time, journal, "weco_smart"), line(time, {}), bus(time, {"loop:can", 500'000}) {
    if (way == Way::Uds) {
      console.serve(bus.join());
      frames = bus.join();
      source = std::make_unique<logbook::UdsSource>(time, *frames);
      return;
    }
    const auto framing = way == Way::ModbusTcp ? modbus::Framing::Tcp : modbus::Framing::Rtu;
    if (way == Way::Smp) {
      console.serve(line.join(), smp::Framing::Console);
    } else {
      console.serve(line.join(), framing, 3);
    }
    bytes = line.join();
    session = std::make_unique<Session>(time, *bytes);
    if (way == Way::Smp) {
      source = std::make_unique<logbook::SmpSource>(*session);
    } else {
      source = std::make_unique<logbook::ModbusSource>(*session, 3, framing);
    }
  }
  sim::ServiceConsole console;
  LoopbackLine line;
  LoopbackBus bus;
  std::unique_ptr<ByteLink> bytes;
  std::unique_ptr<FrameLink> frames;
  std::unique_ptr<Session> session;
  std::unique_ptr<logbook::Source> source;
};

}  // namespace

TEST_CASE("a console gives out the journal while the ring goes on, whatever it speaks", "[WS-16]") {
  for (const Way way : kWays) {
    CAPTURE(static_cast<int>(way));
    sim::Timeline time;
    sim::VirtualFlash flash({1024, 8, 0});
    auto journal = journal::Journal::mount(flash.flash());
    REQUIRE(journal);
    const auto append = [&](std::uint32_t count) {
      for (; count > 0; --count) REQUIRE(journal->append(journal::make_event({}, {.code = 1})));
    };
    append(700);  // of 128 places
    Conversation talk(time, *journal, way);
    const auto range = talk.source->range();
    REQUIRE(range);
    CHECK(range->next == 700);
    CHECK(range->oldest == journal->oldest_sequence());
    logbook::Reader reader(*talk.source, 0);
    std::uint32_t records = 0, missing = 0;
    while (true) {
      auto entry = reader.next();
      REQUIRE(entry);
      if (!*entry) break;
      if ((*entry)->loss == Loss::None) {
        ++records;
      } else {
        CHECK((*entry)->loss == Loss::Overwritten);
        missing += (*entry)->missing;
      }
      if (journal->next_sequence() < 800) append(1);
    }
    CHECK(records + missing == 800);
    CHECK(records >= 112);  // all that was there when it was asked for
  }
}

TEST_CASE("every way to read a journal gives the same records and the same chain", "[WS-16]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  for (std::uint16_t i = 0; i < 333; ++i) {
    REQUIRE(journal->append(journal::make_event({}, {.code = i, .a = -i})));
  }
  std::vector<proof::Hash> chains;
  for (const Way way : kWays) {
    Conversation talk(time, *journal, way);
    logbook::Reader reader(*talk.source, 0);
    const auto all = read_all(reader);
    REQUIRE(all.back().sequence == 332);
    chains.push_back(all.back().chain);
  }
  CHECK(std::set(chains.begin(), chains.end()).size() == 1);
}

TEST_CASE("a record is found where its number says, also where the places begin anew", "[WS-16]") {
  // a device that has written for a hundred years, in numbers only
  struct Old final : Records {
    [[nodiscard]] RecordRange range() const override { return {next - 1000, next}; }
    Status read(std::uint32_t first, MutableBytes into) const override {
      for (std::size_t i = 0; i < into.size(); i += kBytes) {
        journal::Record record = journal::make_event({}, {.code = 1});
        record.sequence = first + static_cast<std::uint32_t>(i / kBytes);
        logbook::Slot slot;
        journal::encode(record, slot);
        std::copy(slot.begin(), slot.end(), into.begin() + static_cast<std::ptrdiff_t>(i));
      }
      return {};
    }
    std::uint32_t next = 0;
  };
  for (const std::uint32_t next :
       {modbus_journal::kPlaces, modbus_journal::kPlaces + 1, modbus_journal::kPlaces + 311,
        2 * modbus_journal::kPlaces + 500, 4'000'000'000U}) {
    CAPTURE(next);
    sim::Timeline time;
    Old old;
    old.next = next;
    modbus_journal::JournalRegisters registers(3, old);
    modbus::Server server({}, registers);
    LoopbackPair wire(time);
    sim::Served served(time, wire.a(), server, Duration::ms(2));
    Session session(time, wire.b());
    logbook::ModbusSource source(session, 3, modbus::Framing::Rtu);
    logbook::Reader reader(source, next - 1000);
    const auto all = read_all(reader);
    REQUIRE(all.size() == 1000);
    for (std::uint32_t i = 0; i < 1000; ++i) {
      CHECK(all[i].sequence == next - 1000 + i);
      CHECK(all[i].loss == Loss::None);
    }
  }
}

TEST_CASE("a device without a journal to give out is named, and so is another unit", "[WS-16]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  {
    Conversation talk(time, *journal, Way::Modbus);
    logbook::ModbusSource other(*talk.session, 4, modbus::Framing::Rtu);
    const auto silent = other.range();
    REQUIRE_FALSE(silent);
    CHECK(silent.error().code() == ErrorCode::Timeout);
    CHECK(silent.error().where.ends_with("unit 4"));
    // what it does not have is refused, whoever asks for it
    std::array<logbook::Slot, 3> slots{};
    const auto beyond = talk.source->read(0, slots);
    REQUIRE_FALSE(beyond);
    CHECK(beyond.error().code() == ErrorCode::DeviceException);
    CHECK_FALSE(beyond.error().hint.empty());
  }
  Conversation talk(time, *journal, Way::Uds);
  std::array<logbook::Slot, 3> slots{};
  const auto beyond = talk.source->read(0, slots);
  REQUIRE_FALSE(beyond);
  CHECK(beyond.error().code() == ErrorCode::DeviceException);
  CHECK(beyond.error().what.find("out of range") != std::string::npos);
  talk.bus.cut();
  CHECK(talk.source->range().error().code() == ErrorCode::Disconnected);
}

TEST_CASE("a CAN bus that is cut in the middle of a record is read again, to the same end",
          "[WS-16]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  for (int i = 0; i < 60; ++i) REQUIRE(journal->append(journal::make_event({}, {.code = 1})));
  proof::Hash whole{};
  {
    Conversation talk(time, *journal, Way::Uds);
    whole = read_all(*talk.source).back().chain;
  }
  std::size_t cuts = 0;
  for (int cut_us = 300; cut_us < 200'000; cut_us += 3'700) {
    std::vector<Entry> got;
    for (int run = 0; run < 2; ++run) {
      Conversation talk(time, *journal, Way::Uds);
      const auto timer = run > 0
                             ? Reactor::TimerId{}
                             : time.at(time.now() + Duration::us(cut_us), [&] { talk.bus.cut(); });
      logbook::Reader reader(*talk.source, static_cast<std::uint32_t>(got.size()),
                             got.empty() ? proof::Hash{} : got.back().chain);
      while (true) {
        const auto entry = reader.next();
        if (!entry) ++cuts;
        if (!entry || !*entry) break;
        got.push_back(**entry);
      }
      time.cancel(timer);
    }
    REQUIRE(got.size() == 60);
    CHECK(got.back().chain == whole);
  }
  CHECK(cuts > 10);
}

TEST_CASE("a console gives out its journal and nothing else", "[WS-16]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  REQUIRE(journal->append(journal::make_event({}, {.code = 1})));
  sim::ServiceConsole console(time, *journal, "weco_smart");
  CHECK_FALSE(console.size("/etc/passwd"));
  std::array<std::uint8_t, 8> bytes{};
  CHECK_FALSE(console.read("/etc/passwd", 0, bytes));
  CHECK(*console.read(smp::kJournalOldestFile, 4, bytes) == 0);
  CHECK(*console.read(smp::kJournalOldestFile, 99, bytes) == 0);
}

TEST_CASE("a journal read while other work goes on has the lines of one that is waited for",
          "[WS-15]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  for (int i = 0; i < 300; ++i) REQUIRE(journal->append(journal::make_event({}, {.code = 1})));
  LoopbackLine line(time, {});
  sim::ServiceConsole console(time, *journal, "weco_smart");
  console.serve(line.join(), smp::Framing::Console);
  const auto link = line.join();
  Session session(time, *link);
  logbook::SmpSource source(session);
  const auto waited = read_all(source);
  const auto read = [&](std::optional<std::uint32_t> newest) {
    std::vector<Entry> got;
    std::optional<Done> ended;
    logbook::Readout readout(session, smp::Framing::Console);
    readout.start(
        newest, [&](const Entry& entry, const logbook::Reader&) { got.push_back(entry); },
        [&](Done done) { ended.emplace(std::move(done)); });
    CHECK_FALSE(ended);  // it waits for nobody
    time.run([&] { return ended.has_value(); }, Instant::never());
    REQUIRE(ended);
    CHECK(*ended);
    return got;
  };
  const auto all = read({});
  REQUIRE(all.size() == waited.size());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].chain == waited[i].chain);
  const auto newest = read(7);
  REQUIRE(newest.size() == 7);
  for (std::uint32_t i = 0; i < 7; ++i) CHECK(newest[i].sequence == 293 + i);
  {
    logbook::Readout dropped(session, smp::Framing::Console);
    dropped.start(
        {}, [](const Entry&, const logbook::Reader&) {}, [](const Done&) { FAIL(); });
  }
  CHECK(read({}).size() == waited.size());  // the line is free again
}

TEST_CASE("a console whose wire is cut in the middle of a record is read again, to the same end",
          "[WS-16]") {
  sim::Timeline time;
  sim::VirtualFlash flash({1024, 8, 0});
  auto journal = journal::Journal::mount(flash.flash());
  REQUIRE(journal);
  for (int i = 0; i < 60; ++i) REQUIRE(journal->append(journal::make_event({}, {.code = 1})));
  for (const Way way : {Way::Smp, Way::Modbus, Way::ModbusTcp}) {
    CAPTURE(static_cast<int>(way));
    std::vector<Entry> whole;
    {
      Conversation talk(time, *journal, way);
      whole = read_all(*talk.source);
      REQUIRE(whole.size() == 60);
    }
    for (std::size_t cut = 10; cut < 5000; cut += 97) {
      std::vector<Entry> got;
      for (int run = 0; run < 2; ++run) {
        Conversation talk(time, *journal, way);
        if (run == 0) talk.line.cut_after(cut);
        logbook::Reader reader(*talk.source, static_cast<std::uint32_t>(got.size()),
                               got.empty() ? proof::Hash{} : got.back().chain);
        while (true) {
          const auto entry = reader.next();
          if (!entry || !*entry) break;
          got.push_back(**entry);
        }
      }
      REQUIRE(got.size() == 60);
      CHECK(got.back().chain == whole.back().chain);
    }
  }
}
