// SPDX-License-Identifier: Apache-2.0
#include "host/link/endpoint.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "host/failure/nearest.hpp"

namespace weco {
namespace {

constexpr std::int64_t kBaudMax = 4000000;
constexpr std::int64_t kUnitMax = 247;  // Modbus over Serial Line V1.02, 2.2
constexpr std::uint16_t kModbusPort = 502;
constexpr std::uint16_t kSmpPort = 1337;  // SMP over UDP, Zephyr's default
constexpr std::size_t kInterfaceNameMax = 15;
constexpr std::size_t kBleNameMax = 248;  // Bluetooth Core 5.4, the longest device name

constexpr EndpointOption kBaud{"baud", "bit/s", 300, kBaudMax, {}, "speed of the line"};
constexpr EndpointOption kParity{"parity", {}, 0, 0, "none|even|odd", "parity bit of the line"};
constexpr EndpointOption kData{"data", "bit", 7, 8, {}, "data bits of a character"};
constexpr EndpointOption kStop{"stop", "bit", 1, 2, {}, "stop bits of a character"};
constexpr EndpointOption kUnit{"unit", {}, 1, kUnitMax, {}, "Modbus address of the device"};
constexpr EndpointOption kTcpUnit{"unit", {}, 0, 255, {}, "Modbus unit of the device"};
constexpr EndpointOption kFraming{"framing", {}, 0, 0, "rtu|tcp", "how Modbus frames are packed"};
constexpr EndpointOption kTimeout{"timeout", "ms", 10, 60000, {}, "patience for the connection"};

constexpr EndpointOption kKeepAlive{"keepalive", {},       0,
                                    0,           "yes|no", "send an inverter's 0x305 each second"};

constexpr std::array kSerialOptions = {kBaud, kParity, kData, kStop, kUnit};
constexpr std::array kSlcanOptions = {
    EndpointOption{"bitrate",
                   {},
                   0,
                   0,
                   "10k|20k|50k|100k|125k|250k|500k|800k|1M",
                   "speed of the CAN bus in bit/s"},
    EndpointOption{"listen", {}, 0, 0, "yes|no", "only listen, never acknowledge"}, kKeepAlive,
    kBaud};
constexpr std::array kCanOptions = {kKeepAlive};
constexpr std::array kBleOptions = {
    EndpointOption{"adapter", {}, 0, 0, "hci0|hci1|hci2|hci3", "Bluetooth adapter of this machine"},
    EndpointOption{"service", {}, 0, 0, "bluetti|uart", "GATT service that carries the bytes"},
    EndpointOption{"pair", {}, 0, 0, "yes|no", "pair with the device first"}, kUnit};
constexpr std::array kTcpOptions = {kTcpUnit, kFraming, kTimeout};
constexpr std::array kUdpOptions = {kTcpUnit, kFraming};
constexpr std::array kPtyOptions = {kBaud, kParity, kData, kStop, kUnit};
constexpr std::array kSimOptions = {
    EndpointOption{"seed", {}, 0, INT64_MAX, {}, "seed of everything random"}, kTcpUnit};
constexpr std::array kReplayOptions = {
    EndpointOption{"speed", {}, 0, 0, "instant|recorded", "how fast the recording plays"}};

constexpr std::array kSchemes = {
    EndpointScheme{Scheme::Serial, "serial", "PATH", "serial:/dev/ttyUSB0?baud=9600",
                   "a serial port or USB adapter", kSerialOptions},
    EndpointScheme{Scheme::Slcan, "slcan", "PATH", "slcan:/dev/ttyACM0?bitrate=500k",
                   "a CAN adapter that speaks SLCAN over a serial port", kSlcanOptions},
    EndpointScheme{Scheme::Can, "can", "INTERFACE", "can:can0", "a CAN interface of Linux",
                   kCanOptions},
    EndpointScheme{Scheme::Ble, "ble", "ADDRESS|NAME", "ble:C0:FF:EE:00:12:34",
                   "a Bluetooth Low Energy device", kBleOptions},
    EndpointScheme{Scheme::Tcp, "tcp", "HOST[:PORT]", "tcp:192.0.2.5:502",
                   "a TCP server; for a scan also a network, 192.0.2.0/24", kTcpOptions},
    EndpointScheme{Scheme::Udp, "udp", "HOST[:PORT]", "udp:192.0.2.5:1337", "a UDP server",
                   kUdpOptions},
    EndpointScheme{Scheme::Pty, "pty", "PATH", "pty:/tmp/tower", "a pseudo-terminal that is served",
                   kPtyOptions},
    EndpointScheme{Scheme::Sim, "sim", "FAMILY", "sim:weco_smart", "a simulated device",
                   kSimOptions},
    EndpointScheme{Scheme::Replay, "replay", "FILE", "replay:site.log", "recorded traffic",
                   kReplayOptions},
    EndpointScheme{Scheme::Loop, "loop", "NAME", "loop:a", "a wire inside this program", {}},
};
static_assert(static_cast<std::size_t>(Scheme::Loop) + 1 == kSchemes.size());

/// Where parsing stands; makes errors that name the column.
struct Cursor {
  std::string_view text;
  [[nodiscard]] Unexpected<Failure> error(std::size_t at, std::string what,
                                          std::string hint) const {
    return failure(ErrorCode::BadUsage, std::move(what),
                   "'" + shown(text) + "' column " + std::to_string(at + 1), std::move(hint));
  }
  /// The text as it may be printed: control characters would reach a terminal.
  static std::string shown(std::string_view raw) {
    constexpr std::size_t kShownMax = 120;
    std::string out;
    for (const char c : raw.substr(0, kShownMax)) {
      out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
    }
    return raw.size() > kShownMax ? out + "..." : out;
  }
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Undoes %XX. Control characters are refused written out and encoded.
Outcome<std::string> decode(const Cursor& cursor, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t at = begin; at < end; ++at) {
    char c = cursor.text[at];
    const std::size_t first = at;
    if (c == '%') {
      const int high = at + 1 < end ? hex_digit(cursor.text[at + 1]) : -1;
      const int low = at + 2 < end ? hex_digit(cursor.text[at + 2]) : -1;
      if (high < 0 || low < 0) {
        return cursor.error(at, "'%' is not followed by two hexadecimal digits",
                            "Write a percent sign as %25.");
      }
      c = static_cast<char>(high * 16 + low);
      at += 2;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return cursor.error(first, "a control character stands in the endpoint", "Remove it.");
    }
    out.push_back(c);
  }
  return out;
}

std::string encode(std::string_view text, std::string_view reserved) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (c != '%' && reserved.find(c) == std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHex[byte >> 4], kHex[byte & 15U]});
  }
  return out;
}

