// SPDX-License-Identifier: Apache-2.0
// The files of scripts: what is below a folder of the header is read, written and listed; nothing
// that a path, a link or a special file there leads to is touched.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "lua/modules/files.hpp"
#include "tests/support/catch.hpp"

using namespace weco;
using namespace weco::lua;

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}
void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

/// A folder that is allowed, "in", and one beside it with a secret.
struct Room {
  Room() {
    std::string made = (fs::temp_directory_path() / "weco-files-XXXXXX").string();
    REQUIRE(::mkdtemp(made.data()) != nullptr);
    root = made;
    fs::create_directories(root / "in/sub");
    fs::create_directories(root / "out");
    put(root / "out/secret", "secret");
    put(root / "in/a.txt", "hello");
    fs::create_symlink(root / "out/secret", root / "in/link");
    fs::create_directory_symlink(root / "out", root / "in/door");
    fs::create_directory_symlink("sub", root / "in/inner");
    REQUIRE(::mkfifo((root / "in/pipe").c_str(), 0600) == 0);
    allowed = {(root / "in").string()};
  }
  ~Room() { fs::remove_all(root); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  [[nodiscard]] std::string in(const std::string& name) const { return allowed[0] + "/" + name; }
  fs::path root;
  std::vector<std::string> allowed;
};

}  // namespace

TEST_CASE("a script reads, writes and lists below the folder of its right", "[LUA]") {
  const Room room;
  const Files files(room.allowed, {});
  CHECK(files.read(room.in("a.txt"))->text == "hello");
  REQUIRE(files.write(room.in("a.txt"), "new"));
  REQUIRE(files.write(room.in("./sub//b.bin"), std::string("\0\xff", 2)));
  CHECK(content(room.root / "in/a.txt") == "new");
  CHECK(files.read(room.in("sub/b.bin"))->text == std::string("\0\xff", 2));
  const auto list = files.list(room.allowed[0]);
  REQUIRE(list);
  REQUIRE(list->entries.size() == 2);  // neither links nor pipes, and nothing was left beside
  CHECK(list->entries[0].value.get("name")->text == "a.txt");
  CHECK(list->entries[0].value.get("size_bytes")->whole == 3);
  CHECK(list->entries[1].value.get("kind")->text == "folder");
  CHECK(files.read(room.in("none")).error().code() == ErrorCode::NotFound);
  CHECK(files.write(room.in("none/x"), "x").error().code() == ErrorCode::NotFound);
}

TEST_CASE("no path, link or special file leads a script out of its folder", "[LUA]") {
  const Room room;
  const Files files(room.allowed, {});
  const std::string out = (room.root / "out/secret").string();
  const std::vector<std::string> ways = {room.in("../out/secret"),
                                         room.in("sub/../../out/secret"),
                                         room.in("link"),
                                         room.in("door/secret"),
                                         room.in("inner/x"),
                                         room.in("pipe"),
                                         room.in("sub"),
                                         room.in(""),
                                         out,
                                         room.allowed[0] + "side/x",
                                         room.root.string(),
                                         "/",
                                         "..",
                                         "in/a.txt",
                                         "",
                                         "/proc/self/mem",
                                         room.in(std::string("a.txt\0.png", 10)),
                                         room.in(std::string(5000, 'x'))};
  for (const std::string& way : ways) {
    INFO(way);
    const auto text = files.read(way);
    REQUIRE_FALSE(text);
    CHECK_FALSE(text.error().hint.empty());
    CHECK_FALSE(files.write(way, "gone"));
  }
  for (const std::string& way : {room.in(".."), room.in("door"), room.in("inner"),
                                 (room.root / "out").string(), std::string("/")}) {
    INFO(way);
    CHECK_FALSE(files.list(way));
  }
  CHECK(content(room.root / "out/secret") == "secret");
  CHECK(std::distance(fs::directory_iterator(room.root / "out"), {}) == 1);
  CHECK(fs::is_symlink(room.root / "in/link"));
}

