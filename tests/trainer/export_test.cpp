// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The export: packed networks come back bit for bit, and files that lie are refused.

#include <doctest/doctest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <support/message.hpp>
#include <trainer/error.hpp>
#include <trainer/evaluation.hpp>
#include <trainer/export/exported_network.hpp>
#include <trainer/nn/architectures.hpp>
#include <trainer/nn/model.hpp>
#include <trainer/quantization.hpp>
#include <trainer/report/result.hpp>
#include <trainer/settings.hpp>
#include <trainer/tiny_run.hpp>

namespace {

using namespace detent_trainer;
using detent_test::mentions;
using detent_test::message_of;

exported_network read_back(const std::string& bytes) {
  return parse_network(std::as_bytes(std::span(bytes)), "net");
}

std::string bytes_of(const exported_network& network) {
  return to_bytes(to_safetensors(network));
}

/// The network of a short run, with what the run measured.
exported_network trained(const settings& s) {
  exported_network network;
  training(s, tiny_run::glyphs()).finetune(tiny_run::start(s.seed), {}, &network);
  return network;
}

const exported_network& some_network() {
  static const exported_network network = trained(tiny_run::options("wrpn", 3));
  return network;
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& numbers) {
  std::vector<std::uint32_t> bits;
  for (const float x : numbers)
    bits.push_back(std::bit_cast<std::uint32_t>(x));
  return bits;
}

/// The complaint about a network after a change of the file's content.
std::string complaint(const std::function<void(safetensors&)>& change) {
  safetensors content = to_safetensors(some_network());
  change(content);
  return message_of<error>([&] {
    const exported_network network = read_back(to_bytes(content));
    rebuilt(network, "net");
  });
}

/// A file of this header and data.
std::string file_of(const std::string& header, const std::string& data) {
  std::string file;
  for (int i = 0; i < 8; ++i)
    file += static_cast<char>(header.size() >> (8 * i) & 0xFFU);
  return file + header + data;
}

std::string container_complaint(const std::string& file) {
  return message_of<error>([&] { parse_safetensors(std::as_bytes(std::span(file)), "net"); });
}

std::string tensor_complaint(const std::string& entry) {
  return container_complaint(file_of("{\"t\":" + entry + "}", std::string(8, '\0')));
}

}  // namespace

TEST_CASE("export: the network that is read back has the same accuracy") {
  for (const char* method : {"none", "dorefa", "dorefa+sinreq", "wrpn", "waveq", "dorefa+waveq"}) {
    CAPTURE(method);
    settings s = tiny_run::options(method);
    s.epochs = 2;
    if (s.method == "wrpn") s.activation_bits = 4;
    if (s.method == "dorefa") s.forward = "float";
    exported_network network;
    const run_result r = training(s, tiny_run::glyphs()).finetune(tiny_run::start(), {}, &network);
    const exported_network back = read_back(bytes_of(network));
    model m = rebuilt(back, "net");
    CHECK(accuracy(m, tiny_run::glyphs().test) == r.test_accuracy);
    CHECK(accuracy(m, tiny_run::glyphs().validation) == r.validation_accuracy);
    CHECK(back.test_accuracy == r.test_accuracy);
    CHECK(back.layers.size() == (s.method == "none" ? 0 : 3));
    CHECK(bytes_of(back) == bytes_of(network));
  }
}

TEST_CASE("export: levels are the operand of the forward pass, bit for bit, at 1 to 8 bits") {
  for (const char* forward : {"quantized", "float"}) {
    for (const char* quantizer : {"dorefa", "wrpn"}) {
      for (int bits = 1; bits <= 8; ++bits) {
        settings s = tiny_run::options(quantizer, bits);
        s.forward = forward;
        if (s.method == "wrpn" && bits == 1) continue;
        CAPTURE(forward);
        CAPTURE(quantizer);
        CAPTURE(bits);
        parameter p("fc.weight", 1003, 0.0F);
        for (std::size_t i = 0; i < p.value.size(); ++i)
          p.value[i] = 0.0021F * static_cast<float>(i * 7919 % 1003) - 0.94F;
        quantized_parameter q(p, bits, s);
        if (s.forward == "float") {
          q.snap();
        } else {
          q.refresh();
          q.prepare(operand::levels);
        }
        const std::vector<float> used(p.used(), p.used() + p.value.size());
        exported_network network;
        network.layers.emplace("fc.weight", q.exported());
        const exported_layer& layer = network.layers.at("fc.weight");
        CHECK(layer.codes.size() == (1003 * static_cast<std::size_t>(bits) + 7) / 8);
        CHECK(bits_of(layer.levels()) == bits_of(used));

        const exported_layer back = read_back(bytes_of(network)).layers.at("fc.weight");
        CHECK(bits_of(back.levels()) == bits_of(used));
        std::vector<float> one_by_one;
        for (std::size_t i = 0; i < back.count; ++i)
          one_by_one.push_back(back.level(back.stored(i)));
        CHECK(bits_of(one_by_one) == bits_of(used));
      }
    }
  }
}