std::string all_names() {
  std::string names;
  for (const EndpointScheme& each : kSchemes) {
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return names;
}

std::string allowed_values(const EndpointOption& option) {
  if (option.choices.empty()) {
    return std::to_string(option.low) + " to " + std::to_string(option.high) +
           (option.unit.empty() ? "" : " " + std::string(option.unit));
  }
  std::string list(option.choices);
  for (std::size_t at = list.find('|'); at != std::string::npos; at = list.find('|', at)) {
    list.replace(at, 1, ", ");
  }
  return list;
}

std::string allowed_keys(const EndpointScheme& scheme) {
  std::string list;
  for (const EndpointOption& each : scheme.options) {
    list += (list.empty() ? "" : ", ") + std::string(each.key);
  }
  return list;
}

std::string canonical_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t end = std::min(choices.find('|'), choices.size());
    const std::string_view each = choices.substr(0, end);
    if (each.size() == value.size() &&
        std::equal(each.begin(), each.end(), value.begin(), [](char a, char b) {
          return std::tolower(static_cast<unsigned char>(a)) ==
                 std::tolower(static_cast<unsigned char>(b));
        })) {
      return std::string(each);
    }
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return {};
}

/// The canonical spelling of a value, or empty when it is not allowed.
std::string canonical_value(const EndpointOption& option, std::string_view value) {
  if (!option.choices.empty()) return canonical_choice(option.choices, value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) return {};
  if (number < option.low || number > option.high) return {};
  return std::to_string(number);
}

Outcome<const EndpointScheme*> parse_scheme(const Cursor& cursor) {
  const std::size_t colon = cursor.text.find(':');
  if (colon == std::string_view::npos) {
    return cursor.error(0, "an endpoint begins with its kind and a colon",
                        "Write for example serial:/dev/ttyUSB0 or tcp:192.0.2.5:502.");
  }
  const std::string_view name = cursor.text.substr(0, colon);
  std::array<std::string_view, kSchemes.size()> names;
  for (std::size_t i = 0; i < kSchemes.size(); ++i) {
    if (kSchemes[i].name == name) return &kSchemes[i];
    names[i] = kSchemes[i].name;
  }
  const std::string_view near = nearest(name, names);
  return cursor.error(0, "'" + Cursor::shown(name) + "' is no kind of endpoint",
                      near.empty() ? "Allowed are " + all_names() + "."
                                   : "Did you mean '" + std::string(near) + "'?");
}

