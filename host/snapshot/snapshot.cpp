// SPDX-License-Identifier: Apache-2.0
#include "host/snapshot/snapshot.hpp"

#include <charconv>
#include <set>

namespace weco {

const Reading* Snapshot::get(const PointRef& ref) const {
  const auto it = readings_.find(ref);
  return it == readings_.end() ? nullptr : &it->second;
}

void Snapshot::mark_stale(Instant now, Duration age) {
  for (auto& [ref, reading] : readings_) {
    if (now - reading.at > age) reading.quality = Quality::Stale;
  }
}

std::vector<NodePath> Snapshot::nodes() const {
  std::set<NodePath> found{NodePath{}};
  for (const auto& [ref, reading] : readings_) {
    for (NodePath path = ref.node; path.depth() > 0; path = path.parent()) found.insert(path);
  }
  return {found.begin(), found.end()};
}

std::optional<Decimal> Snapshot::number(const PointRef& ref) const {
  const Reading* r = get(ref);
  if (r == nullptr || r->kind != ValueKind::Number || r->quality == Quality::NotImplemented) {
    return std::nullopt;
  }
  return r->number;
}

std::optional<std::uint64_t> Snapshot::bits(const PointRef& ref) const {
  const Reading* r = get(ref);
  if (r == nullptr || r->quality == Quality::NotImplemented) return std::nullopt;
  if (r->kind == ValueKind::Number || r->kind == ValueKind::Text) return std::nullopt;
  return r->bits;
}

std::string Snapshot::text(const PointRef& ref) const {
  const Reading* r = get(ref);
  if (r == nullptr || r->kind != ValueKind::Text || r->quality == Quality::NotImplemented)
    return {};
  std::string_view text = r->text();
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  return std::string(text);
}

std::string Snapshot::identity(PointId id) const {
  for (const NodePath& node : nodes()) {
    std::string found = text({id, 0, node});
    if (!found.empty()) return found;
  }
  return {};
}

std::string to_text(const NodePath& path) {
  std::string text;
  for (std::size_t i = 0; i < path.depth(); ++i) {
    if (i > 0) text += '.';
    text += name(path[i].kind);
    text += '[' + std::to_string(path[i].number) + ']';
  }
  return text;
}

std::string to_text(const PointRef& ref) {
  std::string text = to_text(ref.node);
  if (!text.empty()) text += '.';
  text += info(ref.id).name;
  if (ref.index > 0) text += '[' + std::to_string(ref.index) + ']';
  return text;
}

namespace {

struct Part {
  std::string_view name;
  std::uint8_t number = 0;  // 0: none given
};

/// "module[3]" or "soc".
Result<Part> parse_part(std::string_view text) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos) return Part{text, 0};
  if (text.back() != ']') return fail(ErrorCode::BadInput);
  const std::string_view digits = text.substr(open + 1, text.size() - open - 2);
  Part part{text.substr(0, open), 0};
  const auto end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, part.number);
  if (error != std::errc{} || rest != end || part.number == 0) return fail(ErrorCode::OutOfRange);
  return part;
}

Result<NodeKind> find_node_kind(std::string_view text) {
  for (std::size_t i = 1; i < kNodeNames.size(); ++i) {
    if (kNodeNames[i] == text) return static_cast<NodeKind>(i);
  }
  return fail(ErrorCode::NotFound);
}

}  // namespace

Result<NodePath> parse_node_path(std::string_view text) {
  NodePath path;
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    const auto part = parse_part(text.substr(0, dot));
    if (!part) return Unexpected{part.error()};
    const auto kind = find_node_kind(part->name);
    if (!kind) return Unexpected{kind.error()};
    if (part->number == 0 || path.depth() == NodePath::kDepthMax) return fail(ErrorCode::BadInput);
    path = path.child(*kind, part->number);
    text = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  }
  return path;
}

Result<PointRef> parse_point_ref(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  PointRef ref;
  if (dot != std::string_view::npos) {
    const auto node = parse_node_path(text.substr(0, dot));
    if (!node) return Unexpected{node.error()};
    ref.node = *node;
    text.remove_prefix(dot + 1);
  }
  const auto part = parse_part(text);
  if (!part) return Unexpected{part.error()};
  const auto id = find_point(part->name);
  if (!id) return Unexpected{id.error()};
  if (part->number > info(*id).count) return fail(ErrorCode::OutOfRange);
  ref.id = *id;
  ref.index = part->number;
  return ref;
}

std::string name_with_unit(PointId id) {
  const PointInfo& row = info(id);
  std::string text(row.name);
  const std::string_view suffix = info(row.unit).suffix;
  if (!suffix.empty()) {
    text += '_';
    text += suffix;
  }
  return text;
}

}  // namespace weco