TEST_CASE("export: batch normalization and its statistics come along") {
  model m = make_model("resnet20", {3, 16, 16}, 10, 5);
  exported_network network;
  network.model = "resnet20";
  network.input = m.input_shape();
  float next = 0.5F;
  for_each_named(m, [&](const std::string& name, std::vector<float>& numbers) {
    for (float& x : numbers)
      x = next += 0.0625F;
    network.numbers[name] = numbers;
  });
  CHECK(network.numbers.contains("stage3.block3.bn2.running_variance"));
  model back = rebuilt(read_back(bytes_of(network)), "net");
  CHECK(back.state() == m.state());
  network.numbers["bn1.running_variance"][3] = -1;
  CHECK(mentions(message_of<error>([&] { rebuilt(network, "net"); }),
                 "net: tensor 'bn1.running_variance': a variance is below 0"));
}

TEST_CASE("export: more bits than codes hold are refused, before the training where asked") {
  settings s = tiny_run::options("dorefa", 9);
  CHECK(message_of<error>([&] { check_export(s); }) ==
        "--bits: 9 bits cannot be exported; use 1 to 8, or 32 for full precision");
  CHECK(mentions(message_of<error>([&] { trained(s); }), "fc1.weight: 9 bits"));
  s.bits = 32;
  s.layer_bits = {{"fc2", 16}};
  CHECK(mentions(message_of<error>([&] { check_export(s); }), "--layer-bits fc2: 16 bits"));
  s.layer_bits = {{"fc2", 8}};
  check_export(s);
  CHECK(mentions(message_of<error>([&] { require_exportable({3, 128, 128}); }), "--export: "));
  require_exportable({1, 128, 128});
}

TEST_CASE("export: a truncated file is refused wherever it ends") {
  const std::string whole = bytes_of(some_network());
  read_back(whole);
  std::uint64_t header = 0;
  std::memcpy(&header, whole.data(), 2);  // below 65536: two bytes on either byte order would do
  REQUIRE(whole[2] == 0);
  for (std::size_t size = 0; size < whole.size();
       size += size < 8 + header + 64 ? 1 : 1 + whole.size() / 64) {
    const std::string part = whole.substr(0, size);
    const std::string message = message_of<error>([&] { read_back(part); });
    if (!message.starts_with("net: ")) FAIL_CHECK("size ", size, ": ", message);
  }
  CHECK(mentions(message_of<error>([&] { read_back(whole + "x"); }),
                 "net: 1 bytes after the last tensor"));
}

TEST_CASE("export: no flipped bit of the header crashes the reader") {
  const std::string whole = bytes_of(some_network());
  const std::size_t header =
      8 + (static_cast<unsigned char>(whole[0]) |
           static_cast<std::size_t>(static_cast<unsigned char>(whole[1])) << 8U);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < header; ++at) {
    std::string file = whole;
    file[at] = static_cast<char>(file[at] ^ (1 << at % 7));
    const std::string message = message_of<error>([&] { read_back(file); });
    refused += message.starts_with("net: ") ? 1U : 0U;
    if (message == "(another type was thrown)") FAIL_CHECK("offset ", at);
    if (message.find('\n') != std::string::npos) FAIL_CHECK("offset ", at, ": ", message);
  }
  CHECK(refused > header / 2);
}