Done parse_option(const Cursor& cursor, const EndpointScheme& scheme, std::size_t begin,
                  std::size_t end, Endpoint& endpoint) {
  const std::string_view item = cursor.text.substr(begin, end - begin);
  const std::size_t equals = item.find('=');
  const std::string_view key = item.substr(0, std::min(equals, item.size()));
  const auto option = std::find_if(scheme.options.begin(), scheme.options.end(),
                                   [&](const EndpointOption& each) { return each.key == key; });
  if (option == scheme.options.end()) {
    std::vector<std::string_view> keys;
    for (const EndpointOption& each : scheme.options) keys.push_back(each.key);
    const std::string_view near = nearest(key, keys);
    std::string hint = scheme.options.empty() ? std::string(scheme.name) + " has no options."
                       : near.empty()         ? "Allowed are " + allowed_keys(scheme) + "."
                                              : "Did you mean '" + std::string(near) + "'?";
    return cursor.error(begin,
                        "'" + Cursor::shown(key) + "' is no option of " + std::string(scheme.name),
                        std::move(hint));
  }
  if (equals == std::string_view::npos) {
    return cursor.error(end, std::string(key) + " needs a value",
                        "Write " + std::string(key) + "=VALUE, " + allowed_values(*option) + ".");
  }
  const Outcome<std::string> raw = decode(cursor, begin + equals + 1, end);
  if (!raw) return Unexpected<Failure>{raw.error()};
  if (endpoint.option(key)) {
    return cursor.error(begin, std::string(key) + " is given twice", "Give it once.");
  }
  std::string value = canonical_value(*option, *raw);
  if (value.empty()) {
    return cursor.error(begin + equals + 1,
                        "'" + Cursor::shown(*raw) + "' is no value for " + std::string(key),
                        "Allowed: " + allowed_values(*option) + ".");
  }
  endpoint.options.emplace_back(std::string(key), std::move(value));
  return {};
}

Done parse_options(const Cursor& cursor, const EndpointScheme& scheme, std::size_t begin,
                   Endpoint& endpoint) {
  while (begin <= cursor.text.size()) {
    const std::size_t end = std::min(cursor.text.find('&', begin), cursor.text.size());
    if (Done done = parse_option(cursor, scheme, begin, end, endpoint); !done) return done;
    begin = end + 1;
  }
  const auto rank = [&](const auto& pair) {
    return std::find_if(scheme.options.begin(), scheme.options.end(),
                        [&](const EndpointOption& each) { return each.key == pair.first; });
  };
  std::sort(endpoint.options.begin(), endpoint.options.end(),
            [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return {};
}

Done parse_port(const Cursor& cursor, std::size_t at, std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (whole && port != 0) return {};
  return cursor.error(at, "'" + Cursor::shown(text) + "' is no port", "Allowed: 1 to 65535.");
}

/// HOST, HOST:PORT, IPv6 as [ADDRESS] or [ADDRESS]:PORT.
Done parse_host(const Cursor& cursor, std::size_t at, Endpoint& endpoint) {
  endpoint.port = endpoint.scheme == Scheme::Tcp ? kModbusPort : kSmpPort;
  const std::string whole = std::move(endpoint.place);
  const std::size_t close = whole.find(']');
  if (whole.front() != '[') {
    const std::size_t colon = whole.find(':');
    endpoint.place = whole.substr(0, colon);
    if (std::count(whole.begin(), whole.end(), ':') > 1) {
      return cursor.error(at, "an IPv6 address stands in brackets", "Write [::1]:502.");
    }
    if (endpoint.place.empty()) return cursor.error(at, "the host is missing", "Name a host.");
    if (colon == std::string::npos) return {};
    return parse_port(cursor, at + colon + 1, std::string_view(whole).substr(colon + 1),
                      endpoint.port);
  }
  if (close == std::string::npos || close == 1) {
    return cursor.error(at, "the IPv6 address is empty or has no closing bracket",
                        "Write [::1]:502.");
  }
  endpoint.place = whole.substr(1, close - 1);
  if (close + 1 == whole.size()) return {};
  if (whole[close + 1] != ':') {
    return cursor.error(at + close + 1, "after the bracket a colon and a port may follow",
                        "Write [::1]:502.");
  }
  return parse_port(cursor, at + close + 2, std::string_view(whole).substr(close + 2),
                    endpoint.port);
}

/// "C0:FF:EE:00:12:34", in capitals. Anything else is a name, but for an address with a slip.
Done parse_ble_address(const Cursor& cursor, std::size_t at, Endpoint& endpoint) {
  constexpr std::size_t kAddressSize = 17;
  std::string& place = endpoint.place;
  const bool colon = place.find(':') != std::string::npos;
  const bool dashed = std::count(place.begin(), place.end(), '-') == 5;
  if (!colon && !dashed && place.size() <= kBleNameMax) return {};
  bool good = place.size() == kAddressSize;
  for (std::size_t i = 0; good && i < place.size(); ++i) {
    good = i % 3 == 2 ? place[i] == ':' : hex_digit(place[i]) >= 0;
    place[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(place[i])));
  }
  if (good) return {};
  return cursor.error(at, "this is no Bluetooth address",
                      "Write six pairs of hexadecimal digits, C0:FF:EE:00:12:34, or the name that "
                      "the device advertises.");
}

Done check_place(const Cursor& cursor, std::size_t at, Endpoint& endpoint) {
  const std::string& place = endpoint.place;
  const EndpointScheme& scheme = scheme_info(endpoint.scheme);
  if (place.empty() && endpoint.scheme != Scheme::Ble) {
    return cursor.error(at, "after the colon " + std::string(scheme.place) + " is missing",
                        "Write for example " + std::string(scheme.example) + ".");
  }
  switch (endpoint.scheme) {
    case Scheme::Tcp:
    case Scheme::Udp:
      return parse_host(cursor, at, endpoint);
    case Scheme::Ble:
      return parse_ble_address(cursor, at, endpoint);
    case Scheme::Can:
      if (place.size() <= kInterfaceNameMax && place.find('/') == std::string::npos) return {};
      return cursor.error(at, "this is no name of a network interface",
                          "Linux allows 15 characters without a slash: can0.");
    default:
      return {};
  }
}

}  // namespace

