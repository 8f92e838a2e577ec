// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// The network of examples/cuda_mlp, with products of a plain loop in place of cuBLAS: its gradients
// against differences of a loss in double, its steps, and what it learns.

#include "layers.hpp"
// Before the rest: without nvcc it stands in for CUDA.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <detent/algorithm/accumulate.hpp>
#include <detent/grid/convention.hpp>
#include <detent/quantizer/rounding.hpp>
#include <detent/regularizer/sinusoidal.hpp>
#include <memory>
#include <support/cuda_stream.hpp>
#include <support/random.hpp>
#include <vector>

#include "../../examples/cuda_mlp/fitted_rounding.cpp"
#include "../../examples/cuda_mlp/training.cuh"

namespace {

using namespace cuda_mlp;

/// c = op(a) op(b) as BLAS defines it: every matrix column-major, its columns ld apart.
__global__ void gemm_kernel(bool transposed_a, bool transposed_b, int m, int n, int k,
                            float const* a, int lda, float const* b, int ldb, float* c, int ldc) {
  int const element = static_cast<int>(first_element());
  if (element >= m * n) return;
  int const row = element % m, column = element / m;
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    double const of_a = transposed_a ? a[row * lda + i] : a[i * lda + row];
    double const of_b = transposed_b ? b[i * ldb + column] : b[column * ldb + i];
    sum += of_a * of_b;
  }
  c[column * ldc + row] = static_cast<float>(sum);
}

/// The tests' device memory, which moves as Thrust's does and like it is no view.
template <class T>
class moving_memory {
 public:
  struct pointer {
    T* address;
    T* get() const { return address; }
  };
  explicit moving_memory(std::size_t size)
      : memory_(std::make_unique<cuda_test::device_memory<T>>(size)) {}
  moving_memory(std::vector<T> const& from)
      : memory_(std::make_unique<cuda_test::device_memory<T>>(from)) {}

  pointer data() const { return {memory_->data()}; }
  std::size_t size() const { return memory_->span().size(); }
  std::vector<T> read() const { return memory_->read(); }

 private:
  std::unique_ptr<cuda_test::device_memory<T>> memory_;
};

/// What `device` is to the program.
class plain_device {
 public:
  template <class T>
  using vector = moving_memory<T>;
  using graph = std::unique_ptr<detent_test::graph>;

  cudaStream_t stream() const { return stream_.get(); }
  void wait() const {}
  template <class T>
  std::vector<T> read(vector<T> const& from) const {
    return from.read();
  }
  void gemm(transpose a, transpose b, int m, int n, int k, float const* of_a, int lda,
            float const* of_b, int ldb, float* c, int ldc) {
    launch_over(stream(), "gemm", static_cast<unsigned>(m * n), gemm_kernel, a == transpose::yes,
                b == transpose::yes, m, n, k, of_a, lda, of_b, ldb, c, ldc);
  }
  template <class F>
  graph record(F const& enqueue) const {
    return std::make_unique<detent_test::graph>(stream_, enqueue);
  }
  void replay(graph& recorded) const { recorded->launch(stream_); }

 private:
  detent_test::own_stream stream_;
};

constexpr unsigned batch = 8;
std::vector<unsigned> const widths{6, 5, 4, 3};
constexpr double lambda = 0.3;

std::vector<detent::rounding> quantizers_of_ranges(std::vector<double> const& ranges) {
  std::vector<detent::rounding> all;
  for (double const range : ranges)
    all.emplace_back(detent::dorefa_grid(detent::bits(2)).scaled(range));
  return all;
}
/// Of which some weights lie outside.
std::vector<detent::rounding> const quantizers = quantizers_of_ranges({0.3, 0.35, 0.4});

/// Images of random pixels, their labels and an order that is not their own.
struct batch_data {
  examples all;
  std::vector<unsigned> order;

  explicit batch_data(unsigned count) {
    detent_test::random_numbers random(7);
    for (unsigned i = 0; i < count * widths.front(); ++i)
      all.pixels.push_back(static_cast<float>(random.between(-1.5, 1.5)));
    for (unsigned i = 0; i < count; ++i) {
      all.labels.push_back(random.integer(0, static_cast<int>(widths.back()) - 1));
      order.push_back((i * 3 + 2) % count);
    }
  }
};

/// Parameters with biases that are not 0.
template <class Device>
parameters some_parameters(network<Device> const& net) {
  auto start = net.random_parameters(3);
  detent_test::random_numbers random(4);
  for (dense const& layer : net.layers())
    for (unsigned i = 0; i < layer.outputs; ++i)
      start.biases[layer.biases_at + i] = static_cast<float>(random.between(-0.4, 0.4));
  return start;
}

/// The network in double, written down once more: an image, a layer, an output at a time.
struct reference {
  std::vector<dense> layers;
  std::vector<double> weights, biases;

