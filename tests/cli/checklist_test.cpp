// SPDX-License-Identifier: Apache-2.0
// `weco checklist` and `weco key` as a person and a script use them: the built program, a home of
// its own, a simulated tower, and minisign as the judge of what was signed.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/process.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using weco::test::Folder;
using weco::test::installed;
using weco::test::Ran;
using weco::test::read_file;

namespace {

/// A machine of its own: keys and records below its folder.
struct Machine {
  Folder folder;
  [[nodiscard]] test::Setting setting() const {
    return {.variables = {{"XDG_DATA_HOME", folder.path()}}};
  }
  [[nodiscard]] Ran weco(const std::vector<std::string>& words) const {
    return test::weco(words, setting());
  }
  [[nodiscard]] Ran key(const std::string& verb, const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"key", verb};
    words.insert(words.end(), more.begin(), more.end());
    return weco(words);
  }
  [[nodiscard]] Ran checklist(const std::string& verb, const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"checklist", verb};
    words.insert(words.end(), more.begin(), more.end());
    return weco(words);
  }
  [[nodiscard]] Ran monthly(std::vector<std::string> more) const {
    more.insert(more.begin(), {"monthly", "--site", "Casa Neri", "--operator", "Ann"});
    return checklist("run", more);
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return folder.path() + "/" + name;
  }
};

/// What a person has to say about a healthy simulated tower.
std::string answers() {
  std::string lines;
  for (const char* item : {"safety_qualified", "safety_covers", "full_charge", "event_log",
                           "firmware_due", "online", "room"}) {
    lines += "{\"item\":\"" + std::string(item) + "\"}\n";
  }
  return lines;
}

/// A signed monthly record at one site, exported.
std::string exported(const Machine& machine, const std::vector<std::string>& more) {
  REQUIRE(machine.key("new", {"ann"}).code == 0);
  const std::string file = machine.folder.file("answers", answers());
  const Ran ran = machine.monthly(
      {"--device", "sim:weco_smart", "--answers", file, "--declare", "no-discrepancy"});
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  std::vector<std::string> words = {"Casa Neri", machine.path("out.json")};
  words.insert(words.end(), more.begin(), more.end());
  const Ran done = machine.checklist("export", words);
  INFO(done.err);
  REQUIRE(done.code == 0);
  return machine.path("out.json");
}

}  // namespace

TEST_CASE("a script runs a checklist, signs it, exports it and anybody verifies it",
          "[WS-61][WS-65]") {
  const Machine machine;
  const std::string file = exported(machine, {"--number", "1", "--minisign"});
  const Machine stranger;
  const Ran verified = stranger.checklist("verify", {file});
  INFO(verified.err);
  CHECK(verified.code == 0);
  CHECK(verified.out.find("record 1 of Casa Neri. Whole and signed by key") != std::string::npos);
  CHECK(verified.out.find("(not known here)") != std::string::npos);
  CHECK(machine.checklist("verify", {file}).out.find("(ann)") != std::string::npos);
  CHECK(stranger.checklist("verify", {file, "--key", machine.path("weco/keys/ann.pub")}).code == 0);
  REQUIRE(stranger.key("new", {"bob"}).code == 0);
  CHECK(stranger.checklist("verify", {file, "--key", stranger.path("weco/keys/bob.pub")}).code ==
        5);
  std::string text = read_file(file);
  text[text.size() / 3] ^= 1;
  const Ran changed = stranger.checklist("verify", {machine.folder.file("changed.json", text)});
  CHECK(changed.code == 5);
  CHECK(changed.out.empty());
  INFO("minisign is needed; './dev setup' installs it");
  REQUIRE(installed("minisign"));
  const auto minisign = [&](const std::string& body) {
    return test::run_in_pipe(
               {"minisign", "-V", "-p", file + ".pub", "-x", file + ".body.minisig", "-m", body})
        .code;
  };
  CHECK(minisign(file + ".body") == 0);
  std::string body = read_file(file + ".body");
  body[body.size() / 2] ^= 1;
  CHECK(minisign(machine.folder.file("changed.body", body)) != 0);
}

