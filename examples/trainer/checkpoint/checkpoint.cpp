// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The bytes of a checkpoint, and which of two files counts.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/checkpoint/fingerprint.hpp>
#include <trainer/data/byte_stream.hpp>
#include <trainer/error.hpp>
#include <trainer/report/file.hpp>
#include <trainer/settings.hpp>

namespace detent_trainer {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "DETENTCK";
constexpr std::uint64_t version = 1;
constexpr std::size_t header_bytes = 28;  // magic, version, checksum, size

void append(std::string& to, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    to += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t number_at(std::span<const std::byte> from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < from.size(); ++i)
    value |= std::uint64_t{std::to_integer<std::uint8_t>(from[i])} << (8 * i);
  return value;
}

std::uint64_t checksum_of(const void* bytes, std::size_t count) {
  unsigned long sum = ::crc32(0, nullptr, 0);
  const auto* at = static_cast<const unsigned char*>(bytes);
  constexpr std::size_t chunk = std::size_t{1} << 30U;
  for (; count > 0; at += std::min(count, chunk), count -= std::min(count, chunk))
    sum = ::crc32(sum, at, static_cast<unsigned>(std::min(count, chunk)));
  return sum;
}

/// Checks everything up to the fields.
void require_whole(std::span<const std::byte> file, const std::string& name) {
  const auto fail = [&](std::size_t offset, const std::string& reason) {
    throw error(name + ": offset " + std::to_string(offset) + ": " + reason);
  };
  if (file.size() < header_bytes) fail(file.size(), "truncated, a checkpoint begins with 28 bytes");
  const std::string_view start(reinterpret_cast<const char*>(file.data()), magic.size());
  if (start != magic) fail(0, "no checkpoint of detent");
  const std::uint64_t written = number_at(file.subspan(8, 4));
  if (written != version) {
    fail(8,
         "version " + std::to_string(written) + ", this program reads " + std::to_string(version));
  }
  const std::uint64_t size = number_at(file.subspan(20, 8));
  if (size != file.size() - header_bytes) {
    fail(20, "the file has " + std::to_string(file.size() - header_bytes) +
                 " bytes after its head, " + std::to_string(size) + " were written");
  }
  const auto content = file.subspan(header_bytes);
  if (number_at(file.subspan(12, 8)) != checksum_of(content.data(), content.size())) {
    fail(12, "the checksum is not that of the content: the file is damaged");
  }
}

void archive_fingerprint(archive& a, fingerprint& settings) {
  a.list("settings", settings, [](archive& of, auto& setting) {
    of.text("option", setting.first);
    of.text("value", setting.second);
  });
}

}  // namespace

checkpoint_folder::checkpoint_folder(const checkpoint_options& options) : options_{options} {
  if (!is_used()) {
    if (options.resume) throw error("--resume: a folder by --checkpoint is needed");
    if (options.every != 0) throw error("--checkpoint-every: a folder by --checkpoint is needed");
    return;
  }
  settings_detail::require_range("--checkpoint-every", options.every, 0, 1e9);
  const fs::path folder = options.folder;
  std::error_code failure;
  fs::create_directory(folder, failure);
  if (!fs::is_directory(folder, failure)) {
    throw error("--checkpoint: '" + options.folder +
                "' is no folder, and none can be created there");
  }
  require_writable(folder / "write.test", "--checkpoint");
  lock_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ >= 0 && ::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(lock_);
    throw error("--checkpoint: '" + options.folder + "' is used by a process that runs");
  }
}

checkpoint_folder::~checkpoint_folder() {
  if (lock_ >= 0) ::close(lock_);
}

checkpoint::checkpoint(const checkpoint_folder& folder, const std::string& name,
                       fingerprint settings, std::function<void(const std::string&)> notice)
    : options_{folder.options()},
      path_{fs::path(options_.folder) / (name + ".checkpoint")},
      settings_{std::move(settings)},
      notice_{std::move(notice)} {
  for (const char* suffix : {"", ".next", ".previous"})
    remove_stray_files(with(suffix));
  std::error_code ignored;
  fs::remove(with(".next"), ignored);
  if (options_.resume) {
    read();
    return;
  }
  for (const fs::path& file : {path_, with(".previous")}) {
    if (!fs::exists(file, ignored)) continue;
    throw error("--checkpoint: '" + file.string() +
                "' is there; go on with it by --resume, or remove it");
  }
}

archive checkpoint::reader() const {
  return {std::span(bytes_).subspan(state_begin_), path_.string(), state_begin_};
}

bool checkpoint::save(const std::function<void(archive&)>& fill) {
  archive fields;
  archive_fingerprint(fields, settings_);
  fill(fields);
  const std::string& content = fields.bytes();
  std::string file(magic);
  append(file, version, 4);
  append(file, checksum_of(content.data(), content.size()), 8);
  append(file, content.size(), 8);
  file += content;
  steps_ = 0;
  last_ = std::chrono::steady_clock::now();
  try {
    write_file(with(".next"), file);
    std::error_code failure;
    if (fs::exists(path_, failure)) fs::rename(path_, with(".previous"), failure);
    if (!failure) fs::rename(with(".next"), path_, failure);
    if (failure) throw error("cannot write '" + path_.string() + "': " + failure.message());
    synchronize_folder(path_.parent_path());
    return true;
  } catch (const error& e) {
    if (is_whole_) notice_(std::string(e.what()) + " (the run goes on)");
    is_whole_ = false;
    return false;
  }
}

bool checkpoint::step() {
  ++steps_;
  if (options_.every > 0) return steps_ >= options_.every;
  return std::chrono::steady_clock::now() - last_ >= most_between;
}

void checkpoint::read() {
  std::error_code ignored;
  if (read(path_)) return;
  const bool was_there = fs::exists(path_, ignored);
  if (was_there && !fs::exists(with(".previous"), ignored)) {
    throw error("--resume: '" + path_.string() +
                "' is damaged, and there is none before it; remove it to start from the beginning");
  }
  if (read(with(".previous"))) {
    // The next one must not push the whole file out.
    if (was_there) fs::rename(path_, with(".damaged"), ignored);
    return;
  }
  if (!was_there && !fs::exists(with(".previous"), ignored)) return;
  throw error("--resume: neither '" + path_.string() + "' nor the one before is whole; remove " +
              "them to start from the beginning");
}

bool checkpoint::read(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return false;
  fingerprint there;
  try {
    bytes_ = read_file(path);
    require_whole(bytes_, path.string());
    archive fields(std::span<const std::byte>(bytes_).subspan(header_bytes), path.string(),
                   header_bytes);
    archive_fingerprint(fields, there);
    archive rewritten;
    archive_fingerprint(rewritten, there);
    state_begin_ = header_bytes + rewritten.bytes().size();
  } catch (const error& e) {
    bytes_.clear();
    notice_(e.what());
    return false;
  }
  const std::string difference = difference_between(there, settings_);
  if (!difference.empty()) {
    throw error("--resume: '" + path.string() + "' belongs to another run: " + difference);
  }
  return true;
}

fs::path checkpoint::with(const char* suffix) const {
  return path_.string() + suffix;
}

}  // namespace detent_trainer
