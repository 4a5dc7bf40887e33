// SPDX-License-Identifier: Apache-2.0
// `weco log-dump` as a person runs it: the built program, a pseudo-terminal, and behind it a
// controller with a journal in a process of its own.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "cli/render/log_report.hpp"
#include "core/journal/journal.hpp"
#include "host/reactor/poll_reactor.hpp"
#include "host/store/database.hpp"
#include "sim/update/service_console.hpp"
#include "sim/update/virtual_flash.hpp"
#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"
#include "transports/open.hpp"

using namespace weco;
using weco::test::Folder;
using weco::test::has;
using weco::test::Ran;

namespace {

/// A module of a tower; its third cell was not read.
journal::CellSnapshot cells_of(std::uint8_t pack) {
  journal::CellSnapshot s{.source = pack, .part = 1, .cells = 4, .sensors = 2};
  s.voltage = {Millivolts(3301), Millivolts(0), {}, Millivolts(3450)};
  s.voltage_read = 0b1011;
  s.temperature = {Temperature::deci_celsius(-15), {}};
  s.temperature_read = 0b01;
  return s;
}

/// Event, hour, day, counters (or cells) in turn, a minute apart; of each eighth the clock was not
/// set.
journal::Record record_of(std::uint32_t n) {
  const journal::Stamp stamp{Instant{} + Duration::s(60 * n), 1767225600 + 60 * n, n % 8 != 0};
  const journal::Period period{.date = 20454,
                               .hour = static_cast<std::uint8_t>(n % 24),
                               .soc_min = Permyriad(4010),
                               .soc_max = Permyriad(9999),
                               .temperature_min = Temperature::deci_celsius(-35),
                               .temperature_max = Temperature::deci_celsius(214),
                               .energies = {.pv_wh = 100 + n, .load_wh = 50}};
  switch (n % 4) {
    case 0:
      return journal::make_event(stamp, {.code = 5, .severity = 1, .source = 1, .a = -7});
    case 1:
      return journal::make_hour(stamp, period);
    case 2:
      return journal::make_day(stamp, period);
    default:
      if (n % 8 == 7) return journal::make_cells(stamp, cells_of(2));
      return journal::make_counters(stamp, {.operating_s = 60 * n, .milli_cycles = 1500});
  }
}

/// Serves until it is killed, and closes `ready` when it does. Never returns.
[[noreturn]] void serve(const std::string& terminal, std::uint32_t records, int unit, int ready) {
  PollReactor reactor;
  sim::VirtualFlash flash({1024, 4, 0});
  auto kept = journal::Journal::mount(flash.flash());
  if (!kept) _exit(1);
  for (std::uint32_t n = 0; n < records; ++n) {
    if (!kept->append(record_of(n))) _exit(1);
  }
  auto link = transports::open_byte_link(Endpoint{Scheme::Pty, terminal, 0, {}}, reactor);
  if (!link) _exit(1);
  sim::ServiceConsole console(reactor, *kept, "weco_smart");
  if (unit == 0) {
    console.serve(std::move(*link), smp::Framing::Console);
  } else {
    console.serve(std::move(*link), modbus::Framing::Rtu, static_cast<std::uint8_t>(unit));
  }
  close(ready);
  reactor.run([] { return false; }, reactor.now() + Duration::s(120));
  _exit(0);
}

/// A controller on a terminal of its own that remembers so many records, of 64 places.
class Controller {
 public:
  /// `unit`: over Modbus; 0: SMP.
  Controller(const Folder& folder, std::uint32_t records, int unit = 0)
      : path(folder.path() + "/console") {
    int ends[2] = {};
    REQUIRE(pipe(ends) == 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[0]);
      serve(path, records, unit, ends[1]);
    }
    close(ends[1]);
    char nothing = 0;
    CHECK(read(ends[0], &nothing, 1) == 0);  // the terminal is there, or the child is gone
    close(ends[0]);
  }
  ~Controller() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    unlink(path.c_str());
  }
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  [[nodiscard]] Ran dump(std::vector<std::string> more, const test::Setting& setting = {}) const {
    std::vector<std::string> words = {"log-dump", "serial:" + path};
    words.insert(words.end(), more.begin(), more.end());
    return test::weco(words, setting);
  }
  const std::string path;

 private:
  pid_t child_ = 0;
};