TEST_CASE("export: a header of lies is refused with its place") {
  CHECK(mentions(container_complaint("abc"), "net: offset 3: truncated"));
  const std::string huge(8, '\xFF');
  CHECK(mentions(container_complaint(huge + "{}"),
                 "net: offset 0: a header of 18446744073709551615 bytes"));
  CHECK(mentions(container_complaint(file_of("{\"t\":", "")), "net: offset ", "no valid JSON"));
  CHECK(mentions(container_complaint(file_of(R"({"a":1e999})", "")),
                 "net: offset 8: ", "a number that no double can hold"));
  CHECK(mentions(container_complaint(file_of("[]", "")), "no JSON object"));
  CHECK(mentions(container_complaint(file_of(std::string(100000, '['), "")), "no valid JSON"));
  CHECK(mentions(container_complaint(file_of(R"({"a":1,"a":2})", "")), "'a' is there twice"));
  CHECK(mentions(container_complaint(file_of(R"({"__metadata__":{"a":1}})", "")),
                 "__metadata__: 'a' is not text"));
  CHECK(mentions(container_complaint(file_of("{}", "x")), "1 bytes after the last tensor"));
}

TEST_CASE("export: only spaces pad a header, and only behind it") {
  const std::string header = R"({"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})";
  const auto complaint_of = [](const std::string& text) {
    return container_complaint(file_of(text, "ab"));
  };
  CHECK(complaint_of(header) == "(nothing was thrown)");
  CHECK(complaint_of(header + "   ") == "(nothing was thrown)");
  CHECK(complaint_of("\xEF\xBB\xBF" + header) == "net: offset 8: the header does not begin with {");
  for (const char* space : {" ", "\n", "\t", "\r\n"})
    CHECK(complaint_of(space + header) == "net: offset 8: the header does not begin with {");
  const std::string zeros(3, '\0');
  const std::string end = std::to_string(8 + header.size());
  for (const std::string& padding : {zeros, zeros + "}", zeros + " ", zeros + header})
    CHECK(complaint_of(header + padding) ==
          "net: offset " + end + ": the header holds a byte 0; only spaces may pad it");
  CHECK(mentions(complaint_of("{" + zeros + header.substr(1)), "net: offset 9: ", "a byte 0"));
  CHECK(mentions(complaint_of(zeros + header), "net: offset 8: ", "a byte 0"));
  for (const char* padding : {"\n", "  \n ", "\t", "\r"})
    CHECK(mentions(complaint_of(header + padding), "the header does not end with } and spaces"));
  for (const char* padding : {"}", "x", "{}", ",", "\xEF\xBB\xBF", "\xC2\xA0"})
    CHECK(mentions(complaint_of(header + padding), "no valid JSON"));
  CHECK(mentions(container_complaint(file_of("", "")), "no valid JSON"));
  CHECK(mentions(container_complaint(file_of("    ", "")), "no valid JSON"));
}

TEST_CASE("export: a tensor's entry that lies is refused by its name") {
  const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  CHECK(tensor_complaint(good) == "(nothing was thrown)");
  for (const auto& [entry, reason] : std::vector<std::pair<std::string, std::string>>{
           {"1", "dtype, shape and data_offsets are needed"},
           {R"({"dtype":"F32","shape":[2]})", "dtype, shape and data_offsets are needed"},
           {R"({"dtype":"F16","shape":[2],"data_offsets":[0,8]})", "neither U8 nor F32"},
           {R"({"dtype":"U8","shape":[2],"data_offsets":[0,8]})", "shape [2] does not fit"},
           {R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,8]})", "shape is not one count"},
           {R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})", "shape is not one count"},
           {R"({"dtype":"F32","shape":[2],"data_offsets":[0,8.5]})", "not two counts"},
           {R"({"dtype":"F32","shape":[3],"data_offsets":[0,12]})", "0 to 12 are not within"},
           {R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})", "8 to 0 are not within"},
           {R"({"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]})",
            "does not fit"},
           {R"({"dtype":"U8","shape":[4],"data_offsets":[4,8]})", "begins at 4 of the data"}}) {
    CAPTURE(entry);
    const std::string message = tensor_complaint(entry);
    CAPTURE(message);
    CHECK(message.starts_with("net: tensor 't': "));
    CHECK(mentions(message, reason));
  }
  const std::string eight(8, '\0');
  CHECK(mentions(
      container_complaint(file_of(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
                                  R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
                                  eight)),
      "net: tensor 'b': begins at 4 of the data, the one before ends at 8"));
  CHECK(mentions(container_complaint(file_of("{\"t\":" + good + "}", std::string(8, '\xFF'))),
                 "net: tensor 't': number 0 is not finite"));
}