  reference(std::vector<dense> const& of, parameters const& p)
      : layers(of),
        weights(p.weights.begin(), p.weights.end()),
        biases(p.biases.begin(), p.biases.end()) {}

  std::vector<double> outputs(float const* image) const {
    std::vector<double> x(image, image + layers.front().inputs);
    for (dense const& layer : layers) {
      std::vector<double> y(layer.outputs);
      for (std::size_t o = 0; o < y.size(); ++o) {
        y[o] = biases[layer.biases_at + o];
        for (std::size_t i = 0; i < x.size(); ++i)
          y[o] += weights[layer.weights_at + o * x.size() + i] * x[i];
        if (&layer != &layers.back()) y[o] = std::max(y[o], 0.0);
      }
      x = y;
    }
    return x;
  }

  tally of_image(examples const& all, unsigned image) const {
    auto const z = outputs(all.pixels.data() + std::size_t{image} * layers.front().inputs);
    auto const largest = std::max_element(z.begin(), z.end());
    double sum = 0;
    for (double const output : z)
      sum += std::exp(output - *largest);
    auto const label = all.labels[image];
    return {std::log(sum) + *largest - z[static_cast<std::size_t>(label)],
            largest - z.begin() == label ? 1.0 : 0.0, 1.0};
  }

  /// The sum over the images of an order, from one place to another.
  tally over(batch_data const& data, unsigned first, unsigned last) const {
    tally sum{0, 0, 0};
    for (unsigned i = first; i < last; ++i)
      sum = sum_of(sum, of_image(data.all, data.order[i]));
    return sum;
  }

  double penalty() const {
    double sum = 0;
    for (std::size_t l = 0; l < layers.size(); ++l) {
      auto const first = weights.begin() + static_cast<std::ptrdiff_t>(layers[l].weights_at);
      std::vector<double> const w(first, first + static_cast<std::ptrdiff_t>(layers[l].weights()));
      sum += detent::penalty(detent::sinusoidal<>(quantizers[l].grid()), w).value;
    }
    return sum;
  }

  /// The derivative of f() by one of the numbers.
  template <class F>
  double difference(double& number, F const& f) const {
    constexpr double h = 1e-5;
    double const at = number;
    number = at + h;
    double const above = f();
    number = at - h;
    double const below = f();
    number = at;
    return (above - below) / (2 * h);
  }
};

bool agree(double got, double want) {
  return std::abs(got - want) < 2e-6;
}

/// A network on its device, with images that it is to look at.
struct setting {
  plain_device device;
  network<plain_device> net{device, widths, batch, quantizers};
  batch_data data;
  image_set<plain_device> images;
  parameters start = some_parameters(net);

  explicit setting(unsigned count = batch) : data(count), images(data.all.pixels, data.all.labels) {
    net.write(start);
    images.start(device, data.order);
  }
};

void check_gradients_by_biases(setting& s, reference& exact, parameters const& got) {
  for (dense const& layer : exact.layers) {
    for (std::size_t i = 0; i < layer.outputs; ++i) {
      double const want = exact.difference(exact.biases[layer.biases_at + i], [&] {
        return exact.over(s.data, 0, batch).loss / batch;
      });
      CHECK(agree(got.biases[layer.biases_at + i], want));
    }
  }
}

/// Clusters of images around one corner a class.
examples clusters(unsigned count, std::uint64_t seed) {
  constexpr unsigned features = 12, classes = 4;
  detent_test::random_numbers corner(5), random(seed);
  std::vector<double> centre;
  for (unsigned i = 0; i < features * classes; ++i)
    centre.push_back(corner.between(-1, 1));
  examples all;
  for (unsigned i = 0; i < count; ++i) {
    all.labels.push_back(static_cast<int>(i % classes));
    for (unsigned f = 0; f < features; ++f) {
      double const pixel = centre[(i % classes) * features + f] + random.between(-1, 1);
      all.pixels.push_back(static_cast<float>(pixel));
    }
  }
  return all;
}

settings small_settings() {
  settings s;
  s.hidden = {8};
  s.classes = 4;
  s.batch = 16;
  s.epochs = 5;
  s.finetuning = 6;
  s.rate = 0.1;
  s.strength = 0.6;
  return s;
}

}  // namespace

TEST_CASE("cuda mlp: gradients in full precision are the differences of loss and penalty") {
  setting s;
  s.net.quantized().set_strength(lambda);
  s.net.step(s.images, forward_with::weights);
  auto const got = s.net.read_gradients();
  reference exact(s.net.layers(), s.start);
  for (dense const& layer : exact.layers) {
    for (std::size_t i = 0; i < layer.weights(); ++i) {
      double const want = exact.difference(exact.weights[layer.weights_at + i], [&] {
        return exact.over(s.data, 0, batch).loss / batch + lambda * exact.penalty();
      });
      CHECK(agree(got.weights[layer.weights_at + i], want));
    }
  }
  check_gradients_by_biases(s, exact, got);
  CHECK(agree(s.net.quantized().read_penalty(), lambda * exact.penalty()));
}

