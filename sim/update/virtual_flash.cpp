// SPDX-License-Identifier: Apache-2.0
#include "sim/update/virtual_flash.hpp"

#include <algorithm>

namespace weco::sim {

Done VirtualFlash::keep_in(const std::string& path) {
  {
    std::ifstream old(path, std::ios::binary | std::ios::ate);
    if (old && old.tellg() > 0) {
      if (static_cast<std::size_t>(old.tellg()) != bytes_.size()) {
        return failure(ErrorCode::BadInput, "the flash of the virtual device has another size",
                       path, "Name another file.");
      }
      old.seekg(0);
      old.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(bytes_.size()));
    } else {
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(bytes_.data()),
                 static_cast<std::streamsize>(bytes_.size()));
    }
  }
  file_.open(path, std::ios::binary | std::ios::in | std::ios::out);
  if (file_) return {};
  return failure(ErrorCode::IoError, "the flash of the virtual device cannot be kept", path,
                 "Check who may write there.");
}

void VirtualFlash::preload(std::uint32_t address, Bytes data) {
  std::copy(data.begin(), data.end(), bytes_.begin() + address);
  write_through(address, data.size());
}

void VirtualFlash::write_through(std::size_t address, std::size_t size) {
  if (!file_.is_open() || size == 0) return;
  file_.seekp(static_cast<std::streamoff>(address));
  file_.write(reinterpret_cast<const char*>(bytes_.data() + address),
              static_cast<std::streamsize>(size));
  file_.flush();
}

/// How many of `size` bytes this operation gets done.
std::size_t VirtualFlash::allowance(std::size_t size) {
  if (!powered_) return 0;
  if (operations_++ != cut_operation_) return size;
  powered_ = false;
  return std::min(cut_done_, size);
}

bool VirtualFlash::read(void* context, std::uint32_t address, MutableBytes into) {
  const auto& self = *static_cast<const VirtualFlash*>(context);
  if (!self.powered_ || address > self.bytes_.size() ||
      into.size() > self.bytes_.size() - address) {
    return false;
  }
  std::copy_n(self.bytes_.begin() + address, into.size(), into.begin());
  return true;
}

bool VirtualFlash::program(void* context, std::uint32_t address, Bytes data) {
  auto& self = *static_cast<VirtualFlash*>(context);
  if (address > self.bytes_.size() || data.size() > self.bytes_.size() - address) return false;
  const std::size_t size = self.allowance(data.size());
  for (std::size_t i = 0; i < size; ++i) {
    self.bytes_[address + i] = static_cast<std::uint8_t>(self.bytes_[address + i] & data[i]);
  }
  self.programmed_ += size;
  self.write_through(address, size);
  return self.powered_;
}

bool VirtualFlash::erase(void* context, std::uint32_t sector) {
  auto& self = *static_cast<VirtualFlash*>(context);
  if (sector >= self.geometry_.sector_count) return false;
  const std::size_t start = std::size_t{sector} * self.geometry_.sector_bytes;
  const std::size_t size = self.allowance(self.geometry_.sector_bytes);
  std::fill_n(self.bytes_.begin() + static_cast<std::ptrdiff_t>(start), size, std::uint8_t{0xFF});
  self.write_through(start, size);
  return self.powered_;
}

}  // namespace weco::sim
