// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
#pragma once
// Runs of the trainer that take a fraction of a second: few glyphs, the smallest model, few steps.

#include <doctest/doctest.h>

#include <cstdint>
#include <map>

#include <trainer/data/dataset.hpp>
#include <trainer/data/load.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/parameter.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/training.hpp>

namespace tiny_run {

inline constexpr int train_images = 192;
inline constexpr int test_images = 64;

inline const detent_trainer::dataset& glyphs() {
  static const detent_trainer::dataset data =
      detent_trainer::load_glyphs({train_images, test_images, test_images}, 7);
  return data;
}

/// The network of `options`, with random weights.
inline detent_trainer::model mlp(std::uint64_t seed = 1) {
  return detent_trainer::make_model("mlp", {1, 28, 28}, 10, seed);
}

/// Its parameter of a name.
inline detent_trainer::parameter& weight_of(detent_trainer::model& m, const std::string& name) {
  detent_trainer::parameter* found = nullptr;
  m.visit([&](detent_trainer::parameter& p) {
    if (p.name == name) found = &p;
  });
  REQUIRE(found != nullptr);
  return *found;
}

inline detent_trainer::settings options(const char* method = "dorefa+sinreq", int bits = 3) {
  detent_trainer::settings s;
  s.model = "mlp";
  s.method = method;
  s.bits = bits;
  s.pretrain_epochs = 2;
  s.epochs = 1;
  s.batch_size = 32;
  return s;
}

/// The pretrained network of a seed, trained once.
inline const detent_trainer::pretrained& start(std::uint64_t seed = 1) {
  static std::map<std::uint64_t, detent_trainer::pretrained> known;
  const auto found = known.find(seed);
  if (found != known.end()) return found->second;
  detent_trainer::settings s = options();
  s.seed = seed;
  return known[seed] = detent_trainer::training(s, glyphs()).pretrain({});
}

/// Finetunes from the pretrained network of the seed.
inline detent_trainer::run_result finetuned(const detent_trainer::settings& s,
                                            const detent_trainer::supervision& watch = {}) {
  return detent_trainer::training(s, glyphs()).finetune(start(s.seed), watch);
}

}  // namespace tiny_run
