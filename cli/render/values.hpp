// SPDX-License-Identifier: Apache-2.0
// One reading for people and for scripts. Every command shows values through these, so that a value
// looks the same in a table, a tree and JSON.
#pragma once

#include <string>

#include "cli/render/json.hpp"
#include "host/device/report.hpp"
#include "host/snapshot/snapshot.hpp"

namespace weco::cli {

/// "51.20 V", "peak shaving", "charge enable, discharge enable", "0x0010"; what the device does not
/// have is "-". Device text is not sanitized here.
std::string value_text(const Reading& reading);
/// The same without unit, for columns that carry it in their title.
std::string bare_value(const Reading& reading);
/// " (stale)" and the like for everything that is not simply good; else empty.
std::string quality_note(Quality quality);
/// The value as JSON: number with the wire's decimals, text, symbol, list of symbols, or null.
void write_value(JsonWriter& json, const Reading& reading);
/// The nodes of a snapshot as the array "nodes" of the published schemas.
void write_nodes(JsonWriter& json, const DeviceReport& report);
/// The object "device" of the published schemas.
void write_device(JsonWriter& json, const DeviceReport& report);
void write_findings(JsonWriter& json, const Findings& findings);
/// "inverter", "tower 1, module 3"; the device itself by its own kind.
std::string node_text(const NodePath& path, NodeKind root);
/// "temperature_low" as "temperature low".
std::string in_words(std::string_view symbol);

}  // namespace weco::cli