TEST_CASE("an unfinished run says what is missing, is kept, and goes on", "[WS-65]") {
  const Machine machine;
  const Ran first = machine.monthly({"--device", "sim:weco_smart", "--json"});
  INFO(first.out << first.err);
  CHECK(first.code == 10);
  CHECK(first.out.find("\"resumed\":false") != std::string::npos);
  CHECK(first.out.find("safety_qualified") != std::string::npos);
  const std::string file = machine.folder.file("answers", answers());
  const Ran second = machine.monthly({"--answers", file, "--declare", "no-discrepancy", "--json"});
  INFO(second.out << second.err);
  CHECK(second.code == 0);
  CHECK(second.out.find("\"resumed\":true") != std::string::npos);
  CHECK(second.out.find("\"signed\":false") != std::string::npos);
  CHECK(machine.checklist("export", {"Casa Neri", machine.path("o"), "--number", "1"}).code == 6);
  REQUIRE(machine.key("new", {"ann"}).code == 0);
  CHECK(machine.checklist("sign", {"Casa Neri", "1"}).code == 0);
  CHECK(machine.checklist("sign", {"Casa Neri", "1"}).code == 2);
  CHECK(machine.checklist("export", {"Casa Neri", machine.path("o"), "--number", "1"}).code == 0);
}

TEST_CASE("a person is asked on a terminal, safety first, and declares at the end",
          "[WS-60][WS-65]") {
  const Machine machine;
  test::Setting setting = machine.setting();
  // qualified, covers; full charge; log; firmware; online; room: no, with a note; declaration
  setting.typed = "maybe\nok\nok\nok\nok\nok\nok\nno\nboxes before the fan\nyes\n";
  const Ran ran =
      test::weco_in_terminal({"checklist", "run", "monthly", "--site", "Casa Neri", "--operator",
                              "Ann", "--device", "sim:weco_smart", "--language", "it"},
                             setting);
  INFO(ran.out);
  CHECK(ran.code == 10);
  CHECK(ran.out.find("qualificato") != std::string::npos);
  CHECK(ran.out.find("Riportare il locale nei limiti") != std::string::npos);
  CHECK(ran.out.find("Record 1 is closed, not signed.") != std::string::npos);
  const Ran list = machine.checklist("list", {"--site", "Casa Neri"});
  CHECK(list.out.find("discrepancies") != std::string::npos);
}

TEST_CASE("a person who stops loses nothing", "[WS-65]") {
  const Machine machine;
  test::Setting setting = machine.setting();
  setting.typed = "ok\nstop\n";
  const std::vector<std::string> words = {"checklist",  "run", "monthly",  "--site",    "S",
                                          "--operator", "Ann", "--family", "weco_smart"};
  const Ran ran = test::weco_in_terminal(words, setting);
  INFO(ran.out);
  CHECK(ran.code == 10);
  CHECK(ran.out.find("1 of ") != std::string::npos);
  CHECK(ran.out.find("stays open") != std::string::npos);
  const Ran again =
      machine.weco({"checklist", "run", "monthly", "--site", "S", "--operator", "Ann", "--json"});
  CHECK(again.out.find("\"resumed\":true") != std::string::npos);
  CHECK(again.out.find("\"answered\":1") != std::string::npos);
}

TEST_CASE("a site goes to another machine only when its signer is trusted there",
          "[WS-36][WS-65]") {
  const Machine machine;
  const std::string file = exported(machine, {});
  const Machine other;
  const Ran refused = other.checklist("import", {file});
  CHECK(refused.code == 6);
  CHECK(refused.err.find("not trusted") != std::string::npos);
  REQUIRE(other.key("trust", {"ann", machine.path("weco/keys/ann.pub")}).code == 0);
  const Ran taken = other.checklist("import", {file});
  INFO(taken.err);
  CHECK(taken.code == 0);
  CHECK(taken.out == "Casa Neri: 1 of 1 records are new.\n");
  CHECK(other.checklist("import", {file}).out == "Casa Neri: 0 of 1 records are new.\n");
  CHECK(other.checklist("list", {"--site", "Casa Neri"}).out.find("monthly") != std::string::npos);
  const Ran due = other.checklist("due", {"--within", "31d", "--json"});
  CHECK(due.out.find("\"checklist\":\"monthly\"") != std::string::npos);
  CHECK(due.out.find("\"days_late\":-") != std::string::npos);
}

TEST_CASE("cron learns by the exit code whether anything is due", "[WS-61][WS-62][WS-63]") {
  const Machine machine;
  CHECK(machine.checklist("due", {"--exit-code"}).code == 0);
  REQUIRE(machine.monthly({"--device", "sim:weco_smart"}).code == 10);
  CHECK(machine.checklist("due", {"--exit-code"}).code == 0);
  const Ran due = machine.checklist("due", {"--exit-code", "--within", "31d"});
  CHECK(due.code == 10);
  CHECK(due.out.find("monthly") != std::string::npos);
  CHECK(due.out.find("never") != std::string::npos);
  CHECK(machine.checklist("due", {"--within", "31d"}).code == 0);
  CHECK(machine.checklist("due", {"--site", "Casa Nero"}).err.find("Did you mean 'Casa Neri'?") !=
        std::string::npos);
}