/// The rows that a statement gives, values between commas.
std::vector<std::string> rows_of(const std::string& path, const std::string& sql) {
  auto database = store::Database::open(path, store::Purpose::Export);
  REQUIRE(database);
  std::vector<std::string> rows;
  REQUIRE((*database)->each(sql, {}, [&](const store::Row& row) {
    rows.emplace_back(row.text(0));
    for (int i = 1; i < row.columns(); ++i) rows.back() += "," + row.text(i);
  }));
  return rows;
}

/// So many cells of a CSV line without quotes.
std::string from_columns(const std::string& line, int first, int count) {
  std::size_t begin = 0;
  for (; first > 0; --first) begin = line.find(',', begin) + 1;
  std::size_t end = begin;
  for (; count > 0; --count) end = line.find(',', end + 1);
  return line.substr(begin, end - begin);
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}
}  // namespace

TEST_CASE("a journal is shown with times, words and raw codes, and its gaps by name", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const Ran ran = controller.dump({"--family", "weco_smart"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(has(ran.out, "gap"));
  CHECK(has(ran.out, "records overwritten"));
  CHECK(has(ran.out, "2026-01-01T01:01:00Z"));
  CHECK(has(ran.out, "clock not set"));
  CHECK(has(ran.out, "(0x0005)"));
  CHECK_FALSE(has(ran.out, "  code 5 "));  // said in the family's words
  CHECK(has(ran.out, "SOC 40.10 to 99.99 %, -3.5 to 21.4 °C"));
  CHECK(has(ran.out, "1.500 cycles"));
  CHECK(has(ran.err, "overwritten. Chain: "));
}

TEST_CASE("a script reads the records that a dump prints, with no right and over a console",
          "[WS-15][LUA]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const auto run = [&](const std::string& options) {
    const std::string file = folder.file(
        "log.lua",
        "return { purpose = 'Read.', run = function() local device = "
        "assert(weco.open('sim:weco_smart')) return assert(device:log { console = 'serial:" +
            controller.path + "', " + options + " }) end }");
    return test::weco({"run", file, "--json"});
  };
  const Ran script = run("limit = 3");
  INFO(script.err);
  REQUIRE(script.code == 0);
  const Ran dump =
      controller.dump({"--from", "97", "--format", "ndjson", "--family", "weco_smart"});
  for (const char* part : {"\"sequence\":97", "\"soc_max_pct\":99.99", "\"cycles\":1.5",
                           "\"time\":\"2026-01-01T01:37:00Z\"", "\"temperature_min_degC\":-3.5"}) {
    INFO(part);
    CHECK(has(script.out, part));
    CHECK(has(dump.out, part));
  }
  CHECK_FALSE(has(script.out, "\"sequence\":96"));
  const Ran events =
      run("kind = 'event', since = '2026-01-01T01:30:00Z', till = 1767225600 + 5600");
  CHECK(has(events.out, "\"sequence\":92"));
  CHECK(has(events.out, "F005"));
  CHECK_FALSE(has(events.out, "\"sequence\":84"));
  CHECK_FALSE(has(events.out, "hour"));
  CHECK(has(run("kind = 'gap'").out, "overwritten"));
  const Ran cells = run("kind = 'cells', limit = 1");
  CHECK(has(cells.out, "\"sequence\":95"));
  CHECK(has(cells.out, "\"first_cell\":17"));
  CHECK(has(cells.out, "3.301"));
  const Ran line = controller.dump({"--from", "95", "--format", "ndjson"});
  CHECK(has(line.out,
            "\"kind\":\"cells\",\"source\":2,\"first_cell\":17,\"cells_V\":[3.301,0.000,"
            "null,3.450],\"first_sensor\":5,\"temperatures_degC\":[-1.5,null],"));
  CHECK(has(controller.dump({"--from", "95"}).out,
            "cells     unit 2, cells 17-20: 3.301 0.000 - 3.450 V, sensors 5-6: -1.5 - °C"));
  const Ran mistaken = run("kind = 'evnt'");
  CHECK(mistaken.code == 1);
  CHECK(has(mistaken.out, "Did you mean 'event'?"));
  CHECK(has(run("since = 'yesterday'").out, "'since' is no time"));
  CHECK(has(run("limit = 1501").out, "from 1 to 1500"));
}

TEST_CASE("a script reads a journal over Modbus alone, and beside other work is told to wait",
          "[WS-15][LUA]") {
  const Folder folder;
  const Controller controller(folder, 100, 3);
  const auto run = [&](const std::string& body) {
    const std::string file = folder.file(
        "log.lua",
        "return { purpose = 'Read.', run = function() local device = "
        "assert(weco.open('sim:weco_smart')) local function look() return device:log { limit = 3, "
        "console = 'serial:" +
            controller.path + "?unit=3' } end " + body + " end }");
    return test::weco({"run", file, "--json"});
  };
  const Ran alone = run("return assert(look())");
  INFO(alone.err);
  REQUIRE(alone.code == 0);
  for (const char* part : {"\"sequence\":97", "\"sequence\":99", "\"soc_max_pct\":99.99"}) {
    INFO(part);
    CHECK(has(alone.out, part));
  }
  CHECK_FALSE(has(alone.out, "\"sequence\":96"));
  const Ran beside = run("return weco.parallel({ 1 }, function() return assert(look()) end)[1]");
  CHECK(has(beside.out, "no journal is read inside of weco.parallel"));
  CHECK(has(beside.out, "Read it before weco.parallel or behind it."));
}

TEST_CASE("a recording of a reading has what went over the wire, and the reading is the same",
          "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 5);
  const std::string record = folder.path() + "/run.ndjson";
  const Ran plain = controller.dump({});
  const Ran recorded = controller.dump({"--record", record});
  CHECK(recorded.code == 0);
  CHECK(recorded.out == plain.out);
  const std::string text = test::read_file(record);
  CHECK(has(text, "\"kind\":\"tx\",\"link\":"));
  CHECK(has(text, "\"kind\":\"rx\",\"link\":"));
}

TEST_CASE("every line of a CSV dump has the same columns", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const Ran ran = controller.dump({"--format", "csv"});
  REQUIRE(ran.code == 0);
  std::size_t begin = 0, columns = 0;
  while (begin < ran.out.size()) {
    const std::size_t end = ran.out.find('\n', begin);
    const std::string line = ran.out.substr(begin, end - begin);
    const auto count = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (columns == 0) columns = count;
    CHECK(count == columns);
    begin = end + 1;
  }
  CHECK(columns == 32);
}

TEST_CASE("a CSV dump holds each value as exactly as the device keeps it", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const Ran ran = controller.dump({"--format", "csv", "--from", "96"});
  REQUIRE(ran.code == 0);
  CHECK(has(ran.out, "\n96,,5760,event,5,warning,1,1,-7,0,\"code 5\",,,,,,,,,,,,,,,,,,"));
  CHECK(has(ran.out,
            "\n97,2026-01-01T01:37:00Z,5820,hour,,,,,,,,2026-01-01,1,40.10,99.99,-3.5,21.4,"
            "197,0,0,50,0,0,,,,,,"));
  CHECK(has(ran.out,
            "\n99,2026-01-01T01:39:00Z,5940,counters,,,,,,,,,,,,,,,,,,0,0,5940,1.500,0,,,,,,,"));
  const Ran cells = controller.dump({"--format", "csv", "--from", "95"});
  CHECK(has(cells.out,
            "\n95,2026-01-01T01:35:00Z,5700,cells,,,2,,,,,,,,,,,,,,,,,,,,17,3.301 0.000 - 3.450,"
            "5,-1.5 -,,,"));
  const Ran gap = controller.dump({"--format", "csv"});
  CHECK(has(gap.out, "\n0,,,gap,,,,,,,,,,,,,,,,,,,,,,,"));
  CHECK(has(gap.out, ",overwritten,"));
}

TEST_CASE("a dump that was killed anywhere and is gone on with ends in the same bytes", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 40);
  for (const std::string form : {"csv", "ndjson"}) {
    const std::string whole_path = folder.path() + "/whole." + form;
    REQUIRE(controller.dump({"--output", whole_path}).code == 0);
    const std::string whole = test::read_file(whole_path);
    REQUIRE(lines_of(whole) == (form == "csv" ? 41 : 40));
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{5}, whole.find('\n'), whole.find('\n') + 1, whole.size() / 2,
          whole.size() - 1, whole.size()}) {
      CAPTURE(form, kept);
      const std::string path = folder.file("part." + form, whole.substr(0, kept));
      const Ran ran = controller.dump({"--output", path, "--resume"});
      INFO(ran.err);
      CHECK(ran.code == 0);
      CHECK(test::read_file(path) == whole);
    }
  }
}

