// SPDX-License-Identifier: Apache-2.0
// All forms of operator new and delete on top of malloc, counted.
#include "tests/support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

std::size_t made = 0;
std::size_t freed = 0;

void* allocate(std::size_t size) noexcept {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory != nullptr) ++made;
  return memory;
}

void* allocate_aligned(std::size_t size, std::size_t alignment) noexcept {
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory != nullptr) ++made;
  return memory;
}

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) ++freed;
  std::free(memory);
}

}  // namespace

namespace weco::test {
std::size_t allocations_made() { return made; }
std::size_t allocations_live() { return made - freed; }
}  // namespace weco::test

using Size = std::size_t;
using Align = std::align_val_t;
using NoThrow = std::nothrow_t;

void* operator new(Size n) { return or_throw(allocate(n)); }
void* operator new[](Size n) { return or_throw(allocate(n)); }
void* operator new(Size n, const NoThrow&) noexcept { return allocate(n); }
void* operator new[](Size n, const NoThrow&) noexcept { return allocate(n); }
void* operator new(Size n, Align a) { return or_throw(allocate_aligned(n, Size(a))); }
void* operator new[](Size n, Align a) { return or_throw(allocate_aligned(n, Size(a))); }
void* operator new(Size n, Align a, const NoThrow&) noexcept {
  return allocate_aligned(n, Size(a));
}
void* operator new[](Size n, Align a, const NoThrow&) noexcept {
  return allocate_aligned(n, Size(a));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, Size) noexcept { release(p); }
void operator delete[](void* p, Size) noexcept { release(p); }
void operator delete(void* p, const NoThrow&) noexcept { release(p); }
void operator delete[](void* p, const NoThrow&) noexcept { release(p); }
void operator delete(void* p, Align) noexcept { release(p); }
void operator delete[](void* p, Align) noexcept { release(p); }
void operator delete(void* p, Size, Align) noexcept { release(p); }
void operator delete[](void* p, Size, Align) noexcept { release(p); }
