// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Fuzz target over the reader of exported networks: it reads the bytes or throws `error`, nothing
// else, and what it has read it can write and read again.
//
// Before it starts, the program writes a good file into the first folder among its arguments.

#include <detent/detent.hpp>
#include <trainer/error.hpp>
#include <trainer/export/exported_network.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace {

namespace trainer = detent_trainer;

void require(bool condition) {
  if (!condition) std::abort();
}

trainer::exported_network read(std::string_view file) {
  return trainer::parse_network(std::as_bytes(std::span(file)), "fuzz");
}

std::string written(const trainer::exported_network& network) {
  return trainer::to_bytes(trainer::to_safetensors(network));
}

/// Layers of some bit-widths, other numbers, and ranges of activations.
std::string good_file() {
  trainer::exported_network network;
  network.model = "mlp";
  network.method = "dorefa";
  network.input = {1, 2, 3};
  network.activation_bits = 4;
  network.activation_ranges = {1.5F, 0.25F};
  network.numbers["fc1.bias"] = {0.5F, -1.0F, 3.0F};
  for (const int bits : {1, 3, 8}) {
    trainer::exported_layer layer;
    layer.bits = bits;
    layer.count = 9;
    layer.grid = detent::dorefa_grid(detent::bits{bits});
    layer.codes.assign(detent::packed_size(layer.count, detent::bits{bits}), 0);
    layer.codes[0] = 1;
    network.layers["fc" + std::to_string(bits) + ".weight"] = layer;
  }
  return written(network);
}

/// The good file with bytes around its header, which the reader refuses.
std::string with_header(const std::string& before, const std::string& behind) {
  const std::string good = good_file();
  std::size_t length = 0;
  for (std::size_t i = 0; i < 8; ++i)
    length |= std::size_t{static_cast<unsigned char>(good[i])} << (8 * i);
  const std::string header = before + good.substr(8, length) + behind;
  std::string file;
  for (std::size_t i = 0; i < 8; ++i)
    file += static_cast<char>(header.size() >> (8 * i) & 0xFFU);
  return file + header + good.substr(8 + length);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  require(written(read(good_file())) == good_file());
  for (const char* argument : std::span{*arguments, static_cast<std::size_t>(*count)}) {
    if (!std::filesystem::is_directory(argument)) continue;
    const auto write = [&](const char* name, const std::string& file) {
      std::ofstream{std::filesystem::path{argument} / name, std::ios::binary} << file;
    };
    write("seed_network", good_file());
    write("seed_byte_order_mark", with_header("\xEF\xBB\xBF", ""));
    write("seed_padded_by_zeros", with_header("", std::string(8, '\0')));
    write("seed_padded_by_lines", with_header("\n", "\n"));
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  try {
    const std::string again = written(read(file));
    require(written(read(again)) == again);
  } catch (const trainer::error& refused) {
    // The message is for one line of a terminal.
    require(std::string_view{refused.what()}.starts_with("fuzz: "));
    require(std::string_view{refused.what()}.find('\n') == std::string_view::npos);
  }
  return 0;
}