TEST_CASE("export: metadata that lies is refused by its name") {
  CHECK(complaint([](safetensors&) {}) == "(nothing was thrown)");
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{{"format", "pt"},
                                                        {"format_version", "2"},
                                                        {"classes", "1"},
                                                        {"input.channels", "0"},
                                                        {"input.height", "16384"},
                                                        {"activation_bits", "17"},
                                                        {"test_accuracy", "nan"},
                                                        {"fc1.weight.bits", "0"},
                                                        {"fc1.weight.bits", "9"},
                                                        {"fc1.weight.count", "-1"},
                                                        {"fc1.weight.step", "0"},
                                                        {"fc1.weight.step", "-1"},
                                                        {"fc1.weight.step", "inf"},
                                                        {"fc1.weight.step", "0.1x"},
                                                        {"fc1.weight.phase", "nan"},
                                                        {"fc1.weight.gain", "0"},
                                                        {"fc1.weight.gain", "1e300"},
                                                        {"fc1.weight.lowest_code", "-99999999999"},
                                                        {"fc1.weight.highest_code", "100"}}) {
    CAPTURE(key);
    CAPTURE(value);
    const std::string message = complaint([&](safetensors& c) { c.metadata[key] = value; });
    CAPTURE(message);
    CHECK(message.starts_with("net: metadata '"));
    CHECK(mentions(complaint([&](safetensors& c) { c.metadata.erase(key); }),
                   "net: metadata '" + key + "': missing"));
  }
  CHECK(mentions(complaint([](safetensors& c) { c.metadata["model"] = "vgg"; }),
                 "net: model: 'vgg' is none of"));
}

TEST_CASE("export: codes that do not fit their layer are refused") {
  const std::string codes = "net: tensor 'fc3.weight.codes': ";
  CHECK(mentions(complaint([](safetensors& c) { c.metadata["fc3.weight.count"] = "1281"; }),
                 codes + "480 bytes do not fit 1281 codes of 3 bits"));
  CHECK(mentions(
      complaint([](safetensors& c) { c.metadata["fc3.weight.count"] = "18446744073709551615"; }),
      codes));
  CHECK(mentions(complaint([](safetensors& c) { c.bytes["fc3.weight.codes"].pop_back(); }),
                 codes + "479 bytes"));
  // WRPN has 7 codes at three bits: 0 to 6.
  CHECK(mentions(complaint([](safetensors& c) { c.bytes["fc3.weight.codes"][0] |= 7U; }),
                 codes + "code 0 is 7, allowed are 0 to 6"));
  CHECK(mentions(complaint([](safetensors& c) {
                   c.metadata["fc3.weight.count"] = "1279";
                   c.bytes["fc3.weight.codes"].back() |= 0x20U;
                 }),
                 codes + "bits after the last code are not 0"));
}

TEST_CASE("export: tensors that are not those of the model are refused") {
  CHECK(mentions(complaint([](safetensors& c) { c.numbers.erase("fc2.bias"); }),
                 "net: tensor 'fc2.bias': needed by mlp", "in none"));
  CHECK(mentions(complaint([](safetensors& c) { c.numbers["fc2.weight"] = {1}; }),
                 "net: tensor 'fc2.weight': needed by mlp", "in two"));
  CHECK(mentions(complaint([](safetensors& c) { c.numbers["fc2.bias"].pop_back(); }),
                 "net: tensor 'fc2.bias': 127 numbers, mlp needs 128"));
  CHECK(mentions(complaint([](safetensors& c) { c.numbers["fc9.bias"] = {1}; }),
                 "net: tensor 'fc9.bias': not part of mlp"));
  CHECK(mentions(complaint([](safetensors& c) { c.bytes["fc9"] = {1}; }), "net: tensor 'fc9': U8"));
  CHECK(mentions(complaint([](safetensors& c) { c.metadata["input.height"] = "30"; }),
                 "net: tensor 'fc1.weight': 200704 numbers, mlp needs"));
  for (const char* ranges : {"", "1", "1 0", "1 -1", "1 2 3", "1 nan"}) {
    CAPTURE(ranges);
    CHECK(mentions(complaint([&](safetensors& c) {
                     c.metadata["activation_bits"] = "4";
                     c.metadata["activation_ranges"] = ranges;
                   }),
                   "net: metadata 'activation_ranges': "));
  }
}