TEST_CASE("a journal becomes one database file that SQL can be asked of", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const std::string path = folder.path() + "/tower.sqlite";
  const Ran ran = controller.dump({"--output", path, "--family", "weco_smart"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.empty());
  for (const char* beside : {".lock", "-wal", "-shm", "-journal"}) {
    CHECK_FALSE(std::filesystem::exists(path + beside));
  }
  // the very values of a CSV dump, line by line
  const Ran csv = controller.dump({"--format", "csv", "--family", "weco_smart"});
  const std::string first = csv.out.substr(csv.out.find('\n') + 1);
  CHECK(has(first, "0,,,gap,"));
  const std::vector<std::string> rows = rows_of(path, "SELECT * FROM records ORDER BY sequence");
  CHECK(rows.size() == lines_of(csv.out) - 1);
  CHECK(has(rows.at(0), "0,,,gap,"));
  CHECK(rows_of(path, "SELECT missing,loss FROM gaps").at(0) ==
        from_columns(first.substr(0, first.find('\n')), 30, 2));
  CHECK(rows_of(path, "SELECT severity,source,\"set\",a,b FROM events LIMIT 1").at(0) ==
        "warning,1,1,-7,0");
  CHECK(rows_of(path,
                "SELECT soc_min_pct,soc_max_pct,temperature_min_degC,typeof(soc_min_pct) "
                "FROM hours LIMIT 1")
            .at(0) == "40.1,99.99,-3.5,real");
  CHECK(rows_of(path, "SELECT cycles FROM counters LIMIT 1").at(0) == "1.5");
  CHECK(rows_of(path,
                "SELECT source,first_cell,cells_V,first_sensor,temperatures_degC FROM cells "
                "WHERE sequence=95")
            .at(0) == "2,17,[3.301,0.000,null,3.450],5,[-1.5,null]");
  CHECK(rows_of(path,
                "SELECT source,cell,voltage_V FROM cell_voltages WHERE sequence=95 AND "
                "voltage_V>3.4") == std::vector<std::string>{"2,20,3.45"});
  CHECK(rows_of(path, "SELECT count(*) FROM days").at(0) ==
        rows_of(path, "SELECT count(*) FROM records WHERE kind='day'").at(0));
  CHECK(has(rows.back(), csv.out.substr(csv.out.size() - 65, 64)));
}

TEST_CASE("a database that was cut anywhere and is gone on with ends in the same rows", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 40);
  const std::string whole_path = folder.path() + "/whole.sqlite";
  REQUIRE(controller.dump({"--output", whole_path}).code == 0);
  const auto whole = rows_of(whole_path, "SELECT * FROM records ORDER BY sequence");
  REQUIRE(whole.size() == 40);
  for (const int kept : {0, 1, 17, 39, 40}) {
    CAPTURE(kept);
    const std::string path = fmt::format("{}/cut{}.sqlite", folder.path(), kept);
    std::filesystem::copy_file(whole_path, path);
    rows_of(path, fmt::format("DELETE FROM records WHERE sequence>={}", kept));
    const Ran ran = controller.dump({"--output", path, "--resume"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(rows_of(path, "SELECT * FROM records ORDER BY sequence") == whole);
  }
  const std::string fresh = folder.path() + "/fresh.sqlite";
  CHECK(controller.dump({"--output", fresh, "--resume"}).code == 0);
  CHECK(rows_of(fresh, "SELECT * FROM records ORDER BY sequence") == whole);
}

TEST_CASE("a database is never written over, nor a file that is none of ours", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 4);
  const std::string path = folder.path() + "/tower.sqlite";
  REQUIRE(controller.dump({"--output", path}).code == 0);
  const std::string before = test::read_file(path);
  const Ran again = controller.dump({"--output", path});
  CHECK(again.code == 2);
  CHECK(has(again.err, "is there already"));
  CHECK(has(again.err, "--resume"));
  CHECK(test::read_file(path) == before);

  const std::string text = folder.file("notes.sqlite", std::string(5000, 'x'));
  const Ran notes = controller.dump({"--output", text, "--resume"});
  CHECK(notes.code == 1);
  CHECK(has(notes.err, "no database"));
  CHECK(test::read_file(text) == std::string(5000, 'x'));

  const std::string other = folder.path() + "/other.sqlite";
  rows_of(other, "CREATE TABLE records(sequence INTEGER)");
  const Ran foreign = controller.dump({"--output", other, "--resume"});
  CHECK(foreign.code == 1);
  CHECK(has(foreign.err, "no database that 'weco log-dump' wrote"));

  const Ran nowhere = controller.dump({"--format", "sqlite"});
  CHECK(nowhere.code == 2);
  CHECK(has(nowhere.err, "--output"));
  const Ran folderless = controller.dump({"--output", folder.path() + "/no/such.sqlite"});
  CHECK(folderless.code != 0);
  CHECK(has(folderless.err, "cannot be written"));
}

TEST_CASE("only what is wanted of a journal is shown", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 40);
  const auto lines = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--format", "ndjson"});
    const Ran ran = controller.dump(words);
    CHECK(ran.code == 0);
    return lines_of(ran.out);
  };
  CHECK(lines({"--from", "30"}) == 10);
  CHECK(lines({"--from", "40"}) == 0);
  // minutes 10 to 19, and five records of a time when the clock was not set
  CHECK(lines({"--since", "2026-01-01T00:10:00Z", "--until", "2026-01-01T00:20:00Z"}) == 14);
}

