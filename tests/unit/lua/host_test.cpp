// SPDX-License-Identifier: Apache-2.0
// Scripts as a whole, with a world made for the test: what their header promises, what they may
// touch, how they wait, and what a mistake in them looks like.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/points/vocabulary.hpp"
#include "lua/modules/host.hpp"
#include "lua/modules/json.hpp"
#include "sim/timeline/timeline.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/lua/spent.hpp"

using namespace weco;
using namespace weco::lua;

namespace {

Reading number(std::string_view name, Decimal value) {
  Reading reading;
  reading.ref = *parse_point_ref(name);
  reading.number = value;
  return reading;
}

/// What devices were asked for, and what came of it.
struct Calibrations {
  std::vector<CalibrationOrder> wanted;
  int begun = 0;
  bool stopped = false;
};

/// Answers after its latency; "silent" never does. A calibration at "stop" is stopped by a person.
class TestDevice final : public ScriptDevice {
 public:
  TestDevice(Reactor& reactor, std::string place, Duration latency, Calibrations& calibrations)
      : reactor_(reactor),
        place_(std::move(place)),
        latency_(latency),
        calibrations_(calibrations) {}
  Outcome<Value> calibrate(const CalibrationOrder& order, const Agree& agree) override {
    calibrations_.wanted.push_back(order);
    if (Done agreed = agree("It takes hours.", "May it begin?"); !agreed) {
      return Unexpected{agreed.error()};
    }
    ++calibrations_.begun;
    if (place_ != "test:stop") return Value::of(std::string("calibrated"));
    calibrations_.stopped = true;
    return failure(ErrorCode::Interrupted, "watching the charge", place_);
  }
  void read(std::vector<PointRef>, Duration patience, Answer done) override {
    busy_ = true;
    const bool silent = place_ == "test:silent";
    reactor_.at(reactor_.now() + (silent ? patience : latency_), [this, silent, done] {
      busy_ = false;
      if (silent) return done(failure(ErrorCode::Timeout, "reading", place_));
      DeviceReport report;
      report.endpoint = place_;
      report.snapshot.put(number("soc", {768, -1}));
      report.snapshot.put(number("pack_current", {-35, -1}));
      report.snapshot.put(number("module_count", {4, 0}));
      report.snapshot.put(number("tower[1].module[2].cell_voltage[1]", {3345, -3}));
      report.snapshot.put(number("tower[1].module[2].cell_voltage[2]", {3351, -3}));
      Reading absent = number("soh", {0, 0});
      absent.quality = Quality::NotImplemented;
      report.snapshot.put(absent);
      done(std::move(report));
    });
  }
  [[nodiscard]] bool busy() const override { return busy_; }
  [[nodiscard]] std::string endpoint() const override { return place_; }
  [[nodiscard]] std::string family() const override { return "weco_smart"; }

 private:
  Reactor& reactor_;
  std::string place_;
  Duration latency_;
  Calibrations& calibrations_;
  bool busy_ = false;
};

class TestWorld final : public World {
 public:
  explicit TestWorld(Reactor& reactor) : reactor_(reactor) {}
  Reactor& reactor() override { return reactor_; }
  void open(const OpenRequest& request, Opened done) override {
    ++opened;
    if (request.device == "test:none") {
      return done(failure(ErrorCode::NotFound, "there is no such port", request.device));
    }
    done(std::make_unique<TestDevice>(reactor_, request.device, latency, calibrations));
  }
  void scan(const std::vector<std::string>&, Scanned done) override { done(Value::table()); }
  Outcome<std::unique_ptr<ScriptSite>> simulate(const Value&) override {
    return failure(ErrorCode::Unsupported, "no sites here");
  }
  Outcome<Value> describe(const DeviceReport& report) override {
    Value value = Value::table();
    value.set("points", Value::of(static_cast<std::int64_t>(report.snapshot.readings().size())));
    return value;
  }
  /// Looks, asks, and notes what it was asked for.
  Outcome<Value> flash(const FlashOrder& order, const FlashParty& party) override {
    flashed += order.image + " by";
    for (const std::string& key : order.keys) flashed += " " + key;
    if (auto report = party.look(); !report) return Unexpected{std::move(report).error()};
    if (Done agreed = party.agree("It switches off."); !agreed) return Unexpected{agreed.error()};
    flashed += " at " + order.console;
    return Value::of(std::string("confirmed"));
  }
  Outcome<Value> check(Argument::Type, const std::string& text) override {
    if (text == "nobody") return failure(ErrorCode::NotFound, "'nobody' is not configured");
    return Value::of(text);
  }
  [[nodiscard]] bool stopped() const override { return calibrations.stopped; }
  int opened = 0;
  Calibrations calibrations;
  std::string flashed;
  Duration latency = Duration::ms(50);

