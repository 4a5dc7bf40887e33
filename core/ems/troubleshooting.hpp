// SPDX-License-Identifier: Apache-2.0
// What to look at, in which order, when a person complains about an EP760 (EP-18). One row a
// question; the rows of a complaint are asked in turn, the first "no" is the cause, and when all
// are well the vendor's service is next. Source: EP760 manual, chapter 12 (questions 1 to 4, 9, 11
// to 13); the wording is ours.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weco::ems {

enum class Complaint : std::uint8_t {
  NoBluetooth,
  NoRemoteAccess,
  NoBackupOutput,
  DoesNotStart,
  NoSolarCharging,
  NoGridCharging,
  WrongStateOfCharge,  // EP-15
  BreakerTrips,        // EP-20
};
inline constexpr std::size_t kComplaints = 8;

/// What can be answered with yes or no. A bit of Answers each.
enum class Fact : std::uint8_t {
  ControllerLights,
  AppMayUseBluetooth,
  BluetoothOn,
  AppMayUseLocation,
  WifiConfigured,
  WifiPassword,
  WifiBand,
  AcSwitchOn,
  PacksUsable,
  StartTimeOver,
  PvSwitchOn,
  PvCablesSound,
  NoPvMessage,
  GridChargingOn,
  ScheduleSet,
  TwoFullCycles,
};
inline constexpr std::size_t kFacts = 16;

struct Answers {
  std::uint16_t known = 0;
  std::uint16_t yes = 0;
  constexpr void set(Fact fact, bool holds) {
    const auto bit = static_cast<std::uint16_t>(1U << static_cast<unsigned>(fact));
    known = static_cast<std::uint16_t>(known | bit);
    yes = static_cast<std::uint16_t>(holds ? yes | bit : yes & ~bit);
  }
};

struct TroubleRow {
  Complaint complaint;
  Fact fact;
  std::string_view question;  // well when answered with yes; empty: ask nothing, call service
  std::string_view remedy;    // when answered with no
};

inline constexpr std::string_view kControllerAsk =
    "Is the IoT controller's top light on, and do its two lower lights flash in turn?";
inline constexpr std::string_view kControllerDo = "Seat the IoT controller again.";
// The count is written out because GCC 12 puts arrays whose type is deduced into RAM.
inline constexpr std::array<TroubleRow, 18> kTroubles{{
    {Complaint::NoBluetooth, Fact::ControllerLights, kControllerAsk, kControllerDo},
    {Complaint::NoBluetooth, Fact::AppMayUseBluetooth, "May the app use the phone's Bluetooth?",
     "Allow it in the phone's settings."},
    {Complaint::NoBluetooth, Fact::BluetoothOn, "Is the phone's Bluetooth on?", "Turn it on."},
    {Complaint::NoBluetooth, Fact::AppMayUseLocation, "May the app use the phone's location?",
     "Allow it in the phone's settings."},
    {Complaint::NoRemoteAccess, Fact::ControllerLights, kControllerAsk, kControllerDo},
    {Complaint::NoRemoteAccess, Fact::WifiConfigured, "Has the system been given a WiFi network?",
     "Set it up in the app."},
    {Complaint::NoRemoteAccess, Fact::WifiPassword, "Is the network's password right?",
     "Enter it again."},
    {Complaint::NoRemoteAccess, Fact::WifiBand, "Is the network in the 2.4 GHz band?",
     "Offer a 2.4 GHz network."},
    {Complaint::NoBackupOutput, Fact::AcSwitchOn, "Is the switch AC on in the app?", "Turn it on."},
    {Complaint::NoBackupOutput, Fact::PacksUsable, "Have the packs charge left, or do they charge?",
     "Charge the packs; the output stays off until then."},
    {Complaint::DoesNotStart, Fact::StartTimeOver, "Have three minutes passed since the start?",
     "Wait; a start takes up to three minutes."},
    {Complaint::NoSolarCharging, Fact::PvSwitchOn, "Is the PV switch on?", "Turn it on."},
    {Complaint::NoSolarCharging, Fact::PvCablesSound, "Are panels and PV cables connected well?",
     "Have the connections mended."},
    {Complaint::NoSolarCharging, Fact::NoPvMessage, "Is the app free of messages about PV?",
     "Follow the message's own advice."},
    {Complaint::NoGridCharging, Fact::GridChargingOn, "Is Charge from Grid on in the app?",
     "Turn it on in the advanced settings."},
    {Complaint::NoGridCharging, Fact::ScheduleSet, "Is a charging schedule set for this time?",
     "Set one."},
    {Complaint::WrongStateOfCharge, Fact::TwoFullCycles,
     "Have two complete charge and discharge cycles been done?", "Do them; they recalibrate it."},
    {Complaint::BreakerTrips, Fact::PacksUsable, "", "Leave the breaker open; never reset it."},
}};

enum class AdviceKind : std::uint8_t {
  Ask,          // put the row's question
  Do,           // the row's remedy
  CallService,  // nothing is left to look at; with a row: do only its remedy
};
struct Advice {
  AdviceKind kind = AdviceKind::CallService;
  const TroubleRow* row = nullptr;  // null: nothing left
};
/// The next thing to ask or to do.
Advice next_advice(Complaint complaint, const Answers& answers);

}  // namespace weco::ems
