// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Checkpoints: every field back bit for bit, damage found, and runs that go on after every step.

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <support/message.hpp>
#include <trainer/checkpoint/archive.hpp>
#include <trainer/checkpoint/checkpoint.hpp>
#include <trainer/checkpoint/fingerprint.hpp>
#include <trainer/checkpoint/records.hpp>
#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/report/json.hpp>
#include <trainer/report/progress.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

namespace fs = std::filesystem;
using namespace detent_trainer;
using detent_test::mentions;
using detent_test::message_of;

class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (fs::temp_directory_path() / "detent-checkpoint-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() { fs::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  fs::path operator/(const std::string& name) const { return path_ / name; }
  std::string text() const { return path_.string(); }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

struct state {
  std::int64_t number = 0;
  std::vector<float> list;
};

void archive_fields(archive& a, state& s) {
  a.integer("number", s.number, 0, 1000);
  a.numbers("list", s.list);
}

const fingerprint own{{"--lr", "0.02"}, {"--model", "mlp"}};

/// A checkpoint in the folder, and the lines of its notices.
struct opened {
  opened(const temporary_folder& folder, bool resume, const fingerprint& settings = own)
      : options{folder.text(), resume, 0},
        all{options},
        kept{all, "run", settings, [this](const std::string& line) { notices += line + '\n'; }} {}

  std::int64_t number() {
    if (!kept.has_state()) return -1;
    archive a = kept.reader();
    state s;
    archive_fields(a, s);
    a.expect_end();
    return s.number;
  }

  void save(std::int64_t number) {
    state s{number, {1.5F, -0.0F}};
    REQUIRE(kept.save([&](archive& a) { archive_fields(a, s); }));
  }

  std::string notices;
  checkpoint_options options;
  checkpoint_folder all;
  checkpoint kept;
};

/// Ends the run by a signal at the flush of this number; each step and each epoch flushes once.
class ending_buffer : public std::stringbuf {
 public:
  explicit ending_buffer(int flush) : left_{flush} {}

 private:
  int sync() override {
    if (--left_ == 0) ::raise(SIGTERM);
    return 0;
  }
  int left_;
};

struct outcome {
  std::string result;   ///< JSON without its times
  std::string network;  ///< bytes of the export
  bool is_whole = false;
};

void drop_times(nlohmann::json& value) {
  if (value.is_object()) {
    for (const char* time : {"seconds", "seconds_per_epoch", "regularizer_share"})
      value.erase(time);
  }
  if (!value.is_structured()) return;
  for (auto& item : value)
    drop_times(item);
}

/// A run, ended by a signal after so many flushes; 0: none.
outcome run(const settings& s, checkpoint* kept, int flush) {
  ending_buffer buffer{flush};
  std::ostream stream{&buffer};
  double clock = 0;
  progress_output output;
  output.stream = &stream;
  output.is_terminal = true;
  output.seconds = [&clock] { return clock += 1; };
  progress shown{2, output};
  const interrupt_guard guard{run_end::after_step};
  const supervision watch{&shown, &guard, kept};
  training t{s, tiny_run::glyphs()};
  const pretrained start = t.pretrain(watch);
  if (watch.stop()) return {};
  exported_network network;
  const run_result r = t.finetune(start, watch, &network);
  if (r.interrupted) return {};
  nlohmann::json json = to_json(r);
  drop_times(json);
  return {json.dump(), to_bytes(to_safetensors(network)), true};
}

outcome run_in(const temporary_folder& folder, const settings& s, int flush) {
  const checkpoint_options options{folder.text(), true, 1};
  const checkpoint_folder all{options};
  checkpoint kept{all, "train", fingerprint_of(s, tiny_run::glyphs()),
                  [](const std::string& line) { FAIL(line); }};
  return run(s, &kept, flush);
}

/// Ends a run after every so many of its steps, with one and two threads in turn: result and
/// network are those of a run by itself.
void check_every_step(settings s, int every = 1) {
  const outcome whole = run(s, nullptr, 0);
  REQUIRE(whole.is_whole);
  const temporary_folder folder;
  int parts = 1;
  outcome last;
  for (;; ++parts) {
    s.threads = 1 + parts % 2;
    last = run_in(folder, s, every);
    if (last.is_whole || parts > 1000) break;
  }
  CHECK(parts > 6 * (s.pretrain_epochs + s.epochs) / every);  // six steps an epoch
  const bool is_same_result =
      last.result == whole.result;  // kept out of the message: pages of numbers
  CHECK(is_same_result);
  const bool is_same_network = last.network == whole.network;
  CHECK(is_same_network);
}

settings small_run(const char* method, int bits = 3) {
  settings s = tiny_run::options(method, bits);
  s.pretrain_epochs = 1;
  s.epochs = 2;
  s.ramp = 0.2;
  return s;
}

}  // namespace