TEST_CASE("cards and checklists are read offline, in each language", "[WS-79][EP-24]") {
  const Machine machine;
  const Ran card = machine.checklist("show", {"emergency", "--family", "weco_smart"});
  CHECK(card.code == 0);
  CHECK(card.out.find("112") != std::string::npos);
  const Ran italian =
      machine.checklist("show", {"monthly", "--family", "ep760_open", "--language", "it"});
  CHECK(italian.out.find("Controllo mensile") != std::string::npos);
  const Ran none =
      machine.checklist("show", {"monthly", "--family", "ep760_open", "--language", "tlh"});
  CHECK(none.code == 1);
  CHECK(none.err.find("There are: en, it.") != std::string::npos);
  CHECK(machine.checklist("list", {}).out.find("six_monthly") != std::string::npos);
  CHECK(machine
            .checklist("run",
                       {"emergency", "--site", "S", "--operator", "A", "--family", "weco_smart"})
            .code == 2);
}

TEST_CASE("wrong answers of a script are named with their line, and nothing of them is kept",
          "[WS-60][TK-10]") {
  const Machine machine;
  const auto refused = [&](const std::string& line, int code, const char* why) {
    const std::string file = machine.folder.file("answers", line);
    const Ran ran = machine.monthly({"--family", "weco_smart", "--answers", file});
    INFO(line << ran.err);
    CHECK(ran.code == code);
    CHECK(ran.err.find(why) != std::string::npos);
    CHECK(ran.err.find("answers:1") != std::string::npos);
  };
  refused("{\"item\":\"room\"}\n", 6, "safety precondition");
  refused("{\"item\":\"roof\"}\n", 1, "no item \"roof\"");
  refused("{\"item\":\"room\",\"resutl\":\"ok\"}\n", 1, "no member 'resutl'");
  refused("{\"item\":\"room\",\"result\":\"fine\"}\n", 1, "'fine' is not known");
  refused("{\"item\":\n", 1, "no JSON");
  const Ran none = machine.monthly({"--json"});
  CHECK(none.out.find("\"answered\":0") != std::string::npos);
}

TEST_CASE("the example in the documentation verifies, and its signer is the one beside it",
          "[WS-65]") {
  const std::string folder = std::string(WECO_SOURCE) + "/docs/examples/";
  const Machine machine;
  const Ran ran = machine.checklist(
      "verify", {folder + "monthly-record.json", "--key", folder + "ann-rossi.pub"});
  INFO(ran.err);
  CHECK(ran.code == 0);
}

