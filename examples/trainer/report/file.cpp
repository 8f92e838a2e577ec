// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Writing by way of a temporary file, and asking beforehand.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <trainer/error.hpp>
#include <trainer/report/file.hpp>

namespace detent_trainer {

namespace {

namespace fs = std::filesystem;

std::string reason_of(int number) {
  return std::generic_category().message(number);
}

[[noreturn]] void fail_to_write(const fs::path& path, const std::string& reason) {
  throw error("cannot write '" + path.string() + "': " + reason);
}

/// An open file, closed at the end of its life.
class descriptor {
 public:
  explicit descriptor(int number = -1) : number_{number} {}
  descriptor(descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int get() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  /// Some file systems tell of a full disk only here.
  /// @return 0, or the number of the error
  int close() {
    const int number = std::exchange(number_, -1);
    return ::close(number) == 0 || errno == EINTR ? 0 : errno;
  }

 private:
  int number_;
};

/// @return 0, or the number of the error
int write_all(int to, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Some file systems and all pipes have nothing to synchronize.
/// @return 0, or the number of the error
int synchronize(int opened) {
  while (::fsync(opened) != 0) {
    if (errno == EINTR) continue;
    const bool is_refusal = errno == EINVAL || errno == ENOTSUP || errno == EROFS;
    return is_refusal ? 0 : errno;
  }
  return 0;
}

fs::path parent_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A file of the kernel's, not one on a disk: /dev/stdout leads through /proc to any file.
bool is_special(const fs::path& path) {
  const std::string name = path.string();
  return name.starts_with("/dev/") || name.starts_with("/proc/");
}

/// The plain file, present or not, that a path stands for; the path itself where it leads to a
/// device, a pipe or a folder.
fs::path followed(const fs::path& path) {
  std::error_code ignored;
  fs::path at = path;
  for (int links = 0; links < 40 && !is_special(at); ++links) {
    if (!fs::is_symlink(fs::symlink_status(at, ignored))) return at;
    const fs::path target = fs::read_symlink(at, ignored);
    at = target.is_absolute() ? target : parent_of(at) / target;
  }
  return path;
}

/// Whether a rename may put a file there. A device or a pipe has to be written through, and so has
/// a link to a file in a folder that is not writable.
bool is_replaceable(const fs::path& path) {
  std::error_code ignored;
  if (is_special(path)) return false;
  const auto status = fs::symlink_status(path, ignored);
  return !fs::exists(status) || fs::is_regular_file(status);
}

std::size_t longest_name(const fs::path& folder) {
  const long most = ::pathconf(folder.c_str(), _PC_NAME_MAX);
  return most > 0 ? static_cast<std::size_t>(most) : 255;
}

/// Shortens UTF-8 without cutting a character.
std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
    --most;
  text.resize(most);
  return text;
}

std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3U;
  }
  std::string digits(16, '0');
  for (char& digit : digits) {
    digit = "0123456789abcdef"[hash >> 60U];
    hash <<= 4U;
  }
  return digits;
}

/// How the names of a path's temporary files begin. A long name is replaced by its hash, so that
/// the number of the process always has a place.
std::string temporary_prefix(const fs::path& path) {
  constexpr std::string_view mark = ".partial-";
  constexpr std::size_t digits = 10;
  const std::string name = path.filename().string();
  const bool fits = name.size() + mark.size() + digits <= longest_name(parent_of(path));
  return (fits ? name : "detent-" + hash_of(name)) + std::string(mark);
}

bool is_locked_out(int opened) {
  return ::flock(opened, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

/// Whether a name still belongs to an open file.
bool names(const fs::path& path, int opened) {
  struct stat named = {}, own = {};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(opened, &own) == 0 &&
         named.st_ino == own.st_ino && named.st_dev == own.st_dev;
}

/// A temporary file beside `path`, removed at the end of its life unless it was put in its place.
class temporary_file {
 public:
  explicit temporary_file(const fs::path& path) : path_{path} {
    const std::string name = temporary_prefix(path) + std::to_string(::getpid());
    // A file that a crashed process of the same number left is taken over. One that is locked
    // belongs to another thread, or to a machine that shares the disk. Between open and lock
    // somebody's cleaning may remove the file.
    for (int attempt = 0; attempt < 100; ++attempt) {
      name_ = parent_of(path) / (attempt == 0 ? name : name + std::to_string(attempt));
      file_ = descriptor{::open(name_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)};
      if (!file_.is_open()) break;
      if (is_locked_out(file_.get()) || !names(name_, file_.get())) continue;
      if (::ftruncate(file_.get(), 0) == 0) return;
      break;
    }
    reason_ = reason_of(errno);
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() {
    if (file_.is_open() || is_written_) ::unlink(name_.c_str());
  }

  /// Why it could not be created; empty where it was.
  const std::string& reason() const { return reason_; }

  void write(std::string_view text) {
    keep_mode();
    int failure = write_all(file_.get(), text);
    if (failure == 0) failure = synchronize(file_.get());
    is_written_ = true;
    const int at_close = file_.close();
    if (failure == 0) failure = at_close;
    if (failure != 0) fail_to_write(path_, reason_of(failure));
  }

  void put_in_place() {
    if (::rename(name_.c_str(), path_.c_str()) != 0) fail_to_write(path_, reason_of(errno));
    is_written_ = false;
  }

 private:
  /// The permissions of the file that is replaced are its owner's decision.
  void keep_mode() const {
    struct stat before = {};
    if (::stat(path_.c_str(), &before) != 0) return;
    [[maybe_unused]] const int refused = ::fchmod(file_.get(), before.st_mode & 0777U);
  }

  fs::path path_;
  fs::path name_;
  descriptor file_;
  bool is_written_ = false;
  std::string reason_;
};

void write_through(const fs::path& path, std::string_view text) {
  descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (!file.is_open()) fail_to_write(path, reason_of(errno));
  int failure = write_all(file.get(), text);
  if (failure == 0) failure = synchronize(file.get());
  const int at_close = file.close();
  if (failure == 0) failure = at_close;
  if (failure != 0) fail_to_write(path, reason_of(failure));
}

}  // namespace

void require_writable(const fs::path& path, std::string_view argument_name) {
  const auto fail = [&](const std::string& reason) {
    throw error(std::string(argument_name) + ": cannot write '" + path.string() + "': " + reason);
  };
  if (path.empty()) fail("the file name is empty");
  const auto parent = parent_of(path);
  std::error_code failure;
  const bool has_parent = fs::exists(parent, failure);
  if (failure && failure != std::errc::not_a_directory) fail(failure.message());
  if (!has_parent && !failure) fail("the folder '" + parent.string() + "' does not exist");
  if (!fs::is_directory(parent, failure)) fail("'" + parent.string() + "' is not a folder");
  if (!path.has_filename() || fs::is_directory(path, failure)) {
    fail("it is a folder; a file name is needed");
  }
  const std::size_t longest = longest_name(parent);
  if (path.filename().string().size() > longest) {
    fail("the file name has " + std::to_string(path.filename().string().size()) +
         " bytes, the file system takes " + std::to_string(longest));
  }
  const fs::path target = followed(path);
  if (!is_replaceable(target)) {
    if (fs::exists(path, failure) && ::access(path.c_str(), W_OK) != 0) fail("it is not writable");
    return;
  }
  remove_stray_files(target);
  const temporary_file attempt{target};
  if (attempt.reason().empty()) return;
  fail("the folder '" + parent_of(target).string() + "' is not writable (" + attempt.reason() +
       ")");
}

void write_file(const fs::path& path, std::string_view text) {
  const fs::path target = followed(path);
  if (!is_replaceable(target)) {
    std::error_code ignored;
    if (fs::is_directory(target, ignored)) fail_to_write(path, "it is a folder");
    return write_through(path, text);
  }
  temporary_file file{target};
  if (!file.reason().empty()) fail_to_write(path, file.reason());
  file.write(text);
  file.put_in_place();
  synchronize_folder(parent_of(target));
}

void remove_stray_files(const fs::path& path) {
  const std::string prefix = temporary_prefix(path);
  std::error_code ignored;
  std::vector<fs::path> strays;
  for (fs::directory_iterator at(parent_of(path), ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    const bool is_number = std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                                       name.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (is_number && fs::is_regular_file(fs::symlink_status(at->path(), ignored)))
      strays.push_back(at->path());
  }
  for (const fs::path& stray : strays) {
    const descriptor file{::open(stray.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file.is_open() || is_locked_out(file.get())) continue;
    if (names(stray, file.get())) ::unlink(stray.c_str());
  }
}

void synchronize_folder(const fs::path& folder) {
  const descriptor opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  // A folder that may be written but not read can hold the file all the same.
  if (!opened.is_open()) return;
  const int failure = synchronize(opened.get());
  if (failure != 0) {
    throw error("cannot synchronize the folder '" + folder.string() + "': " + reason_of(failure));
  }
}

fs::path partial_path(const fs::path& path) {
  const fs::path target = followed(path);
  if (path.empty() || !is_replaceable(target)) return path;
  constexpr std::string_view mark = ".partial";
  const std::string extension = path.extension().string();
  const std::size_t longest = longest_name(parent_of(path));
  const std::size_t taken = mark.size() + extension.size();
  const std::size_t left = taken < longest ? longest - taken : 0;
  fs::path name = path;
  name.replace_filename(shortened(path.stem().string(), left) + std::string(mark) + extension);
  return name;
}

}  // namespace detent_trainer