std::span<const EndpointScheme> endpoint_schemes() { return kSchemes; }

const EndpointScheme& scheme_info(Scheme scheme) {
  return kSchemes[static_cast<std::size_t>(scheme)];
}

std::optional<std::string_view> Endpoint::option(std::string_view key) const {
  for (const auto& [name, value] : options) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::int64_t Endpoint::number(std::string_view key, std::int64_t otherwise) const {
  const std::optional<std::string_view> value = option(key);
  if (!value) return otherwise;
  std::int64_t number = otherwise;
  std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

LineSettings Endpoint::line_settings() const {
  LineSettings settings;
  settings.bits_per_second = static_cast<std::uint32_t>(number("baud", settings.bits_per_second));
  settings.data_bits = static_cast<std::uint8_t>(number("data", settings.data_bits));
  settings.stop_bits = static_cast<std::uint8_t>(number("stop", settings.stop_bits));
  const std::string_view parity = option("parity").value_or("none");
  if (parity == "even") settings.parity = LineSettings::Parity::Even;
  if (parity == "odd") settings.parity = LineSettings::Parity::Odd;
  return settings;
}

std::optional<std::uint8_t> Endpoint::unit() const {
  if (!option("unit")) return std::nullopt;
  return static_cast<std::uint8_t>(number("unit", 0));
}

std::optional<Framing> Endpoint::framing() const {
  const std::optional<std::string_view> value = option("framing");
  if (!value) return std::nullopt;
  return *value == "rtu" ? Framing::Rtu : Framing::Tcp;
}

Outcome<Endpoint> parse_endpoint(std::string_view text) {
  const Cursor cursor{text};
  if (text.size() > kEndpointTextMax) {
    return cursor.error(kEndpointTextMax, "the endpoint is too long",
                        "At most " + std::to_string(kEndpointTextMax) + " characters.");
  }
  const Outcome<const EndpointScheme*> scheme = parse_scheme(cursor);
  if (!scheme) return Unexpected<Failure>{scheme.error()};
  Endpoint endpoint;
  endpoint.scheme = (*scheme)->scheme;
  const std::size_t begin = (*scheme)->name.size() + 1;
  const std::size_t question = std::min(text.find('?', begin), text.size());
  const Outcome<std::string> place = decode(cursor, begin, question);
  if (!place) return Unexpected<Failure>{place.error()};
  endpoint.place = *place;
  if (const Done good = check_place(cursor, begin, endpoint); !good) {
    return Unexpected<Failure>{good.error()};
  }
  if (question < text.size()) {
    const Done good = parse_options(cursor, **scheme, question + 1, endpoint);
    if (!good) return Unexpected<Failure>{good.error()};
  }
  return endpoint;
}

std::string format(const Endpoint& endpoint) {
  const EndpointScheme& scheme = scheme_info(endpoint.scheme);
  std::string text = std::string(scheme.name) + ":";
  if (endpoint.port == 0) {
    text += encode(endpoint.place, "?");
  } else {
    const bool bracket = endpoint.place.find(':') != std::string::npos;
    text += bracket ? "[" + encode(endpoint.place, "?") + "]" : encode(endpoint.place, "?");
    text += ":" + std::to_string(endpoint.port);
  }
  char separator = '?';
  for (const auto& [key, value] : endpoint.options) {
    text += separator + key + "=" + encode(value, "&");
    separator = '&';
  }
  return text;
}

}  // namespace weco