TEST_CASE("a report of a journal has charts, events in words, days, cells, counters and gaps",
          "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 100);
  const std::string path = folder.path() + "/report.html";
  const Ran ran = controller.dump({"--output", path, "--family", "weco_smart"});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.empty());
  const std::string page = test::read_file(path);
  CHECK(page.ends_with("</body></html>\n"));
  for (const std::string_view part :
       {"State of charge</h2>", "Power, mean of each hour</h2>", "<polyline", "<h2>Events</h2>",
        "<h2>Days</h2>", "<td>40.10 to 99.99</td>", "<h2>Gaps</h2>", "<td>overwritten</td>",
        "1.500 cycles", "0x0005 -7 0", "clock not set",
        "<td>17-20</td><td>3.301 0.000 - 3.450</td><td>3450</td><td>5-6</td><td>-1.5 -</td>"}) {
    CAPTURE(part);
    CHECK(has(page, part));
  }
  for (const std::string_view never : {"<script", "http", "Not all was read", ">code 5<"}) {
    CAPTURE(never);
    CHECK_FALSE(has(page, never));
  }
  CHECK(controller.dump({"--format", "html", "--family", "weco_smart"}).out == page);
  const std::string chain = ran.err.substr(ran.err.find("Chain: ") + 7, 64);
  CHECK(has(page, "<code>" + chain + "</code>"));
}

