// SPDX-License-Identifier: Apache-2.0
// The rows of a profile made ready for a Modbus wire, both ways: which registers to read, what they
// mean, and what a device of that family answers. Rows are flattened once, sorted by address, so
// that decoding is a walk over small structs that allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "host/profile/profile.hpp"

namespace weco {

/// A stretch of one table that one request reads.
struct RegisterBlock {
  RegisterTable table = RegisterTable::Input;
  std::uint16_t first = 0;
  std::uint16_t count = 0;  // registers, or bits of Coil and Discrete
  friend bool operator==(const RegisterBlock&, const RegisterBlock&) = default;
};

class ModbusMap {
 public:
  /// `profile` must be of kind Modbus. Nothing of it is referred to afterwards.
  explicit ModbusMap(const Profile& profile);

  /// The reads of a snapshot, sorted, none longer than the family allows and none across registers
  /// that the family does not answer. Repeated groups appear as often as their counts in `known`
  /// say; a count that is not known yet counts as 0, so: read, ask again, until nothing is new.
  [[nodiscard]] std::vector<RegisterBlock> blocks(const ReadingSource& known) const;
  /// Where a point lies. NotFound when the map has no row for it.
  [[nodiscard]] Result<RegisterBlock> where(const PointRef& ref) const;
  /// Every point of the map with all groups at their largest, in order of address.
  [[nodiscard]] std::vector<PointRef> points() const;
  /// Whether the guard may let it be written at all.
  [[nodiscard]] bool writable(const PointRef& ref) const;

  /// Puts one reading for every row that lies wholly inside `block`. `data` is the block as on the
  /// wire: big-endian registers, or bits packed lowest first. Rows beyond `data` are left out.
  /// What a row only assumes is Assumed instead of Good. Where the row that proves a part has
  /// nothing, the rest of that part in this block is NotImplemented.
  /// Absent patterns become NotImplemented, values beyond the vocabulary OutOfRange. A set with
  /// bits that have no name is OutOfRange and keeps those that have one. Allocates nothing.
  void decode(RegisterBlock block, Bytes data, Instant at, ReadingSink& sink) const;

  /// The inverse of decode: the bytes of one value, rounded to the wire's resolution (half away
  /// from zero). Returns how many bytes were written (1 for a coil, its value in bit 0).
  /// NotFound: no row; OutOfRange: the type cannot hold it, or a writable row's range forbids it;
  /// Truncated: `out` is too small; BadInput: the reading is of another kind.
  Outcome<std::size_t> encode(const PointRef& ref, const Reading& value, MutableBytes out) const;

  /// What a device of this family answers to a read: `count` registers (or bits) into `out`.
  /// A value that the source does not have is answered with the row's own "absent" (text: zeros,
  /// f32: NaN). DeviceException with detail 2 when the stretch touches an address that no row
  /// covers (gaps of at most gap_max between rows answer 0) or cuts a value in two; detail 4 when a
  /// value is missing or does not fit and the row has no "absent"; a community map answers 0
  /// there, as the devices do for what they do not have. Allocates nothing.
  Status serve(RegisterTable table, std::uint16_t first, std::uint16_t count,
               const ReadingSource& values, MutableBytes out) const;

 private:
  struct Row;       // one value at one absolute address, as decoding needs it
  struct Rule;      // what only writing and planning need of the same row
  struct Instance;  // one repetition of a group
  enum class Fit : std::uint8_t { Fits, Missing, WrongKind, DoesNotFit };

  void add_row(const ProfileRow& row, const PointRef& ref, std::uint32_t address,
               std::uint32_t instance);
  void sort_rows();
  [[nodiscard]] std::vector<bool> active(const ReadingSource& known) const;
  [[nodiscard]] std::size_t first_at(RegisterTable table, std::uint32_t address) const;
  [[nodiscard]] const Row* row_of(const PointRef& ref) const;
  void decode_number(const Row& row, std::uint64_t wire, Reading& reading) const;
  void decode_f32(const Row& row, std::uint32_t wire, Reading& reading) const;
  void decode_coded(const Row& row, std::uint64_t wire, Reading& reading) const;
  void decode_integer(const Row& row, std::uint64_t wire, Reading& reading) const;
  [[nodiscard]] bool border_between(std::uint32_t first, std::uint32_t last) const;
  void decode_text(const Row& row, Bytes data, Reading& reading) const;
  Fit put_text(const Row& row, const Reading& value, MutableBytes out) const;
  [[nodiscard]] bool is_absent(const Row& row, std::uint64_t wire) const;
  Fit wire_of(const Row& row, const Reading& value, std::uint64_t& wire) const;
  Fit wire_number(const Row& row, const Reading& value, std::int64_t& number) const;
  Fit wire_coded(const Row& row, const Reading& value, std::uint64_t& wire) const;
  [[nodiscard]] bool absent_wire(const Row& row, std::uint64_t& wire) const;
  Fit put_value(const Row& row, const Reading* value, MutableBytes out) const;
  void put_wire(const Row& row, std::uint64_t wire, MutableBytes out) const;
  Status serve_row(const Row& row, std::uint16_t first, const ReadingSource& values,
                   MutableBytes out) const;

 public:
  ~ModbusMap();
  ModbusMap(ModbusMap&&) noexcept;
  ModbusMap& operator=(ModbusMap&&) noexcept;
  ModbusMap(const ModbusMap&) = delete;
  ModbusMap& operator=(const ModbusMap&) = delete;

 private:
  std::vector<Row> rows_;              // by table, then address
  std::vector<Rule> rules_;            // beside rows_
  std::vector<std::uint32_t> by_ref_;  // positions in rows_, by PointRef
  std::vector<Instance> instances_;    // of all groups, parents first
  std::vector<WireSymbol> symbols_;    // rows have slices of it
  std::vector<std::uint64_t> absents_;
  std::vector<std::uint16_t> borders_;
  std::array<std::uint32_t, 5> table_begin_{};
  std::uint16_t registers_per_read_max_;
  std::uint16_t gap_max_;
  bool low_word_first_;
  bool text_low_byte_first_;
  bool zero_for_missing_;
};

}  // namespace weco
