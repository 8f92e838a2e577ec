// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// checkpoint: the state of one run on the disk, so that it can go on after any end.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/checkpoint/fingerprint.hpp>

namespace detent_trainer {

/// What the command line says about checkpoints.
struct checkpoint_options {
  std::string folder;  ///< empty: none are written
  bool resume = false;
  int every = 0;  ///< steps between two within an epoch; 0: one a minute
};

/// A folder of checkpoints that this process alone uses.
class checkpoint_folder {
 public:
  /// Creates the folder where its parent is there, and locks it.
  ///
  /// @throws error  the folder cannot be used, belongs to a process that runs, or --resume is given
  ///                without a folder
  explicit checkpoint_folder(const checkpoint_options& options);
  checkpoint_folder(const checkpoint_folder&) = delete;
  checkpoint_folder& operator=(const checkpoint_folder&) = delete;
  ~checkpoint_folder();

  const checkpoint_options& options() const { return options_; }
  bool is_used() const { return !options_.folder.empty(); }

 private:
  checkpoint_options options_;
  int lock_ = -1;
};

/// The state of one run in a folder: NAME.checkpoint, and NAME.checkpoint.previous, the one before.
///
/// A file is a magic number, a version, a checksum and the fields of an `archive`, first the
/// settings of the run (docs/checkpoint.md). It is synchronized with the disk before it takes its
/// name, so that at any moment one of the two is whole.
/// @note  Threads: one thread uses a checkpoint at a time.
class checkpoint {
 public:
  /// Reads what is there where options.resume is set.
  ///
  /// A newest file that is damaged is put aside as NAME.checkpoint.damaged, and the one before is
  /// used.
  /// @param  settings  must be those of the file
  /// @param  notice    gets one line on what is read, damaged, or cannot be written
  /// @throws error  other settings, by the name of the first that differs; no whole file where
  ///                there are some; a file that is there without options.resume
  checkpoint(const checkpoint_folder& folder, const std::string& name, fingerprint settings,
             std::function<void(const std::string&)> notice);

  /// Whether a state was read.
  bool has_state() const { return !bytes_.empty(); }

  /// Reads that state from its start.
  archive reader() const;

  /// Writes a state by way of f(archive); a failure is a notice and ends no training.
  /// @return whether it is on the disk
  bool save(const std::function<void(archive&)>& fill);

  /// Counts a step. @return whether a checkpoint is due after it
  bool step();

  /// Whether every state that was to be saved is.
  bool is_whole() const { return is_whole_; }

  /// The run has ended early, and all of it is on the disk.
  bool is_interrupted() const { return is_interrupted_; }
  void interrupt() { is_interrupted_ = true; }

  const std::filesystem::path& path() const { return path_; }

 private:
  static constexpr std::chrono::seconds most_between{60};

  void read();
  bool read(const std::filesystem::path& path);
  std::filesystem::path with(const char* suffix) const;

  checkpoint_options options_;
  std::filesystem::path path_;
  fingerprint settings_;
  std::function<void(const std::string&)> notice_;
  std::vector<std::byte> bytes_;  // of the file that was read
  std::size_t state_begin_ = 0;   // in bytes_
  int steps_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  bool is_whole_ = true;
  bool is_interrupted_ = false;
};

}  // namespace detent_trainer