namespace {

std::string report_of(const std::vector<journal::Record>& records, std::string_view ended = {}) {
  const logbook::Texts texts;
  cli::LogReport report(texts);
  std::uint32_t number = 0;
  for (const journal::Record& record : records) {
    report.add({.sequence = number++, .record = record});
  }
  return report.html("<b>", {}, ended);
}

journal::Record hour_of(std::int32_t date, bool clock_set = true) {
  return journal::make_hour({Instant{}, 0, clock_set}, {.date = date, .hour = 5});
}

}  // namespace

TEST_CASE("a report does not draw hours of a wrong clock, and says how many", "[WS-15]") {
  constexpr std::int32_t kFar = std::numeric_limits<std::int32_t>::max();
  CHECK(has(report_of({hour_of(20454), hour_of(20455)}), "<p>2 hours, the first 2026-01-01T05"));
  CHECK_FALSE(has(report_of({hour_of(20454), hour_of(20455)}), "not drawn"));
  CHECK(has(report_of({hour_of(20454), hour_of(20453)}), "1 hours are not drawn"));
  CHECK(has(report_of({hour_of(20454), hour_of(kFar), hour_of(-kFar)}), "2 hours are not drawn"));
  CHECK(has(report_of({hour_of(kFar), hour_of(20454)}), "1 hours are not drawn"));
  const std::string none = report_of({hour_of(0, false)});
  CHECK(has(none, "1 hours are not drawn"));
  CHECK_FALSE(has(none, "<svg"));
}

