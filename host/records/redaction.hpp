// SPDX-License-Identifier: Apache-2.0
// What must not leave with a support bundle: secrets, and what tells who somebody is. Each rule
// says what it takes and why; what was taken is counted by rule, so that a reader knows what is
// missing.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/failure/failure.hpp"

namespace weco::records {

enum class Redaction : std::uint8_t { Secret, Person, Home, Mail, Radio, Network, WifiRegisters };

struct RedactionRule {
  Redaction id;
  std::string_view name;
  std::string_view what;  // it takes, a clause
  std::string_view why;
};
inline constexpr std::array<RedactionRule, 7> kRedactionRules = {{
    {Redaction::Secret, "secret",
     "values of members called password, passphrase, psk, pin, secret, "
     "token, key, ssid and the like",
     "Whoever has them gets in."},
    {Redaction::Person, "person",
     "values of members called person, owner, customer, contact, phone, "
     "site and the like",
     "A battery is judged without knowing whose it is."},
    {Redaction::Home, "home", "the user's name in paths below /home and /Users",
     "It is often a person's name."},
    {Redaction::Mail, "mail", "addresses of e-mail", "They are a person's."},
    {Redaction::Radio, "radio", "the second half of Bluetooth and Ethernet addresses",
     "It tells one house from another; the first half, which tells the maker, stays."},
    {Redaction::Network, "network", "names and addresses of hosts in tcp: and udp: endpoints",
     "They may name a house or lead into its network."},
    {Redaction::WifiRegisters, "wifi_registers",
     "answers to reads of BLUETTI's registers 12000 to 12050 in recorded traffic",
     "Name and password of the WiFi lie there in clear."},
}};
/// Serial numbers, firmware and readings stay: without them nobody can help. No rule takes them.

class Redactor {
 public:
  /// A JSON text, JSON lines, or any other text; what is JSON is looked at by its members. BadInput
  /// for what is no text (a .pcapng): its packets cannot be looked through.
  Outcome<std::string> text(std::string_view content, const std::string& name);
  [[nodiscard]] std::uint64_t taken(Redaction rule) const {
    return taken_[static_cast<std::size_t>(rule)];
  }

 private:
  std::string line(std::string_view text);
  std::string plain(std::string_view text);
  template <class Json>
  std::string cleaned(Json value);
  template <class Json>
  void walk(Json& value);
  template <class Json>
  void take_wifi(Json& event);
  void count(Redaction rule) { ++taken_[static_cast<std::size_t>(rule)]; }

  std::array<std::uint64_t, kRedactionRules.size()> taken_{};
  bool secret_answers_ = false;  // what comes next answers a read of the WiFi's registers
};

}  // namespace weco::records
