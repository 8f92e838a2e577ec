// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The steps of gradient descent with momentum and of Adam.

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <trainer/checkpoint/archive.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/nn/optimizer.hpp>

namespace detent_trainer {

namespace {

/// Calls f(record, numbers of a parameter) for the records of all parameters. Before the first step
/// there are none.
template <class Record, class F>
void archive_each(archive& a, model& trained, std::vector<Record>& records, F f) {
  std::vector<std::size_t> sizes;
  trained.visit([&](const parameter& p) { sizes.push_back(p.value.size()); });
  const bool has_stepped = a.optional("optimizer has stepped", !records.empty());
  if (a.is_reading()) records.resize(has_stepped ? sizes.size() : 0);
  for (std::size_t i = 0; i < records.size(); ++i)
    f(records[i], sizes[i]);
}

}  // namespace

void sgd::archive_state(archive& a, model& trained) {
  archive_each(a, trained, velocities_, [&](std::vector<float>& velocity, std::size_t size) {
    a.numbers("velocity", velocity, size);
  });
}

void adam::archive_state(archive& a, model& trained) {
  a.integer("optimizer steps", steps_, 0, std::numeric_limits<int>::max());
  archive_each(a, trained, moments_, [&](moment_pair& moments, std::size_t size) {
    a.numbers("first moment", moments.first, size);
    a.numbers("second moment", moments.second, size);
  });
}

void sgd::step(model& trained, double learning_rate) {
  const auto momentum = static_cast<float>(options_.momentum);
  const auto rate = static_cast<float>(learning_rate);
  std::size_t place = 0;
  trained.visit([&](parameter& p) {
    if (place == velocities_.size()) velocities_.emplace_back(p.value.size());
    const auto decay = static_cast<float>(p.quantizable ? options_.weight_decay : 0.0);
    float* w = p.value.data();
    float* v = velocities_[place++].data();
    const float* g = p.gradient.data();
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      v[i] = momentum * v[i] + (g[i] + decay * w[i]);
      w[i] -= rate * v[i];
    }
  });
}

void adam::step(model& trained, double learning_rate) {
  ++steps_;
  const auto first = static_cast<float>(options_.first_decay);
  const auto second = static_cast<float>(options_.second_decay);
  const auto epsilon = static_cast<float>(options_.epsilon);
  const auto rate =
      static_cast<float>(learning_rate / (1 - std::pow(options_.first_decay, steps_)));
  const auto correction =
      static_cast<float>(1 / std::sqrt(1 - std::pow(options_.second_decay, steps_)));
  std::size_t place = 0;
  trained.visit([&](parameter& p) {
    if (place == moments_.size()) {
      moments_.push_back({std::vector<float>(p.value.size()), std::vector<float>(p.value.size())});
    }
    const auto decay = static_cast<float>(p.quantizable ? options_.weight_decay : 0.0);
    float* w = p.value.data();
    float* m = moments_[place].first.data();
    float* v = moments_[place++].second.data();
    for (std::size_t i = 0; i < p.value.size(); ++i) {
      const float g = p.gradient[i] + decay * w[i];
      m[i] = first * m[i] + (1 - first) * g;
      v[i] = second * v[i] + (1 - second) * g * g;
      w[i] -= rate * m[i] / (std::sqrt(v[i]) * correction + epsilon);
    }
  });
}

}  // namespace detent_trainer