TEST_CASE("a report of a reading that ended early says so, and names nothing as markup",
          "[WS-15]") {
  const std::string page = report_of({}, "<i>no answer");
  CHECK(has(page, "Not all was read. What ended it: &lt;i&gt;no answer."));
  CHECK(has(page, "<h1>What &lt;b&gt; remembers</h1>"));
  CHECK_FALSE(has(page, "<svg"));
}

TEST_CASE("a report draws no cells of a clock that was not set, and no spread where none was read",
          "[WS-15]") {
  const journal::Stamp set{Instant{}, 1767225600, true};
  CHECK(has(report_of({journal::make_cells(set, cells_of(1))}), "<polyline"));
  CHECK_FALSE(has(report_of({journal::make_cells({}, cells_of(1))}), "<polyline"));
  const std::string blind = report_of({journal::make_cells(set, {.source = 1, .cells = 3})});
  CHECK(has(blind, "<td>1-3</td><td>- - -</td><td></td><td></td><td></td>"));
  CHECK_FALSE(has(blind, "<polyline"));
}

TEST_CASE("a report of a long journal shows the newest events and how many there were") {
  std::vector<journal::Record> records;
  for (int i = 0; i < 1001; ++i) records.push_back(journal::make_event({}, {.code = 1, .a = i}));
  const std::string page = report_of(records);
  CHECK(has(page, "The newest 1000 of 1001."));
  CHECK(has(page, "0x0001 1000 0"));
  CHECK_FALSE(has(page, "0x0001 0 0"));
  records.pop_back();
  CHECK_FALSE(has(report_of(records), "The newest"));
}

TEST_CASE("with --json a journal is one value, and its chain that of the lines", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 3);
  const Ran ran = controller.dump({"--json"});
  CHECK(ran.code == 0);
  const Ran lines = controller.dump({"--format", "ndjson"});
  std::string elements = lines.out.substr(0, lines.out.size() - 1);
  std::replace(elements.begin(), elements.end(), '\n', ',');
  CHECK(has(ran.out, "\"records\":[" + elements + "]"));
  CHECK(has(ran.out, "{\"schema\":\"weco.log/1\",\"lines\":3,\"next\":3,\"chain\":\""));
  CHECK(ran.err.empty());
}

TEST_CASE("a journal is followed until somebody says stop", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 3);
  const Ran ran = controller.dump({"--follow"}, {.signal_after_output = SIGINT});
  CHECK(ran.code == 130);
  CHECK(lines_of(ran.out) == 4);
}

TEST_CASE("a file that is no dump is left as it is", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 5);
  for (const std::string text :
       {"my notes", "my notes\n", "a,b\n1,2\n", "{\"sequence\":1}\n", "\n"}) {
    for (const std::string form : {"csv", "ndjson"}) {
      CAPTURE(text, form);
      const std::string path = folder.file("notes." + form, text);
      const Ran ran = controller.dump({"--output", path, "--resume"});
      CHECK(ran.code == 1);
      CHECK(has(ran.err, "does not end with a line of a journal"));
      CHECK(test::read_file(path) == text);
    }
  }
}

TEST_CASE("another device's journal is not mixed into a file", "[WS-15]") {
  const Folder folder;
  const std::string path = folder.path() + "/one.csv";
  {
    const Controller one(folder, 20);
    REQUIRE(one.dump({"--output", path}).code == 0);
  }
  const std::string before = test::read_file(path);
  const Controller other(folder, 10);
  const Ran ran = other.dump({"--output", path, "--resume"});
  CHECK(ran.code == 5);
  CHECK(has(ran.err, "fewer records"));
  CHECK(test::read_file(path) == before);
}

