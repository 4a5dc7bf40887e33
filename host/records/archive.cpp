// SPDX-License-Identifier: Apache-2.0
#include "host/records/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "host/proof/digest.hpp"
#include "host/records/exchange.hpp"
#include "host/text/utc.hpp"

namespace weco::records {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kNameMax = 99;

constexpr std::string_view kReadMe =
    "Evidence of the battery storage site named in site.json.\n\n"
    "  warranty.json         what the terms of the warranty were judged by, each with its basis\n"
    "  site.json             the whole site as one signed file\n"
    "  records/              each record, and its signature by whoever did the work\n"
    "  attachments/          photos and logs of the records, named by their SHA-256\n"
    "  logs/                 logs that were added\n"
    "  keys/                 the public keys of the signers\n"
    "  SHA256SUMS            digests of all of these files\n"
    "  SHA256SUMS.minisig    signature over that list, by keys/pack.pub\n\n"
    "To check it with the tools of any Debian, and without the program that made it:\n\n"
    "  minisign -V -p keys/pack.pub -m SHA256SUMS && sha256sum -c SHA256SUMS\n"
    "  for f in records/*.json; do minisign -V -p \"${f%.json}.pub\" -m \"$f\"; done\n\n"
    "Each record holds the SHA-256 of the record before it, the first one zeros. Compare the keys\n"
    "with what their holders say: a signature proves who signed only to those who know the key.\n";

void put_octal(std::string& block, std::size_t at, std::size_t width, std::uint64_t value) {
  const std::string digits = fmt::format("{:0{}o}", value, width - 1);
  block.replace(at, digits.size(), digits);
}

std::string header(const ArchiveFile& file, std::int64_t at) {
  std::string block(kBlock, '\0');
  block.replace(0, file.name.size(), file.name);
  put_octal(block, 100, 8, 0644);
  put_octal(block, 108, 8, 0);
  put_octal(block, 116, 8, 0);
  put_octal(block, 124, 12, file.content.size());
  put_octal(block, 136, 12, static_cast<std::uint64_t>(std::max<std::int64_t>(0, at)));
  block.replace(148, 8, 8, ' ');  // the checksum counts as blanks
  block[156] = '0';
  block.replace(257, 5, "ustar");
  block.replace(263, 2, "00");
  const auto sum = std::accumulate(
      block.begin(), block.end(), std::uint64_t{0},
      [](std::uint64_t total, char c) { return total + static_cast<unsigned char>(c); });
  put_octal(block, 148, 7, sum);
  return block;
}

Done add_records(std::vector<ArchiveFile>& files, store::Store& store, const store::Site& site) {
  const auto records = store.records(site.id);
  if (!records) return Unexpected{records.error()};
  for (const store::RecordRow& record : *records) {
    const auto sealed = sealed_record(store, record);
    if (!sealed) return Unexpected{sealed.error()};
    const std::string stem = fmt::format("records/{:05}-{}", record.number,
                                         harmless_name(record.checklist).substr(0, 40));
    files.push_back({stem + ".json", proof::canonical(sealed->body)});
    files.push_back({stem + ".json.minisig", sealed->signature});
    files.push_back({stem + ".pub", proof::public_key_file(sealed->key)});
    const auto attachments = store.attachments(record.run);
    if (!attachments) return Unexpected{attachments.error()};
    for (const store::AttachmentRow& one : *attachments) {
      const std::string name = "attachments/" + one.hash;
      const bool there =
          std::ranges::any_of(files, [&](const ArchiveFile& file) { return file.name == name; });
      if (!there) files.push_back({name, one.content});
    }
  }
  return {};
}

}  // namespace

std::string tar(const std::vector<ArchiveFile>& files, std::int64_t at) {
  std::string archive;
  for (const ArchiveFile& file : files) {
    archive += header(file, at);
    archive += file.content;
    archive.append((kBlock - file.content.size() % kBlock) % kBlock, '\0');
  }
  return archive.append(2 * kBlock, '\0');
}

std::string harmless_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(name.rfind('/') + 1).substr(0, kNameMax / 2)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || (c == '.' && !out.empty());
    out += plain ? c : '_';
  }
  return out.empty() ? "_" : out;
}

Outcome<std::string> evidence_pack(store::Store& store, const store::Site& site,
                                   const proof::SecretKey& key, const Evidence& evidence,
                                   std::int64_t now) {
  const std::string comment = "weco evidence " + utc_text(now) + " " + evidence.made_by;
  auto whole = export_site(store, site, key, comment);
  if (!whole) return Unexpected{whole.error()};
  std::vector<ArchiveFile> files = {{"README.txt", std::string(kReadMe)},
                                    {"warranty.json", evidence.judgement + "\n"},
                                    {"site.json", std::move(*whole)},
                                    {"keys/pack.pub", proof::public_key_file(key.public_key())}};
  if (Done done = add_records(files, store, site); !done) return Unexpected{done.error()};
  for (std::size_t i = 0; i < evidence.logs.size(); ++i) {
    files.push_back({fmt::format("logs/{:03}-{}", i + 1, harmless_name(evidence.logs[i].name)),
                     evidence.logs[i].content});
  }
  std::string sums;
  for (const ArchiveFile& file : files) {
    sums += proof::sha256_hex(file.content) + "  " + file.name + "\n";
  }
  files.push_back({"SHA256SUMS.minisig", proof::sign_file(key, sums, comment)});
  files.push_back({"SHA256SUMS", std::move(sums)});
  return tar(files, now);
}

}  // namespace weco::records