 private:
  Reactor& reactor_;
};

class TestPerson final : public Person {
 public:
  Outcome<Value> ask(const Argument& question,
                     const std::function<Outcome<Value>(const std::string&)>& take) override {
    if (const auto at = answers.find(question.name); at != answers.end()) return take(at->second);
    if (!question.preset.is(Value::Kind::Nil)) return question.preset;
    return failure(ErrorCode::BadUsage, "nobody is there to answer '" + question.name + "'");
  }
  void say(const std::string& text) override { said += text + "\n"; }
  void table(const Value& rows) override { said += *write_json(rows) + "\n"; }
  void progress(const std::string&, std::uint64_t, std::uint64_t) override {}
  std::map<std::string, std::string> answers;
  std::string said;
};

struct Bench {
  sim::Timeline reactor;
  TestWorld world{reactor};
  TestPerson person;
  HostOptions options;

  Outcome<std::unique_ptr<ScriptHost>> load(std::string_view text) {
    static constexpr std::string_view kTaken[] = {"json", "help"};
    options.taken = kTaken;
    return ScriptHost::load({"test", "test.lua", std::string(text)}, world, person, options);
  }
  /// The body of run() and its result as JSON, or the failure as text.
  std::string run(std::string_view body, std::string_view head = "") {
    const std::string text = "return { purpose = \"Test.\", " + std::string(head) +
                             "\nrun = function(arguments) " + std::string(body) + " end }";
    auto host = load(text);
    if (!host) return host.error().where + " " + host.error().what;
    Value arguments = Value::table();
    auto result = (*host)->run(arguments);
    if (!result) return result.error().where + " " + result.error().what;
    return *write_json(*result);
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a mistake in a script's header is named with its line", "[LUA]") {
  Bench bench;
  const auto refused = [&](std::string_view text, std::string_view where, std::string_view part) {
    const auto host = bench.load(text);
    INFO(text);
    REQUIRE_FALSE(host.has_value());
    CHECK(host.error().where == where);
    INFO(host.error().what);
    CHECK(has(host.error().what + " " + host.error().hint, part));
  };
  refused("return 5", "test.lua:1", "must return a table");
  refused("return {\n  purpose = \"x.\",\n  argument = {},\n}", "test.lua:3", "arguments");
  refused("return {\n  purpose = \"x.\",\n}", "test.lua:1", "needs 'run'");
  refused("return { run = function() end }", "test.lua:1", "purpose");
  refused("return { purpose = \"x.\",\n rights = { \"wirte\" }, run = 1 }", "test.lua:2", "read");
  refused("return { purpose = \"x.\",\n\n run = 1 }", "test.lua:3", "function");
  refused("return { purpose = \"x.\", arguments = {\n { name = \"a\", type = \"txt\" } } }",
          "test.lua:2", "text");
  refused(
      "return { purpose = \"x.\", arguments = {\n { name = \"limit\", type = \"number\", "
      "unit = \"A\" } } }",
      "test.lua:2", "limit_A");
  refused("return { purpose = \"x.\", arguments = {\n { name = \"json\" } } }", "test.lua:2",
          "another name");
  refused("return { purpose = \"x.\", arguments = { { name = \"a\" },\n { name = \"a\" } } }",
          "test.lua:2", "two arguments");
  refused("local x = \nreturn {}", "test.lua:2", "unexpected symbol");
  refused("\nlocal x = nothing.y\nreturn {}", "test.lua:2", "'nothing' is not defined");
  refused("\27Lua", "test.lua:1", "");
  CHECK(bench.world.opened == 0);
}

TEST_CASE("arguments are checked before anything is touched, and a misspelt name is corrected",
          "[LUA]") {
  Bench bench;
  const auto host = bench.load(R"(#!/usr/bin/env -S weco run
return { purpose = "Test.",
  arguments = {
    { name = "device", type = "device" },
    { name = "limit_A", type = "number", unit = "A", min = 1, max = 20, default = 10 },
    { name = "side", type = "choice", choices = { "left", "right" }, optional = true },
    { name = "deep", type = "switch" },
    { name = "more", type = "whole", many = true, optional = true },
  },
  run = function(arguments) return arguments end }
)");
  INFO((host ? std::string() : host.error().what));
  REQUIRE(host.has_value());
  const Header& header = (*host)->header();
  const Check check = [&](Argument::Type type, const std::string& text) {
    return bench.world.check(type, text);
  };
  const auto read = [&](std::vector<std::string> words) {
    auto values = read_arguments(header, words, check);
    if (!values) return values.error().what + " | " + values.error().hint;
    const Argument* missing = missing_argument(header, *values);
    if (missing != nullptr) return "missing " + missing->name;
    std::sort(values->entries.begin(), values->entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return *write_json(*values);
  };
  CHECK(read({"roof"}) == R"({"deep":false,"device":"roof","limit_A":10})");
  CHECK(read({"roof", "5"}) == R"({"deep":false,"device":"roof","limit_A":5})");
  CHECK(read({"--limit-A=1.5", "roof", "left", "1", "2", "--deep"}) ==
        R"({"deep":true,"device":"roof","limit_A":1.5,"more":[1,2],"side":"left"})");
  CHECK(read({"--limit_A", "1", "--", "roof"}) == R"({"deep":false,"device":"roof","limit_A":1})");
  CHECK(read({}) == "missing device");
  CHECK(has(read({"nobody"}), "not configured"));
  CHECK(has(read({"roof", "0.9"}), "a number from 1 to 20 A"));
  CHECK(has(read({"roof", "20.1"}), "a number from 1 to 20 A"));
  CHECK(has(read({"roof", "nan"}), "a number from 1 to 20 A"));
  CHECK(has(read({"roof", "--limti_A", "5"}), "Did you mean '--limit_A'?"));
  CHECK(has(read({"roof", "5", "lefd"}), "left"));
  CHECK(has(read({"roof", "5", "left", "1.5"}), "a whole number"));
  CHECK(has(read({"roof", "--device", "x"}), "given twice"));
  CHECK(has(read({"roof", "--side"}), "needs a value"));
  CHECK(bench.world.opened == 0);
}

TEST_CASE("a device is read by the names of the vocabulary, with units where they are keys",
          "[LUA]") {
  Bench bench;
  const std::string open = "local d = assert(weco.open('test:a')) ";
  CHECK(bench.run(open + "return d:read('soc')") == "76.8");
  CHECK(bench.run(open + "return d:read('soc_pct')") == "76.8");
  CHECK(bench.run(open + "return d:read('module_count')") == "4");
  CHECK(bench.run(open + "return d:read('tower[1].module[2].cell_voltage')") == "[3.345,3.351]");
  CHECK(bench.run(open + "return d:read('tower[1].module[2].cell_voltage[2]')") == "3.351");
  CHECK(bench.run(open + "return d:read_many { 'soc', 'pack_current_A', 'soh' }") ==
        R"({"pack_current_A":-3.5,"soc_pct":76.8})");
  CHECK(bench.run(open + "return d:snapshot().points") == "6");
  CHECK(bench.run(open + "return d:points()[1].name") == "\"module_count\"");
  CHECK(bench.run(open + "return { d.endpoint, d.family }") == R"(["test:a","weco_smart"])");
  CHECK(has(bench.run(open + "return d:read('scc')"), "no point 'scc'"));
  CHECK(has(bench.run(open + "return d:raed('soc')"), "no 'raed'"));
  CHECK(has(bench.run(open + "return d.read('soc')"), "no device that is open"));
  CHECK(has(bench.run(open + "d:close() return d:read('soc')"), "no device that is open"));
}

TEST_CASE("what the world does wrong is nil and a reason, what the script does wrong stops it",
          "[LUA]") {
  Bench bench;
  CHECK(bench.run("local d, e = weco.open('test:none') return { e.code, e.message }") ==
        R"(["not_found","there is no such port"])");
  CHECK(bench.run("local d = weco.open('test:silent') local v, e = d:read('soc') "
                  "return { v == nil, e.code, e.hint ~= nil }") == R"([true,"timeout",true])");
  CHECK(bench.run("local d = weco.open('test:a') local v, e = d:read('soh') "
                  "return { v == nil, e.code }") == R"([true,"not_found"])");
  // asserted and not caught: the line of the script, the device and the sentence
  const std::string text = bench.run("\nlocal d = assert(weco.open('test:none'))");
  CHECK(has(text, "test.lua:3"));
  CHECK(has(text, "there is no such port (test:none)"));
  CHECK(has(bench.run("\n\nlocal d = weco.open('test:none') return d:read('soc')"),
            "test.lua:4 attempt to index a nil value"));
}

TEST_CASE("a script without the right to read opens nothing", "[LUA]") {
  Bench bench;
  CHECK(has(bench.run("return weco.open('test:a')", "rights = {},"), "no right"));
  CHECK(has(bench.run("return weco.scan()", "rights = {},"), "no right"));
  CHECK(bench.world.opened == 0);
  // nor does a header that has not been read yet
  const auto early = bench.load("weco.open('test:a') return { purpose = \"x.\", run = 1 }");
  REQUIRE_FALSE(early.has_value());
  CHECK(has(early.error().what, "the world is not there yet"));
  CHECK(bench.world.opened == 0);
}

namespace {

std::string flash_call(std::string_view options = "{ key = 'k.pem', console = 'tty:1' }") {
  return "local d = weco.open('test:a') local done, why = d:flash('a.bin', " +
         std::string(options) + ") return done or { why.message, why.hint }";
}
constexpr std::string_view kMayFlash = "rights = { 'read', 'flash' },";

}  // namespace

TEST_CASE("no firmware reaches a device without the right of the header, whatever was typed",
          "[LUA][WS-34]") {
  for (const bool agreed : {false, true}) {
    for (const std::string_view head : {"", "rights = { 'read', 'records', 'write:soc_min' },"}) {
      Bench bench;
      bench.options.agreed = agreed;
      bench.person.answers["flash"] = "yes";
      CHECK(bench.run(flash_call(), head) ==
            "[\"the script has no right to change firmware\",\"Write in its header: rights = { "
            "\\\"read\\\", \\\"flash\\\" }.\"]");
      CHECK(bench.world.flashed.empty());
    }
  }
}

TEST_CASE("firmware is installed when the person has heard of it and agrees, and not otherwise",
          "[LUA][WS-34]") {
  Bench bench;
  const std::string alone = bench.run(flash_call(), kMayFlash);
  CHECK(has(alone, "Agree with --yes, answer 'flash' in a file"));
  CHECK(has(bench.person.said, "It switches off."));
  bench.person.answers["flash"] = "no";
  CHECK(has(bench.run(flash_call(), kMayFlash), "did not agree"));
  CHECK_FALSE(has(bench.world.flashed, " at "));
  bench.person.answers["flash"] = "yes";
  CHECK(bench.run(flash_call("{ key = { 'k.pem', 'l.pem' }, console = 'tty:1' }"), kMayFlash) ==
        "\"confirmed\"");
  CHECK(has(bench.world.flashed, "a.bin by k.pem l.pem at tty:1"));
  bench.person.answers.clear();
  bench.person.said.clear();
  bench.options.agreed = true;
  CHECK(bench.run(flash_call(), kMayFlash) == "\"confirmed\"");
  CHECK(has(bench.person.said, "It switches off."));  // said, though nobody is asked
}

TEST_CASE("firmware is not installed beside other work, nor without a key or a console", "[LUA]") {
  Bench bench;
  bench.options.agreed = true;
  const std::string beside =
      "return weco.parallel({ 1 }, function() " + flash_call() + " end)[1].error.message";
  CHECK(has(bench.run(beside, kMayFlash), "device:flash works outside of weco.parallel only"));
  CHECK(has(bench.run(flash_call("{ console = 'tty:1' }"), kMayFlash), "whose signature"));
  CHECK(has(bench.run(flash_call("{ key = {}, console = 'x' }"), kMayFlash), "whose signature"));
  CHECK(has(bench.run(flash_call("{ key = { {} }, console = 'x' }"), kMayFlash), "path of a file"));
  CHECK(has(bench.run(flash_call("{ key = 'k.pem' }"), kMayFlash), "takes firmware"));
  CHECK(has(bench.run(flash_call("{ kye = 'k.pem' }"), kMayFlash), "'kye'"));
  CHECK(bench.world.flashed.empty());
  const std::string silent =
      "local d = weco.open('test:silent') local done, why = d:flash('a.bin', "
      "{ key = 'k.pem', console = 'x' }) return why.code";
  CHECK(bench.run(silent, kMayFlash) == "\"timeout\"");
}

TEST_CASE("a calibration is handed the rights of the header, and begins when somebody agrees",
          "[LUA][WS-13]") {
  Bench bench;
  const std::string body =
      "local d = weco.open('test:a') local done, why = d:calibrate { set = true } "
      "return done or { why.message, why.hint }";
  const std::string alone = bench.run(body);
  CHECK(has(alone, "Agree with --yes, answer 'calibrate' in a file"));
  CHECK(has(bench.person.said, "It takes hours."));
  CHECK(bench.world.calibrations.begun == 0);
  CHECK(bench.world.calibrations.wanted.back().granted.empty());
  bench.person.answers["calibrate"] = "no";
  CHECK(has(bench.run(body), "did not agree"));
  CHECK(bench.world.calibrations.begun == 0);
  bench.person.answers["calibrate"] = "yes";
  CHECK(bench.run(body, "rights = { 'read', 'write:soc_max' },") == "\"calibrated\"");
  const CalibrationOrder& order = bench.world.calibrations.wanted.back();
  CHECK((order.set && !order.plan && !order.resume));
  REQUIRE(order.granted.size() == 1);
  CHECK(order.granted[0] == point("soc_max"));
  bench.options.agreed = true;
  bench.person.answers.clear();
  CHECK(bench.run("return weco.open('test:a'):calibrate()") == "\"calibrated\"");
  CHECK_FALSE(bench.world.calibrations.wanted.back().set);
}

TEST_CASE(
    "a calibration is not begun beside other work, and a person who stops one stops the script",
    "[LUA][WS-13]") {
  Bench bench;
  bench.options.agreed = true;
  CHECK(has(bench.run("return weco.parallel({ 1 }, function() return "
                      "weco.open('test:a'):calibrate() end)[1].error.message"),
            "device:calibrate works outside of weco.parallel only"));
  CHECK(has(bench.run("return weco.open('test:a'):calibrate { sett = true }"), "'sett'"));
  CHECK(has(bench.run("return weco.open('test:a'):calibrate { set = 'yes' }"), "boolean"));
  CHECK(bench.world.calibrations.wanted.empty());
  const std::string said = bench.run(
      "pcall(function() weco.open('test:stop'):calibrate() end) for i = 1, 1e7 do end "
      "return 'went on'");
  CHECK(bench.world.calibrations.stopped);
  CHECK_FALSE(has(said, "went on"));
}

TEST_CASE("a script touches no file that its header does not name", "[LUA]") {
  Bench bench;
  const std::string_view body =
      "local _, why = weco.files.read('/etc/hostname') "
      "local done, wrong = weco.files.write('/tmp/x', '') "
      "return { why.message, why.hint, done == nil, wrong.message, weco.files.list('/') == nil }";
  for (const std::string_view head :
       {"", "rights = { 'read' },", "rights = { 'files:reports' },"}) {
    const std::string said = bench.run(body, head);
    INFO(said);
    CHECK(has(said,
              "[\"the script has no right to this file\",\"Write in its header: rights = { "
              "\\\"files:/etc\\\" }.\",true,\"the script has no right to this file\",true]"));
  }
  CHECK(has(bench.run("return 1", "rights = { 'files:../x' },"), "without '..'"));
  CHECK(has(bench.run("return 1", "rights = { 'files:/' },"), "the right to all files"));
}

TEST_CASE("devices read in parallel take the time of the slowest, in the order of the items",
          "[LUA]") {
  Bench bench;
  bench.world.latency = Duration::s(2);
  const std::string body =
      "local list = {} for i = 1, 200 do list[i] = 'test:' .. i end "
      "local results = weco.parallel(list, function(place) "
      "  local d = assert(weco.open(place)) "
      "  local soc = assert(d:read('soc')) "
      "  return d.endpoint .. ' ' .. soc end) "
      "return { #results, results[7].value, results[200].value }";
  const Instant begun = bench.reactor.now();
  CHECK(bench.run(body) == R"([200,"test:7 76.8","test:200 76.8"])");
  CHECK((bench.reactor.now() - begun).to_ms() == 2000);
  // a failed item does not stop the others, and a limit is kept
  const Instant again = bench.reactor.now();
  CHECK(bench.run("local r = weco.parallel({ 'test:1', 'test:none', 'test:3' }, function(place) "
                  "  local d, e = weco.open(place) if not d then return nil, e end "
                  "  if place == 'test:3' then error('no') end "
                  "  return d:read('soc') end, { limit = 1 }) "
                  "return { r[1].value, r[2].error.code, r[3].value == nil }") ==
        R"([76.8,"not_found",true])");
  CHECK((bench.reactor.now() - again).to_ms() == 2000);
  CHECK(bench.run("local r = weco.parallel({ 3, 1, 2 }, function(s) time.sleep(s) "
                  "return time.elapsed_s() end) return { r[1].value, r[2].value, r[3].value }") ==
        "[3,1,2]");
}

TEST_CASE("a device is watched at its interval until the script has seen enough", "[LUA]") {
  Bench bench;
  const std::string open = "local d = assert(weco.open('test:a')) ";
  Instant begun = bench.reactor.now();
  CHECK(bench.run(open + "local n = 0 local looks = weco.watch(d, { 'soc' }, function(values) "
                         "n = n + values.soc_pct end, { interval_s = 10, count = 3 }) "
                         "return { looks, n }") == "[3,230.39999999999998]");
  CHECK((bench.reactor.now() - begun).to_ms() == 20050);
  CHECK(bench.run(open + "return weco.watch(d, { 'soc' }, function() return false end)") == "1");
  CHECK(bench.run("local d = assert(weco.open('test:silent')) local why "
                  "weco.watch(d, { 'soc' }, function(values, problem) why = problem.code "
                  "return values ~= nil end) return why") == "\"timeout\"");
  CHECK(has(bench.run(open + "weco.watch(d, { 'soc' }, print_)"), "not defined"));
  CHECK(has(bench.run(open + "weco.watch(d, { 'soc' }, tostring, { interval_s = 0 })"), "0.1"));
  CHECK(has(bench.run("weco.watch({}, { 'soc' }, tostring)"), "no device that is open"));
}

TEST_CASE("waiting gives a script a fresh budget, computing does not", "[LUA]") {
  Bench bench;
  bench.options.limits.instructions = 200000;
  CHECK(bench.run("for i = 1, 40 do for k = 1, 10000 do end time.sleep(1) end return 'done'") ==
        "\"done\"");
  CHECK(has(bench.run("for i = 1, 40 do for k = 1, 100000 do end end return 'done'"),
            "more than 200000 instructions"));
}

TEST_CASE("an interruption ends a script that waits again and again, whatever it catches",
          "[LUA]") {
  Bench bench;
  int looks = 0;
  bench.options.interrupted = [&] { return ++looks > 5000; };
  CHECK(has(bench.run("while true do pcall(function() while true do time.sleep(1) end end) end"),
            "interrupted"));
  looks = 0;
  CHECK(has(bench.run("while true do weco.parallel({1, 2, 3}, function() while true do "
                      "pcall(time.sleep, 1) end end) end"),
            "interrupted"));
}

TEST_CASE("questions are checked by what they ask for", "[LUA]") {
  Bench bench;
  bench.person.answers = {{"side", "left"}, {"torque_Nm", "12"}, {"Closed?", "yes"}, {"n", "x"}};
  CHECK(bench.run("return ui.choose { name = 'side', text = 'Side?', choices = { 'left', 'right' } "
                  "}") == "\"left\"");
  CHECK(bench.run("return ui.confirm('Closed?')") == "true");
  CHECK(bench.run("return ui.ask { name = 'free', default = 'mains' }") == "\"mains\"");
  CHECK(has(bench.run("return ui.ask { name = 'n', type = 'whole' }"), "not what it must be"));
  CHECK(has(bench.run("return ui.ask { name = 'other' }"), "nobody is there"));
  CHECK(has(bench.run("return ui.ask { nmae = 'other' }"), "no 'nmae'"));
  CHECK(bench.run("return ui.form { title = 'Tower', fields = { { name = 'side' } } }") ==
        R"({"side":"left"})");
  CHECK(bench.run("ui.say('%d modules', 4) ui.table { { a = 1 } }") == "null");
  CHECK(bench.person.said == "Tower\n4 modules\n[{\"a\":1}]\n");
}

TEST_CASE("a step gives plain data, and one that fails was none", "[LUA]") {
  Bench bench;
  CHECK(bench.run("return weco.step('a', {}, function() return { 1, b = nil }, 2 end)") == "[1]");
  CHECK(bench.run("return { weco.step('a', {}, function() end) == nil }") == "[true]");
  const auto fails = [&](std::string_view body, std::string_view says) {
    INFO(body);
    CHECK(bench.run(body).find(says) != std::string::npos);
  };
  fails("weco.step('a', {}, function() weco.step('b', {}, function() end) end)",
        "weco.step: 'b' begins inside of the step 'a'");
  fails("for _ = 1, 2 do weco.step('a', {}, function() end) end",
        "weco.step: there was a step 'a' already");
  fails("weco.step('a', { 1, nil, 3 }, function() end)", "hole");
  fails("weco.step('a', {}, function() return function() end end)", "function");
  fails("weco.step('a', {})", "weco.step: the function");
  fails("return weco.parallel({ 1 }, function() weco.step('a', {}, function() end) end)[1].error",
        "weco.step works outside of weco.parallel only");
  CHECK(bench.run("pcall(weco.step, 'a', {}, function() error('no') end) "
                  "return weco.step('b', {}, function() return 7 end)") == "7");
}

TEST_CASE("json, csv, time and stats compute what they say", "[LUA]") {
  Bench bench;
  CHECK(bench.run(R"(return json.decode('{"a":[1,2.5,"\\u00e9"],"b":true,"c":null}'))") ==
        "{\"a\":[1,2.5,\"\xC3\xA9\"],\"b\":true}");
  CHECK(bench.run("return json.encode { 1, 'a\"', { x = 0.1 } }") ==
        R"("[1,\"a\\\"\",{\"x\":0.1}]")");
  CHECK(bench.run("local v, e = json.decode('[1,') return e.code") == "\"bad_input\"");
  CHECK(has(bench.run("return json.encode { f = function() end }"), "function"));
  CHECK(bench.run(R"(return csv.decode('name,site\r\n"Rossi, Ann",A\nBo,"say ""hi"""\n'))") ==
        R"([{"name":"Rossi, Ann","site":"A"},{"name":"Bo","site":"say \"hi\""}])");
  CHECK(bench.run("return csv.encode({ { a = 1, b = 'x;\"y' } }, { 'b', 'a' }, "
                  "{ separator = ';' })") == R"("b;a\n\"x;\"\"y\";1\n")");
  CHECK(bench.run("local v, e = csv.decode('a\\n\"x') return e.message") ==
        "\"row 2 of the CSV has a quotation mark out of place\"");
  CHECK(bench.run("return time.text(1767225600)") == "\"2026-01-01T00:00:00Z\"");
  CHECK(bench.run("return time.text(951868799)") == "\"2000-02-29T23:59:59Z\"");
  CHECK(bench.run("time.sleep(2.5) return time.elapsed_s()") == "2.5");
  CHECK(bench.run("local l = { 4, 1, 3, 2 } return { stats.min(l), stats.max(l), stats.mean(l), "
                  "stats.median(l), stats.spread(l), stats.sum(l), l[1] }") ==
        "[1,4,2.5,2.5,3,10,4]");
  CHECK(bench.run("return stats.deviation { 2, 4, 4, 4, 5, 5, 7, 9 } - 2.138 < 0.001") == "true");
  CHECK(bench.run("return stats.mean {}") == "null");
}

namespace {

// Every script returns normally only when it got what it wanted.
constexpr std::string_view kAttempts[] = {
    "weco = {}",
    "weco.open = nil",
    "ui.say = print",
    "return weco.native",
    "return native",
    "return owner.raw",
    "return _ENV.native",
    "local _ENV = weco return native",
    "return getmetatable(weco).__index",
    "return setmetatable(weco, {})",
    "return rawget(weco, 'native').open",
    "return weco.open({})",
    "return weco.open('test:a', { faimly = 'x' })",
    "return weco.open('test:a', { unit = 300 })",
    "return weco.open('test:a', { unit = 0/0 })",
    "local d = weco.open('test:a') d.read = nil",
    "local d = weco.open('test:a') d.endpoint = 'x'",
    "local d = weco.open('test:a') return getmetatable(d).__index",
    "local d = weco.open('test:a') return setmetatable(d, {}) ",
    "local d = weco.open('test:a') return d.close({})",
    "local d = weco.open('test:a') d:close() d:close()",
    "local d = weco.open('test:a') return d:read_many({})",
    "local d = weco.open('test:a') return assert(d:flash('/etc/passwd', { key = 'k', console = 'c' "
    "}))",
    "local d = weco.open('test:a') return d:flash({}, {})",
    "local d = weco.open('test:a') return d:flash('x', { journal = '/etc/passwd' })",
    "local d = weco.open('test:a') d.flash = nil",
    "local d = weco.open('test:a') return assert(d:log())",
    "local d = weco.open('test:a') return assert(d:log { console = '/dev/tty' })",
    "local d = weco.open('test:a') return d:log { limit = 0/0 }",
    "local d = weco.open('test:a') return d:log { since = {} }",
    "local d = weco.open('test:a') return d:log { file = 'x' }",
    "local d = weco.open('test:a') return d:read_many({ 1 })",
    "local d = weco.open('test:a') return d:read(('x'):rep(100000))",
    "local d = weco.open('test:a') local l = {} for i = 1, 300 do l[i] = 'soc' end "
    "return d:read_many(l)",
    "return weco.parallel({ 1 }, weco)",
    "return weco.parallel({ 1 }, function() return weco.parallel({ 1 }, tostring) "
    "end)[1].value[1]",
    "return weco.parallel({ 1 }, function() coroutine.yield({}, 1) end)[1].value.x",
    "return weco.parallel({ 1 }, function() coroutine.yield() end)[1].value.x",
    "return weco.parallel({ 1, 2 }, tostring, { limit = 0 })",
    "return weco.parallel({ 1 }, function() while true do end end)",
    "return weco.parallel({ 1 }, function() while true do pcall(error) end end)",
    "while true do pcall(weco.open, 'test:none') pcall(error, 'x') end",
    "local l = {} while true do l[#l + 1] = assert(weco.open('test:a')) end",
    "ui.say({})",
    "ui.say('%d', 'x')",
    "ui.say(('x'):rep(1 << 30))",
    "return ui.ask { type = 'shell' }",
    "return ui.choose { choices = {} }",
    "return ui.form { fields = { {} } }",
    "return json.decode(('['):rep(100000))['x']",
    "return json.decode('[1e999]')[1]",
    "local t = {} t[1] = t return json.encode(t)",
    "return json.encode(0/0)",
    "return json.encode({ 1, nil, 3 })",
    "return json.encode(setmetatable({}, { __index = error }))[1].x",
    "return csv.decode('a', { separator = 'x' })",
    "return csv.decode('a', { separator = ']' })",
    "return csv.encode({ {} }, { {} })[1].x",
    "return time.sleep(-1)",
    "return time.sleep(1/0)",
    "return time.sleep(0/0)",
    "return time.text(1/0)",
    "return stats.mean({ 'x' })",
    "return stats.median(1)",
    "return assert(weco.files.read('/etc/passwd'))",
    "return assert(weco.files.read('../../etc/passwd'))",
    "return assert(weco.files.list('.'))",
    "return assert(weco.files.write('x', 'x'))",
    "return weco.files.read({})",
    "return weco.files.write('x')",
    "return assert(weco.files.read('/tmp/..'))",
    "return assert(weco.files.read('/proc/self/environ'))",
    "return assert(weco.files.write('/dev/shm/x', 'x'))",
    "return assert(weco.files.read('reports\0/../x'))",
    "return assert(weco.files.list(('x/'):rep(100000)))",
    "weco.files.read = nil",
    "return weco.files.native",
    "return require('lib.secret')",
    "return require('..etc.passwd')",
    "return print('x')",
    "return arguments.x.y",
    "arguments = nil weco = arguments",
};

}  // namespace

TEST_CASE("no attempt to leave the sandbox through what scripts are given succeeds", "[LUA]") {
  static_assert(std::size(kAttempts) >= 60);
  for (const std::string_view attempt : kAttempts) {
    INFO(attempt);
    Bench bench;
    bench.options.limits = {3'000'000, std::size_t{32} << 20U};
    auto host = bench.load("return { purpose = \"x.\", run = function(arguments) " +
                           std::string(attempt) + " end }");
    const std::int64_t begun = test::spent_ms();
    bool refused = !host;
    if (host) refused = !(*host)->run(Value::table());
    CHECK(refused);
    CHECK(test::spent_ms() - begun < test::kAttemptMost_ms);
  }
}