TEST_CASE("a wrong use of log-dump is one sentence, and nothing is written", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 5);
  const auto refused = [&](std::vector<std::string> words, std::string_view says) {
    const Ran ran = controller.dump(words);
    CHECK(ran.code == 2);
    CHECK(has(ran.out + ran.err, says));
  };
  refused({"--since", "yesterday"}, "'yesterday' is no time");
  refused({"--resume"}, "only a .csv, .ndjson or .sqlite file");
  refused({"--resume", "--output", folder.path() + "/x.txt"},
          "only a .csv, .ndjson or .sqlite file");
  refused({"--resume", "--from", "3", "--output", folder.path() + "/x.csv"}, "where to begin");
  refused({"--resume", "--output", folder.path() + "/x.html"}, "made of a whole reading");
  refused({"--follow", "--format", "html"}, "made of a whole reading");
  refused({"--json", "--follow"}, "what is followed has none");
  const std::string record = folder.path() + "/run.ndjson";
  refused({"--record", record, "--format", "candump"}, "only a journal that is read alone");
  refused({"--record", record, "--bundle", folder.path() + "/b.tar"},
          "only a journal that is read");
  CHECK_FALSE(std::filesystem::exists(record));
  const Ran folder_missing = controller.dump({"--output", folder.path() + "/no/such.csv"});
  CHECK(folder_missing.code == 1);
  CHECK(has(folder_missing.err, "cannot be written"));
}