TEST_CASE(
    "cuda mlp: with levels in the forward pass, gradients are theirs, passed straight through") {
  setting s;
  s.net.step(s.images, forward_with::levels);
  auto const got = s.net.read_gradients();
  reference exact(s.net.layers(), s.start);
  for (std::size_t l = 0; l < exact.layers.size(); ++l)
    for (std::size_t i = 0; i < exact.layers[l].weights(); ++i) {
      double& w = exact.weights[exact.layers[l].weights_at + i];
      w = quantizers[l](w);
    }
  int outside = 0;
  for (std::size_t l = 0; l < exact.layers.size(); ++l) {
    for (std::size_t i = 0; i < exact.layers[l].weights(); ++i) {
      std::size_t const at = exact.layers[l].weights_at + i;
      double const by_level = exact.difference(
          exact.weights[at], [&] { return exact.over(s.data, 0, batch).loss / batch; });
      bool const beyond = quantizers[l].grid().is_outside(s.start.weights[at]);
      outside += beyond ? 1 : 0;
      CHECK(agree(got.weights[at], beyond ? 0 : by_level));
    }
  }
  CHECK(outside > 5);
  check_gradients_by_biases(s, exact, got);
}

TEST_CASE("cuda mlp: loss and right answers are sums over all images, the last batch in part") {
  constexpr unsigned count = batch + 3;
  setting s(count);
  s.net.look(s.images);
  s.net.look(s.images);
  reference const exact(s.net.layers(), s.start);
  auto const got = s.images.read_total(s.device), want = exact.over(s.data, 0, count);
  CHECK(got.images == count);
  CHECK(got.right == want.right);
  CHECK(agree(got.loss / count, want.loss / count));
}

TEST_CASE("cuda mlp: a step goes on to the next batch and descends with momentum") {
  setting s(2 * batch);
  s.net.set_rate(0.25);
  std::vector<double> velocity(s.start.weights.size());
  auto before = s.start;
  for (unsigned step = 0; step < 2; ++step) {
    s.net.step(s.images, forward_with::weights);
    auto const gradient = s.net.read_gradients(), after = s.net.read();
    reference const exact(s.net.layers(), before);
    double loss = exact.over(s.data, step * batch, (step + 1) * batch).loss;
    if (step > 0) loss += reference(s.net.layers(), s.start).over(s.data, 0, batch).loss;
    CHECK(agree(s.images.read_total(s.device).loss / batch, loss / batch));
    for (std::size_t i = 0; i < velocity.size(); ++i) {
      velocity[i] = 0.9 * velocity[i] + gradient.weights[i];
      CHECK(agree(after.weights[i], before.weights[i] - 0.25 * velocity[i]));
    }
    before = after;
  }
}

TEST_CASE("cuda mlp: a captured step trains, and regularizes once a strength is written") {
  auto const all = clusters(64, 1);
  plain_device device;
  network<plain_device> net(device, {12, 16, 4}, 16, quantizers_of_ranges({0.4, 0.6}));
  image_set<plain_device> images(all.pixels, all.labels);
  images.start(device, shuffled(images.count(), 0));
  net.step(images, forward_with::weights);  // what runs first is loaded first, outside a capture
  auto step = device.record([&] { net.step(images, forward_with::weights); });
  net.write(net.random_parameters(1));
  net.set_rate(0.05);
  std::uint64_t epoch = 0;
  auto const train = [&](int epochs) {
    for (int e = 0; e < epochs; ++e) {
      images.start(device, shuffled(images.count(), epoch++));
      for (int b = 0; b < 4; ++b)
        device.replay(step);
    }
    return images.read_total(device);
  };
  double const untrained = train(1).loss, trained = train(8).loss;
  CHECK(trained < 0.3 * untrained);
  CHECK(net.quantized().read_penalty() == 0);
  net.quantized().set_strength(0.3);
  train(1);
  double const far = net.quantized().read_penalty();
  train(12);
  CHECK(far > 0.1);
  CHECK(net.quantized().read_penalty() < 0.1 * far);
}

TEST_CASE(
    "cuda mlp: what was trained in each way survives rounding, and every run has the same bits") {
  auto const train = clusters(64, 1), test = clusters(200, 2);
  std::vector<std::array<double, 5>> runs;
  for (int run = 0; run < 2; ++run) {
    plain_device device;
    experiment<plain_device> all(device, train, test, small_settings());
    double const full_precision = all.pretrain();
    outcome const r = all.compare(2);
    runs.push_back({full_precision, r.plain, r.unrounded, r.rounded, r.levels});
  }
  CHECK(runs[0] == runs[1]);
  auto const& [full_precision, plain, unrounded, rounded, levels] = runs[0];
  CHECK(full_precision > 90);
  CHECK(plain > 80);
  CHECK(std::abs(rounded - unrounded) < 6);
  CHECK(rounded > 80);
  CHECK(levels > 80);
}