TEST_CASE("archive: numbers come back bit for bit") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> numbers{0.1, -0.0, nan, std::numeric_limits<double>::denorm_min()};
  std::uint32_t word = 0xFFFFFFFFU;
  std::string text("a\0b", 3);
  bool flag = true;
  archive out;
  out.numbers("numbers", numbers);
  out.integer("word", word);
  out.text("text", text);
  out.flag("flag", flag);
  archive in(std::as_bytes(std::span(out.bytes())), "file", 100);
  std::vector<double> read;
  std::uint32_t word_read = 0;
  std::string text_read;
  bool flag_read = false;
  in.numbers("numbers", read);
  in.integer("word", word_read);
  in.text("text", text_read);
  in.flag("flag", flag_read);
  in.expect_end();
  REQUIRE(read.size() == numbers.size());
  for (std::size_t i = 0; i < read.size(); ++i)
    CHECK(std::bit_cast<std::uint64_t>(read[i]) == std::bit_cast<std::uint64_t>(numbers[i]));
  CHECK(word_read == word);
  CHECK(text_read == text);
  CHECK(flag_read);
}

TEST_CASE(
    "archive: another field, a value out of limits and a list that is too long name file, offset "
    "and field") {
  state s{7, {1, 2, 3}};
  archive out;
  archive_fields(out, s);
  const std::string bytes = out.bytes();
  const auto message = [](const std::string& from, auto f) {
    return message_of<error>([&] {
      archive in(std::as_bytes(std::span(from)), "file", 100);
      f(in);
    });
  };
  const auto read = [](archive& in) {
    state t;
    archive_fields(in, t);
    in.expect_end();
  };
  CHECK(message(bytes, [](archive& in) {
          double x = 0;
          in.number("number", x);
        }) == "file: offset 100: field 'number' is missing, another one stands there");
  CHECK(message(bytes, [](archive& in) {
          int x = 0;
          in.integer("number", x, 8, 9);
        }) == "file: offset 100: field 'number' is 7, allowed are 8 to 9");
  CHECK(mentions(message(bytes + "x", read), "1 bytes after the last field"));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(message(bytes.substr(0, size), read).starts_with("file: offset "));
  CHECK(mentions(message(bytes,
                         [](archive& in) {
                           int x = 0;
                           in.integer("number", x);
                           std::vector<float> list;
                           in.numbers("list", list, 4);
                         }),
                 "field 'list' has 3 numbers, 4 are needed"));
}

TEST_CASE("checkpoint: the newest state is read, the one before is kept") {
  const temporary_folder folder;
  {
    opened first(folder, false);
    CHECK(first.number() == -1);
    first.save(1);
    first.save(2);
  }
  opened second(folder, true);
  CHECK(second.number() == 2);
  CHECK(fs::exists(folder / "run.checkpoint.previous"));
  CHECK(second.notices.empty());
}

TEST_CASE(
    "checkpoint: --resume without one starts from the beginning; without --resume one that is "
    "there stays") {
  const temporary_folder folder;
  CHECK(opened(folder, true).number() == -1);
  opened(folder, false).save(1);
  const std::string message = message_of<error>([&] { opened(folder, false); });
  CHECK(mentions(message, "run.checkpoint' is there; go on with it by --resume, or remove it"));
  CHECK(opened(folder, true).number() == 1);
}

TEST_CASE(
    "checkpoint: every flipped byte and every truncation is found, and the one before is used") {
  const temporary_folder folder;
  {
    opened first(folder, false);
    first.save(1);
    first.save(2);
  }
  const std::string newest = content(folder / "run.checkpoint");
  const std::string before = content(folder / "run.checkpoint.previous");
  const auto check = [&](const std::string& damaged) {
    put(folder / "run.checkpoint", damaged);
    put(folder / "run.checkpoint.previous", before);
    opened again(folder, true);
    CHECK(again.number() == 1);
    CHECK(mentions(again.notices, "run.checkpoint: offset "));
    CHECK(content(folder / "run.checkpoint.damaged") == damaged);
    again.save(3);
    CHECK_FALSE(fs::exists(folder / "run.checkpoint.previous.damaged"));
  };
  for (std::size_t i = 0; i < newest.size(); ++i) {
    CAPTURE(i);
    std::string damaged = newest;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    check(damaged);
    if (i % 8 == 0) check(newest.substr(0, i));
  }
  check(newest + "x");
}

TEST_CASE("checkpoint: where both are damaged, nothing starts from the beginning in silence") {
  const temporary_folder folder;
  opened(folder, false).save(1);
  put(folder / "run.checkpoint", "half");
  CHECK(mentions(message_of<error>([&] { opened(folder, true); }), "is damaged"));
  put(folder / "run.checkpoint.previous", "half");
  CHECK(mentions(message_of<error>([&] { opened(folder, true); }), "is whole"));
}

TEST_CASE("checkpoint: a crash between the two renames loses nothing") {
  const temporary_folder folder;
  opened(folder, false).save(1);
  fs::rename(folder / "run.checkpoint", folder / "run.checkpoint.previous");
  put(folder / "run.checkpoint.next", "half");
  put(folder / "run.checkpoint.next.partial-4000000", "half");
  opened again(folder, true);
  CHECK(again.number() == 1);
  CHECK_FALSE(fs::exists(folder / "run.checkpoint.next"));
  CHECK_FALSE(fs::exists(folder / "run.checkpoint.next.partial-4000000"));
}