namespace {

/// Answers whose notes are long enough for a page to end in the middle of one: "begin3 ... end3".
std::string long_answers(const std::string& evil) {
  std::string lines = answers();
  std::string filler = " The note goes on and on, as notes do.";
  for (int doubled = 0; doubled < 3; ++doubled) filler += filler;
  int number = 0;
  for (std::size_t at = 0; (at = lines.find("\"}", at)) != std::string::npos; ++number) {
    const std::string mark = std::to_string(number);
    const std::string note = "\",\"note\":\"begin" + mark + " " + evil + filler + " end" + mark;
    lines.insert(at, note);
    at += note.size() + 2;
  }
  return lines;
}

/// A report in which whatever a person can type is an attack.
std::string hostile_report(const Machine& machine) {
  const std::string evil =
      "<img src=http://leak.invalid/i onerror=console.log(1)><script>console.log(2)</script>"
      "\u202Ederugif\u2066 <!--";
  const std::string lines = long_answers(evil);
  const Ran ran = machine.checklist(
      "run", {"monthly", "--site", evil, "--operator", evil, "--device", "sim:weco_smart",
              "--answers", machine.folder.file("evil", lines), "--declare", "no-discrepancy"});
  INFO(ran.out << ran.err);
  REQUIRE(ran.code == 0);
  const std::string file = machine.path("evil.html");
  REQUIRE(machine.checklist("export", {evil, file, "--number", "1", "--format", "html"}).code == 0);
  return read_file(file);
}

/// What a browser did with a page that it was given.
struct Shown {
  std::string said;       // also what the page's scripts wrote to the console
  std::string requested;  // every address it turned to
  std::string pdf;        // a file
};

/// The small browser asks for nothing of its own; the large one calls its maker.
bool is_small_browser() { return installed("chromium-headless-shell"); }

Shown show(const Machine& machine, const std::string& page) {
  const std::string browser = is_small_browser() ? "chromium-headless-shell" : "chromium";
  const Shown shown = {"", machine.path("net.json"), machine.path("page.pdf")};
  const Ran ran = test::run_in_pipe(
      {browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
       "--enable-logging=stderr", "--disable-background-networking",
       "--user-data-dir=" + machine.path("profile"), "--log-net-log=" + shown.requested,
       "--no-pdf-header-footer", "--print-to-pdf=" + shown.pdf,
       "file://" + machine.folder.file("page.html", page)},
      {.variables = {{"HOME", machine.folder.path()}}, .silence_ms = 60000});
  INFO("a browser is needed; './dev setup' installs chromium-headless-shell\n" << ran.err);
  REQUIRE(ran.code == 0);
  return {ran.err, read_file(shown.requested), shown.pdf};
}

/// How many words of a printed A4 page reach into its margins of 14 mm, or beyond the paper.
int outside_of_margins(const std::string& words) {
  constexpr double kMargin = 14 / 25.4 * 72 - 1;
  int outside = 0;
  int seen = 0;
  const auto check = [&](const char* key, double least, double most) {
    for (std::size_t at = words.find(key); at != std::string::npos; at = words.find(key, at + 1)) {
      const double value = std::stod(words.substr(at + std::string_view(key).size()));
      ++seen;
      if (value < least || value > most) ++outside;
    }
  };
  check("xMin=\"", kMargin, 595 - kMargin);
  check("xMax=\"", kMargin, 595 - kMargin);
  check("yMin=\"", kMargin, 842 - kMargin);
  check("yMax=\"", kMargin, 842 - kMargin);
  return seen > 1000 ? outside : -1;
}

/// The page on which a word that begins so stands; 0: on none.
long page_of(const std::string& words, const std::string& word) {
  const std::size_t at = words.find(">" + word);
  if (at == std::string::npos) return 0;
  long pages = 0;
  for (std::size_t page = words.find("<page "); page < at; page = words.find("<page ", page + 1)) {
    ++pages;
  }
  return pages;
}

}  // namespace