TEST_CASE("a device without a journal shows the faults and counters that it has now", "[WS-15]") {
  const Ran ran = test::weco({"log-dump", "sim:saj_h2", "--shown"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  CHECK(has(ran.err, "No journal is read"));
  for (const char* shown : {"fault_word[1]", "fault_count", "energy_import_total", "cycle_count"}) {
    CHECK(has(ran.out, shown));
  }
  CHECK_FALSE(has(ran.out, "grid_voltage"));
  CHECK_FALSE(has(ran.out, "pv_power_total"));  // a power, no counter
  CHECK(test::weco({"status", "sim:saj_h2", "--past", "--all"}).out == ran.out);
  const Ran json = test::weco({"log-dump", "sim:saj_h2", "--shown", "--json"});
  CHECK(json.code == 0);
  CHECK(has(json.out, "weco.status/1"));
  CHECK(has(json.out, "fault_count"));
  CHECK_FALSE(has(json.out, "grid_voltage"));
}

TEST_CASE("a device without a journal shows the cells that it has now, a module in a line",
          "[WS-15]") {
  const Ran ran = test::weco({"log-dump", "sim:weco_smart", "--shown"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  const std::size_t begin = ran.out.find("tower[1].module[1].cell_voltage[1] ");
  REQUIRE(begin != std::string::npos);
  const std::string line = ran.out.substr(begin, ran.out.find('\n', begin) - begin);
  CHECK(std::count(line.begin(), line.end(), '.') == 2 + 16);  // two in the name
  CHECK(line.ends_with(" V"));
  CHECK_FALSE(has(ran.out, "cell_voltage[2]"));
  CHECK(has(ran.out, "tower[1].module[4].cell_temperature[1] "));
  const Ran json = test::weco({"log-dump", "sim:weco_smart", "--shown", "--json"});
  CHECK(has(json.out, "\"cell_voltage_V\":[3."));
  CHECK_FALSE(has(json.out, "\"soc_pct\""));
  CHECK_FALSE(has(test::weco({"status", "sim:weco_smart", "--past"}).out, "cell_voltage["));
}

TEST_CASE("a battery that sends CAN frames unasked shows its alarms", "[WS-15]") {
  const std::string frames = "replay:" WECO_VECTORS "/can/pylontech_plonkster_4pack_dlc6.log";
  const Ran ran = test::weco({"log-dump", frames, "--shown"});
  INFO(ran.err);
  CHECK(ran.code == 0);
  for (const char* shown : {"warnings", "protections", "warning_word[1]", "fault_word[1]"}) {
    CHECK(has(ran.out, shown));
  }
  CHECK_FALSE(has(ran.out, "soc"));
}

TEST_CASE("the words of a community family do not keep anybody from a journal", "[WS-15]") {
  const Folder folder;
  const Controller controller(folder, 5);
  const Ran ran = controller.dump({"--family", "saj_h2", "--format", "ndjson"});
  CHECK(ran.code == 0);
  CHECK(lines_of(ran.out) == 5);
}

TEST_CASE("no records are promised of what a device shows", "[WS-15]") {
  const Folder folder;
  const std::string path = folder.path() + "/x.csv";
  for (const std::vector<std::string>& wish : std::vector<std::vector<std::string>>{
           {"--output", path}, {"--follow"}, {"--from", "3"}, {"--format", "ndjson"}}) {
    std::vector<std::string> words = {"log-dump", "sim:saj_h2", "--shown"};
    words.insert(words.end(), wish.begin(), wish.end());
    const Ran ran = test::weco(words);
    CHECK(ran.code == 2);
    CHECK(has(ran.err, "has no records, " + wish.front()));
    CHECK(has(ran.err, "Hint: "));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a support bundle of a device without a journal holds what it shows", "[WS-15][TK-10]") {
  const Folder folder;
  const std::string bundle = folder.path() + "/help.tar";
  const Ran ran = test::weco({"log-dump", "sim:saj_h2", "--shown", "--bundle", bundle});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  const std::string shown = test::run_in_pipe({"tar", "-xOf", bundle, "shown.json"}).out;
  CHECK(has(shown, "fault_count"));
  CHECK(has(test::run_in_pipe({"tar", "-xOf", bundle, "README.txt"}).out, "shown.json"));
  CHECK_FALSE(has(test::run_in_pipe({"tar", "-tf", bundle}).out, "log.ndjson"));
}

TEST_CASE(
    "a support bundle holds the whole journal, the device and what was added, without secrets",
    "[TK-10]") {
  const Folder folder;
  const Controller controller(folder, 20);
  const std::string notes =
      folder.file("notes.ndjson",
                  "{\"password\":\"hunter2\",\"n\":1}\n{\"text\":\"ask annrossi@mail.example\"}\n");
  const std::string bundle = folder.path() + "/help.tar";
  const Ran ran = controller.dump({"--bundle", bundle, "--status", "sim:weco_smart", "--family",
                                   "weco_smart", "--with", notes});
  INFO(ran.err);
  REQUIRE(ran.code == 0);
  CHECK(ran.out.empty());
  CHECK(has(ran.err, "2 things were taken out"));
  const auto in = [&](const std::string& command) {
    return test::run_in_pipe({"/bin/sh", "-c", "cd " + folder.path() + " && " + command});
  };
  CHECK(in("mkdir -p out && tar -C out -xf help.tar && cd out && sha256sum -c SHA256SUMS").code ==
        0);
  CHECK(lines_of(in("cat out/log.ndjson").out) == 20);
  const std::string status = in("cat out/status.json").out;
  CHECK(has(status, "\"schema\":\"weco.status/"));
  CHECK(has(status, "\"contactors\":"));
  CHECK_FALSE(has(status, "(redacted)"));
  CHECK(has(in("cat out/versions.json").out, "weco.version/1"));
  const std::string list = in("cat out/redactions.json").out;
  CHECK(has(list, "{\"file\":\"files/001-notes.ndjson\",\"rule\":\"secret\",\"times\":1}"));
  CHECK(has(list, "{\"file\":\"files/001-notes.ndjson\",\"rule\":\"mail\",\"times\":1}"));
  CHECK(in("grep -a -r -e hunter2 -e annrossi out help.tar").code == 1);
}

TEST_CASE("a bundle is refused with what it has no room for, and nothing is written", "[TK-10]") {
  const Folder folder;
  const Controller controller(folder, 3);
  const std::string bundle = folder.path() + "/help.tar";
  CHECK(controller.dump({"--bundle", bundle, "--follow"}).code == 2);
  CHECK(controller.dump({"--with", bundle}).code == 2);
  const std::string packets = folder.file("site.pcapng", std::string("\x0A\0\x0D", 3));
  const Ran ran = controller.dump({"--bundle", bundle, "--with", packets});
  CHECK(ran.code == 1);
  CHECK(has(ran.err, "this is no text, so it cannot be looked through"));
  CHECK_FALSE(std::filesystem::exists(bundle));
}