TEST_CASE("checkpoint: other settings are refused by the name of the one that differs") {
  const temporary_folder folder;
  opened(folder, false).save(1);
  const std::string message = message_of<error>([&] {
    opened(folder, true, {{"--lr", "0.03"}, {"--model", "mlp"}});
  });
  CHECK(mentions(message, "belongs to another run: --lr is '0.02' there and '0.03' here"));
}

TEST_CASE("checkpoint: every setting but the threads and the folder of the data counts") {
  const auto differs = [](auto change) {
    settings s = tiny_run::options();
    change(s);
    return difference_between(fingerprint_of(tiny_run::options(), tiny_run::glyphs()),
                              fingerprint_of(s, tiny_run::glyphs()));
  };
  CHECK(differs([](settings&) {}).empty());
  CHECK(differs([](settings& s) { s.threads = 5; }).empty());
  CHECK(differs([](settings& s) { s.data = "elsewhere"; }).empty());
  CHECK(differs([](settings& s) { s.learning_rate = 0.020000000000000004; }) ==
        "--lr is '0.02' there and '0.020000000000000004' here");
  CHECK(differs([](settings& s) { s.layer_bits["fc1"] = 4; }) ==
        "--layer-bits is 'none' there and 'fc1=4' here");
  CHECK(differs([](settings& s) { s.ptq = {{4, 8}}; }).starts_with("--ptq"));
  CHECK(differs([](settings& s) { s.augment = true; }).starts_with("--augment"));
  CHECK(differs([](settings& s) { s.seed = 2; }).starts_with("--seed"));
  dataset other = tiny_run::glyphs();
  other.validation.pixels[5] += 1;
  CHECK(difference_between(fingerprint_of(tiny_run::options(), tiny_run::glyphs()),
                           fingerprint_of(tiny_run::options(), other))
            .starts_with("--data (validation part)"));
}

TEST_CASE("checkpoint: one process uses a folder") {
  const temporary_folder folder;
  const checkpoint_folder first{{folder.text(), false, 0}};
  const std::string message = message_of<error>([&] {
    checkpoint_folder{{folder.text(), false, 0}};
  });
  CHECK(mentions(message, "is used by a process that runs"));
}

TEST_CASE("checkpoint: --resume needs a folder, and a folder its parent") {
  CHECK(mentions(message_of<error>([] { checkpoint_folder{{"", true, 0}}; }), "--resume: "));
  CHECK(mentions(message_of<error>([] {
                   checkpoint_folder{{"", false, 3}};
                 }),
                 "--checkpoint-every: "));
  const temporary_folder folder;
  put(folder / "file", "");
  for (const char* name : {"missing/inside", "file"}) {
    CHECK(mentions(message_of<error>([&] {
                     checkpoint_folder{{(folder / name).string(), false, 0}};
                   }),
                   "is no folder"));
  }
}

TEST_CASE("checkpoint: the result of a run that has ended comes back whole") {
  const temporary_folder folder;
  settings s = small_run("dorefa+waveq");
  s.ptq = {{4, 8}};
  const run_result r = tiny_run::finetuned(s);
  {
    opened first(folder, false);
    CHECK_FALSE(finished_run(first.kept));
    keep_finished_run(first.kept, r);
  }
  const auto again = finished_run(opened(folder, true).kept);
  REQUIRE(again);
  CHECK(json_text(*again) == json_text(r));
  CHECK(again->test_images == r.test_images);
}

TEST_CASE(
    "checkpoint: a run that ends after every step and goes on has the bits of one that does not") {
  for (const char* method : {"none", "dorefa+sinreq", "wrpn", "lsq", "rq", "kure", "bin"}) {
    CAPTURE(method);
    settings s = small_run(method);
    if (s.quantizer() != "none") s.activation_bits = 4;
    s.augment = true;
    check_every_step(s, s.activation_bits == 32 ? 3 : 1);
  }
}

TEST_CASE("checkpoint: learned bits, gates, second gradients and Adam go on as well") {
  settings s = small_run("srq+dropbits+learned-bits", 4);
  s.activation_bits = 4;
  check_every_step(s);
  for (const char* method : {"dorefa+waveq", "waveq"}) {
    CAPTURE(method);
    s = small_run(method);
    s.optimizer = "adam";
    s.learning_rate = 0.002;
    check_every_step(s);
  }
  s = small_run("gradl1");
  s.strength = 0.1;
  s.activation_strength = 0.05;
  s.start_epoch = 2;
  s.ptq = {{4, 8}, {8, 32}};
  check_every_step(s);
  s = small_run("dorefa+sinreq");
  s.forward = "float";
  s.decoupled = true;
  s.weight_decay = 1e-3;
  s.lr_schedule = "cosine";
  check_every_step(s);
}

TEST_CASE("checkpoint: the running statistics of batch normalization go on as well") {
  settings s = small_run("wrpn+sinreq");
  s.model = "resnet20";
  s.pretrain_epochs = 1;
  s.epochs = 1;
  s.batch_size = 32;
  check_every_step(s, 4);
}
