// SPDX-License-Identifier: Apache-2.0
// `weco key`: whose signatures count here. The secret half of a key is never printed.
#include <string>
#include <vector>

#include "cli/args.hpp"
#include "cli/context.hpp"
#include "cli/records_place.hpp"
#include "cli/render/grid.hpp"
#include "cli/render/json.hpp"
#include "cli/table/key.hpp"

namespace weco::cli {
namespace {

constexpr std::size_t kKeyFileMax = 4096;

void show(const std::vector<records::NamedKey>& keys, const Context& context) {
  JsonWriter json;
  json.begin_object().field("schema", "weco.keys/1").key("keys").begin_array();
  Grid grid({{"name"}, {"whose"}, {"id"}, {"public key"}});
  for (const records::NamedKey& named : keys) {
    const std::string id = proof::to_text(named.key.id);
    const std::string line = proof::key_line(named.key);
    grid.add({{named.name}, {named.own ? "yours" : "trusted"}, {id}, {line}});
    json.begin_object().field("name", named.name).field("own", named.own);
    json.field("id", id).field("key", line).end_object();
  }
  if (context.output.json()) {
    context.output.result(json.end_array().end_object().str());
  } else if (grid.empty()) {
    context.output.note("There are no keys yet. Make one with 'weco key new NAME'.");
  } else {
    context.output.result(grid.draw(0, context.output.color_out()));
  }
}

}  // namespace

Outcome<ExitCode> run_key_new(const Args& args, Context& context) {
  records::KeyFolder keys = open_keys(context);
  const std::string name(args.text("NAME"));
  const auto made = keys.make(name);
  if (!made) return Unexpected{made.error()};
  show({{name, *made, true}}, context);
  context.output.note("Give others " + keys.folder() + "/" + name +
                      ".pub, and tell them the id by voice or on paper.");
  return ExitCode::Done;
}

Outcome<ExitCode> run_key_show(const Args&, Context& context) {
  const auto keys = open_keys(context).list();
  if (!keys) return Unexpected{keys.error()};
  show(*keys, context);
  return ExitCode::Done;
}

Outcome<ExitCode> run_key_trust(const Args& args, Context& context) {
  const std::string file(args.text("FILE"));
  const auto text = records::read_whole(file, kKeyFileMax);
  if (!text) return Unexpected{text.error()};
  const auto key = proof::parse_public_key(*text, file);
  if (!key) return Unexpected{key.error()};
  const std::string name(args.text("NAME"));
  if (Done done = open_keys(context).trust(name, *key); !done) return Unexpected{done.error()};
  show({{name, *key, false}}, context);
  return ExitCode::Done;
}

}  // namespace weco::cli