TEST_CASE("a record becomes a report in each format and language", "[WS-65]") {
  const Machine machine;
  exported(machine, {});
  const auto report = [&](const char* format, std::vector<std::string> more) {
    more.insert(more.begin(),
                {"Casa Neri", machine.path("report"), "--number", "1", "--format", format});
    const Ran ran = machine.checklist("export", more);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return read_file(machine.path("report"));
  };
  CHECK(report("html", {}).starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  CHECK(report("markdown", {"--language", "it"}).starts_with("# Controllo mensile\n"));
  CHECK(report("csv", {}).starts_with("\"id\",\"group\""));
  CHECK(machine.checklist("export", {"Casa Neri", machine.path("x"), "--format", "html"}).code ==
        2);
  CHECK(machine
            .checklist("export", {"Casa Neri", machine.path("x"), "--number", "1", "--format",
                                  "html", "--language", "tlh"})
            .code == 1);
}

TEST_CASE("a browser shows a report without asking anybody, and prints it whole on A4", "[WS-65]") {
  const Machine machine;
  const Shown evil = show(machine, hostile_report(machine));
  CHECK(evil.said.find("CONSOLE") == std::string::npos);
  CHECK(evil.requested.find("constants") != std::string::npos);
  for (const char* scheme : {"http://", "https://"}) {
    CHECK(evil.requested.find(is_small_browser() ? scheme : "leak.invalid") == std::string::npos);
  }
  const std::string printed = read_file(evil.pdf);
  CHECK(printed.starts_with("%PDF"));
  CHECK(printed.find("/MediaBox [0 0 594.9") != std::string::npos);  // 210 mm
  CHECK(printed.find(" 841.9") != std::string::npos);                // 297 mm
  const Ran words = test::run_in_pipe({"pdftotext", "-bbox", evil.pdf, "-"});
  {
    INFO("pdftotext is needed; './dev setup' installs poppler-utils");
    REQUIRE(words.code == 0);
  }
  CHECK(outside_of_margins(words.out) == 0);
  for (int number = 0; number < 7; ++number) {
    const std::string mark = std::to_string(number);
    INFO("note " << number);
    CHECK(page_of(words.out, "begin" + mark) > 0);
    CHECK(page_of(words.out, "begin" + mark) == page_of(words.out, "end" + mark));
  }
  // The same browser tells of a page that does ask and does write: the checks above can fail.
  const Shown open =
      show(machine, "<script>console.log('here')</script><img src='http://leak.invalid/i'>");
  CHECK(open.said.find("CONSOLE") != std::string::npos);
  CHECK(open.requested.find("http://leak.invalid/i") != std::string::npos);
}

TEST_CASE("statistics of a simulated day are those of the simulation's own ledger", "[CM-16]") {
  const Machine machine;
  const std::string file = machine.path("day.csv");
  const Ran day = machine.weco({"simulate", "site:weco_smart", "--for", "1d", "--step", "60s",
                                "--telemetry", file, "--json"});
  REQUIRE(day.code == 0);
  const auto number = [](const std::string& json, const std::string& key) {
    const std::size_t at = json.find("\"" + key + "\":");
    REQUIRE(at != std::string::npos);
    return std::stod(json.substr(at + key.size() + 3));
  };
  const std::string tariff = machine.folder.file(
      "t.lua",
      "return { currency = \"EUR\", utc_offset = \"+00:00\", summer_time = \"none\", "
      "import_per_kWh = \"0.30\", export_per_kWh = \"0.08\" }");
  const std::vector<std::string> by_files = {"--telemetry", file, "--tariff", tariff};
  const auto statistics = [&](std::vector<std::string> more) {
    more.insert(more.begin(), by_files.begin(), by_files.end());
    const Ran ran = machine.checklist("statistics", more);
    INFO(ran.err);
    CHECK(ran.code == 0);
    return ran.out;
  };
  const std::string json = statistics({"--json"});
  for (const auto& [ours, theirs] :
       {std::pair{"production_kWh", "pv_kWh"}, std::pair{"consumption_kWh", "load_kWh"},
        std::pair{"charge_kWh", "charge_kWh"}, std::pair{"discharge_kWh", "discharge_kWh"},
        std::pair{"import_kWh", "import_kWh"}, std::pair{"export_kWh", "export_kWh"}}) {
    INFO(ours);
    CHECK(std::abs(number(json, ours) - number(day.out, theirs)) < 0.001);
  }
  CHECK(std::abs(number(json, "export_revenue") - number(day.out, "export_kWh") * 0.08) < 0.006);
  CHECK(statistics({"--format", "csv"}).starts_with("period,from,to,production_kWh"));
  CHECK(statistics({"--format", "html", "--language", "it"}).find("Ricavo") != std::string::npos);
  CHECK(statistics({"--by", "month"}).find("2026-01") != std::string::npos);
  const std::string all = statistics({"--by", "total"});
  CHECK(all.find("\ntotal") != std::string::npos);
  CHECK(all.find("\ntotal") == all.rfind("\ntotal"));
}

TEST_CASE("counters kept of a site become its statistics and travel with it", "[CM-16][WS-36]") {
  const Machine machine;
  exported(machine, {});
  const Ran one = machine.checklist("statistics", {"Casa Neri"});
  CHECK(one.code == 1);
  CHECK(one.err.find("Two readings of the counters are needed") != std::string::npos);
  CHECK(machine.checklist("statistics", {}).code == 2);
  CHECK(machine.checklist("statistics", {"Casa Neri", "--telemetry", "x.csv"}).code == 2);
  CHECK(machine.checklist("statistics", {"Casa Neri", "--since", "1st"}).code == 2);
  CHECK(machine.checklist("statistics", {"--telemetry", machine.path("none.csv")}).code == 1);
  REQUIRE(machine.checklist("export", {"Casa Neri", machine.path("site.json")}).code == 0);
  CHECK(read_file(machine.path("site.json")).find("energy_charged_total") != std::string::npos);
}

TEST_CASE("the evidence of a claim is one archive that is checked without this program",
          "[WS-30][WS-36]") {
  const Machine machine;
  exported(machine, {});
  const std::string log = machine.folder.file(
      "a log.csv", "time,soc_pct\n2026-01-01T00:00:00Z,50\n2026-01-01T00:10:00Z,5\n");
  const Ran ran = machine.checklist(
      "warranty", {"Casa Neri", "--produced", "2024-02-10", "--released", "9.9.9=2020-01-01",
                   "--telemetry", log, "--pack", machine.path("claim.tar")});
  INFO(ran.err);
  CHECK(ran.code == 10);
  CHECK(ran.out.find("outside_depth") != std::string::npos);
  CHECK(ran.out.find("2034-02-10") != std::string::npos);
  const Ran later = machine.checklist("warranty", {"Casa Neri", "--json"});
  CHECK(later.out.find("produced on 2024-02-10") != std::string::npos);
  CHECK(machine.checklist("warranty", {"Casa Neri", "--event", "3000-01-01"}).code == 2);
  const auto run = [&](std::vector<std::string> words) {
    const std::vector<std::string> there = {"env", "-C", machine.folder.path()};
    words.insert(words.begin(), there.begin(), there.end());
    return test::run_in_pipe(words);
  };
  REQUIRE(run({"tar", "-xf", "claim.tar"}).code == 0);
  CHECK(run({"sha256sum", "--strict", "-c", "SHA256SUMS"}).code == 0);
  CHECK(read_file(machine.path("logs/001-a_log.csv")) == read_file(log));
  INFO("minisign is needed; './dev setup' installs it");
  REQUIRE(installed("minisign"));
  CHECK(run({"minisign", "-V", "-p", "keys/pack.pub", "-m", "SHA256SUMS"}).code == 0);
  CHECK(
      run({"minisign", "-V", "-p", "records/00001-monthly.pub", "-m", "records/00001-monthly.json"})
          .code == 0);
}

TEST_CASE("keys are made, shown, trusted and never shown secretly", "[WS-65]") {
  const Machine machine;
  CHECK(machine.key("show", {}).err.find("no keys yet") != std::string::npos);
  const Ran made = machine.key("new", {"ann"});
  REQUIRE(made.code == 0);
  CHECK(machine.key("new", {"ann"}).code == 2);
  CHECK(machine.key("new", {"../ann"}).code == 2);
  const std::string secret = read_file(machine.path("weco/keys/ann.key"));
  const Ran shown = machine.key("show", {"--json"});
  CHECK(shown.out.find("\"name\":\"ann\",\"own\":true") != std::string::npos);
  CHECK(shown.out.find(secret.substr(secret.find('\n') + 1, 20)) == std::string::npos);
  CHECK(machine.key("trust", {"bob", machine.path("weco/keys/ann.key")}).code == 1);
}

TEST_CASE("a copy of the store is whole and replaces nothing", "[WS-36]") {
  const Machine machine;
  exported(machine, {});
  const std::string copy = machine.path("copy.db");
  CHECK(machine.checklist("backup", {copy}).code == 0);
  CHECK(read_file(copy).starts_with("SQLite format 3"));
  CHECK(machine.checklist("backup", {copy}).code == 2);
}

TEST_CASE("without room nothing is half-written, and what was there stays", "[TK-10][WS-36]") {
  const Machine machine;
  exported(machine, {});
  const auto squeezed = [&](const char* bytes, std::vector<std::string> words) {
    const std::vector<std::string> limit = {"prlimit", std::string("--fsize=") + bytes, WECO_BINARY,
                                            "checklist"};
    words.insert(words.begin(), limit.begin(), limit.end());
    const Ran ran = test::run_in_pipe(words, machine.setting());
    INFO(ran.err);
    CHECK(ran.code == 1);
    CHECK(ran.err.find("the disk is full, so nothing was written") != std::string::npos);
  };
  const std::string before = machine.checklist("list", {"--site", "Casa Neri", "--json"}).out;
  for (const char* bytes : {"8192", "40960", "131072"}) {
    squeezed(bytes, {"run", "monthly", "--site", "Casa Neri", "--operator", "Ann", "--device",
                     "sim:weco_smart", "--answers", machine.path("answers")});
  }
  CHECK(machine.checklist("list", {"--site", "Casa Neri", "--json"}).out == before);
  squeezed("65536", {"backup", machine.path("copy.db")});
  CHECK(read_file(machine.path("copy.db")).empty());
  CHECK(read_file(machine.path("copy.db.part")).empty());
}

TEST_CASE("without a place for records there is one clear sentence", "[TK-10]") {
  const Ran ran = test::weco({"checklist", "due"}, {.variables = {{"HOME", ""}}});
  CHECK(ran.code == 1);
  CHECK(ran.err.find("Set HOME or XDG_DATA_HOME") != std::string::npos);
  const Folder folder;
  const std::string plain = folder.file("plain", "x");
  const Ran closed = test::weco({"checklist", "due"}, {.variables = {{"XDG_DATA_HOME", plain}}});
  CHECK(closed.code == 1);
  CHECK(closed.err.find("Check the folder's rights") != std::string::npos);
}