TEST_CASE("a file that a script writes anew stays as private as it was", "[LUA]") {
  const Room room;
  const Files files(room.allowed, {});
  fs::permissions(room.root / "in/a.txt", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_hard_link(room.root / "in/a.txt", room.root / "out/same");
  REQUIRE(files.write(room.in("a.txt"), "new"));
  CHECK(fs::status(room.root / "in/a.txt").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(content(room.root / "out/same") == "hello");  // another name of the old one is left alone
  CHECK(std::distance(fs::directory_iterator(room.root / "in"), {}) == 6);
}

TEST_CASE("a file too large for a script is neither read nor written", "[LUA]") {
  const Room room;
  const Files files(room.allowed, {});
  const std::string most(kFileMost, 'x');
  REQUIRE(files.write(room.in("most"), most));
  CHECK(files.read(room.in("most"))->text.size() == kFileMost);
  CHECK(files.write(room.in("most"), most + "x").error().code() == ErrorCode::TooLong);
  put(room.root / "in/more", most + "x");
  CHECK(files.read(room.in("more")).error().code() == ErrorCode::TooLong);
  CHECK(content(room.root / "in/most").size() == kFileMost);
}

TEST_CASE("a relative folder is that of where the program runs", "[LUA]") {
  const Room room;
  const fs::path before = fs::current_path();
  fs::current_path(room.root);
  const std::vector<std::string> allowed = {"./in/"};
  const Files files(allowed, {});
  CHECK(files.read("in/a.txt"));
  CHECK(files.read("./in/a.txt"));
  CHECK_FALSE(files.read(room.in("a.txt")));  // named otherwise than in the header
  CHECK_FALSE(files.read("out/secret"));
  CHECK_FALSE(Files({}, {}).read("in/a.txt"));
  fs::current_path(before);
}

TEST_CASE("records, keys and changes are no script's files, whatever its header names", "[LUA]") {
  const Room room;
  const std::string kept = (room.root / "kept").string();
  fs::create_directories(room.root / "kept/keys");
  put(room.root / "kept/keys/a", "key");
  fs::create_directory_symlink(room.root / "kept", room.root / "alias");
  fs::create_directory_symlink(room.root / "kept/keys", room.root / "out/keys");
  const std::string root = room.root.string();
  for (const std::string& named : {root, root + "/kept", root + "/alias", root + "/kept/keys"}) {
    for (const bool through_link : {false, true}) {
      const std::vector<std::string> allowed = {named};
      const Files files(allowed, through_link ? root + "/alias" : kept);
      const std::string below = named + (named == root                  ? "/kept/keys/"
                                         : named == root + "/kept/keys" ? "/"
                                                                        : "/keys/");
      INFO(below);
      CHECK(files.read(below + "a").error().code() == ErrorCode::RefusedByGuard);
      CHECK(files.write(below + "a", "x").error().code() == ErrorCode::RefusedByGuard);
      CHECK(files.write(below + "new", "x").error().code() == ErrorCode::RefusedByGuard);
      CHECK(files.list(below).error().code() == ErrorCode::RefusedByGuard);
    }
  }
  const std::vector<std::string> door = {root + "/out/keys"};
  CHECK(Files(door, kept).read(root + "/out/keys/a").error().code() == ErrorCode::RefusedByGuard);
  CHECK(content(room.root / "kept/keys/a") == "key");
  CHECK_FALSE(fs::exists(room.root / "kept/keys/new"));
  const std::vector<std::string> above = {root};  // beside it everything is as it was
  CHECK(Files(above, kept).read(root + "/in/a.txt")->text == "hello");
  CHECK(Files(above, kept).list(root));
  CHECK(Files(above, root + "/none").read(root + "/kept/keys/a")->text == "key");
}

TEST_CASE("a folder that cannot be a right is refused in the header", "[LUA]") {
  for (const char* folder : {"", "..", "a/../b", "/", "//."}) {
    INFO(folder);
    CHECK_FALSE(wrong_folder(folder).empty());
  }
  for (const char* folder : {".", "reports", "/srv/reports", "a/..b"}) {
    INFO(folder);
    CHECK(wrong_folder(folder).empty());
  }
}
