// SPDX-License-Identifier: Apache-2.0
// Links that come back. Gateways close what was quiet for a while, adapters are unplugged and
// plugged in again; who watches a site wants to see it again afterwards. What is under way when the
// link breaks fails, and so does everything until it is there again; it is opened again with
// growing pauses for as long as this lives.
#pragma once

#include <functional>
#include <memory>

#include "host/link/back_off.hpp"
#include "host/link/link.hpp"
#include "host/reactor/reactor.hpp"

namespace weco {

/// Opens the link again and hands over what became of it, at once or later from the reactor. The
/// broken one is gone by then: an adapter gets its old name only when nobody holds it any more.
template <class Link>
using Reopen = std::function<void(std::function<void(Outcome<std::unique_ptr<Link>>)>)>;

std::unique_ptr<ByteLink> lasting_link(Reactor& reactor, std::unique_ptr<ByteLink> first,
                                       Reopen<ByteLink> reopen, BackOff back_off = {});
std::unique_ptr<FrameLink> lasting_link(Reactor& reactor, std::unique_ptr<FrameLink> first,
                                        Reopen<FrameLink> reopen, BackOff back_off = {});

}  // namespace weco
