// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// The checks of the settings, and the words of the command line that become settings.

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <support/message.hpp>
#include <trainer/error.hpp>
#include <trainer/options.hpp>
#include <trainer/settings.hpp>

namespace {

using namespace detent_trainer;

/// The complaint about the default settings after one change.
template <class F>
std::string complaint(F change) {
  return detent_test::message_of<error>([&] {
    settings s;
    change(s);
    check(s);
  });
}

/// Whether there is a complaint that is one line, opens with the argument and names its value.
template <class F>
bool blames(F change, const std::string& argument, const std::string& value) {
  const std::string message = complaint(change);
  const bool good = message.starts_with(argument + ": ") &&
                    message.find(value) != std::string::npos &&
                    message.find('\n') == std::string::npos;
  if (!good) MESSAGE("message: ", message, "   expected: ", argument, ", ", value);
  return good;
}

const std::string fine = "(nothing was thrown)";

}  // namespace

TEST_CASE("settings: the defaults and the ends of the ranges are allowed") {
  CHECK(complaint([](settings&) {}) == fine);
  for (const int bits : {1, 2, 16, 32}) {
    CAPTURE(bits);
    CHECK(complaint([&](settings& s) { s.bits = s.activation_bits = bits; }) == fine);
    CHECK(complaint([&](settings& s) { s.layer_bits["fc1"] = bits; }) == fine);
  }
  for (const char* method : {"none", "dorefa", "dorefa+sinreq", "wrpn", "wrpn+sinreq"}) {
    CAPTURE(method);
    CHECK(complaint([&](settings& s) { s.method = method; }) == fine);
  }
  CHECK(complaint([](settings& s) { s.epochs = s.pretrain_epochs = 0; }) == fine);
  CHECK(complaint([](settings& s) { s.strength = s.ramp = s.momentum = 0; }) == fine);
  CHECK(complaint([](settings& s) { s.learning_rate = s.pretrain_learning_rate = 100; }) == fine);
}

TEST_CASE("settings: bits outside 1 to 16 are named with the argument") {
  for (const int bits : {-3, 0, 17, 31, 33}) {
    CAPTURE(bits);
    const std::string value = ": " + std::to_string(bits) + " is not allowed; use 1 to 16";
    CHECK(blames([&](settings& s) { s.bits = bits; }, "--bits", value));
    CHECK(blames([&](settings& s) { s.activation_bits = bits; }, "--activation-bits", value));
    CHECK(blames([&](settings& s) { s.layer_bits["fc1"] = bits; }, "--layer-bits fc1", value));
  }
}

TEST_CASE("settings: WRPN needs two bits, also in a single layer") {
  for (const char* method : {"wrpn", "wrpn+sinreq"}) {
    const auto with = [&](settings& s) { s.method = method; };
    CHECK(blames([&](settings& s) { with(s), s.bits = 1; }, "--bits", "1 leaves WRPN"));
    CHECK(blames([&](settings& s) { with(s), s.layer_bits["fc2"] = 1; }, "--layer-bits fc2",
                 "1 leaves WRPN"));
    CHECK(complaint([&](settings& s) { with(s), s.bits = 2; }) == fine);
  }
}

TEST_CASE("settings: an unknown word is named with the argument and the words allowed") {
  CHECK(complaint([](settings& s) { s.method = "drofa"; }) ==
        "--method: 'drofa' is none of none, dorefa, dorefa+sinreq, dorefa+waveq, wrpn, "
        "wrpn+sinreq, wrpn+waveq, waveq, lsq, rq, rq-st, srq, srq+dropbits, "
        "srq+dropbits+learned-bits, srq-all, srq-all+dropbits, srq-all+dropbits+learned-bits, "
        "gradl1, gradl2, kure, bin");
  CHECK(complaint([](settings& s) { s.model = "vgg"; }) ==
        "--model: 'vgg' is none of mlp, lenet5, simplenet, resnet20");
  CHECK(blames([](settings& s) { s.method = "none+sinreq"; }, "--method", "none+sinreq"));
  CHECK(blames([](settings& s) { s.method = ""; }, "--method", "''"));
  CHECK(blames([](settings& s) { s.first_last = "4bit"; }, "--first-last", "'4bit'"));
  CHECK(blames([](settings& s) { s.forward = "int"; }, "--forward", "'int'"));
  CHECK(blames([](settings& s) { s.domain = "tanh"; }, "--domain", "'tanh'"));
  CHECK(blames([](settings& s) { s.bit_cost = "bytes"; }, "--bit-cost", "'bytes'"));
  CHECK(blames([](settings& s) { s.amplitude = "cubic"; }, "--amplitude", "'cubic'"));
  CHECK(blames([](settings& s) { s.extent = "open"; }, "--extent", "'open'"));
  CHECK(blames([](settings& s) { s.range = "max"; }, "--range", "'max'"));
  CHECK(blames([](settings& s) { s.lr_schedule = "step"; }, "--lr-schedule", "'step'"));
  CHECK(blames([](settings& s) { s.optimizer = "lion"; }, "--optimizer", "'lion'"));
}

TEST_CASE("settings: a learned grid has two bits at least, gates six at most, and levels forward") {
  for (const char* method : {"lsq", "rq", "rq-st", "srq", "srq-all", "srq+dropbits"}) {
    CAPTURE(method);
    const auto with = [&](settings& s) { s.method = method; };
    CHECK(complaint([&](settings& s) { with(s), s.bits = 2; }) == fine);
    CHECK(complaint([&](settings& s) { with(s), s.bits = 6, s.activation_bits = 1; }) == fine);
    CHECK(blames([&](settings& s) { with(s), s.bits = 1; }, "--bits", "1 is not allowed"));
    CHECK(blames([&](settings& s) { with(s), s.layer_bits["fc1"] = 1; }, "--layer-bits fc1",
                 "1 is not allowed"));
    CHECK(blames([&](settings& s) { with(s), s.forward = "float"; }, "--forward", "'quantized'"));
    CHECK(blames([&](settings& s) { with(s), s.scale_rate = 1; }, "--scale-lr", "1 is not in ["));
    CHECK(blames([&](settings& s) { with(s), s.gate_rate = -1; }, "--gate-lr", "-1 is not in ["));
  }
  const auto dropped = [](settings& s) { s.method = "srq+dropbits+learned-bits"; };
  CHECK(blames([&](settings& s) { dropped(s), s.bits = 7; }, "--bits", "use 2 to 6"));
  CHECK(blames([&](settings& s) { dropped(s), s.first_last = "8bit"; }, "--first-last", "'8bit'"));
  CHECK(complaint([](settings& s) { s.method = "lsq", s.bits = 16; }) == fine);
}

TEST_CASE("settings: a penalty in full precision quantizes nothing in training") {
  for (const char* method : {"gradl1", "gradl2", "kure", "bin"}) {
    CAPTURE(method);
    const auto with = [&](settings& s) { s.method = method; };
    CHECK(complaint(with) == fine);
    settings s;
    with(s);
    CHECK(s.quantizer() == "none");
    CHECK_FALSE(s.regularized());
    CHECK(s.penalizes_gradients() == std::string(method).starts_with("gradl"));
    CHECK(s.label() == std::string(method) + (s.method == "bin" ? " W3 seed 1" : " seed 1"));
    CHECK(
        blames([&](settings& t) { with(t), t.activation_bits = 4; }, "--activation-bits", method));
    CHECK(blames([&](settings& t) { with(t), t.activation_strength = -1; }, "--activation-strength",
                 "-1 is not in ["));
    CHECK(
        blames([&](settings& t) { with(t), t.start_epoch = 0; }, "--start-epoch", "0 is not in ["));
    CHECK(blames([&](settings& t) { with(t), t.start_epoch = 5; }, "--start-epoch",
                 "5 is not in [1, 4"));
    CHECK(complaint([&](settings& t) { with(t), t.start_epoch = 4; }) == fine);
    CHECK(complaint([&](settings& t) { with(t), t.epochs = 0; }) == fine);
  }
  const auto bin = [](settings& s) { s.method = "bin"; };
  CHECK(blames([&](settings& s) { bin(s), s.bits = 1; }, "--bits", "1 is not allowed with bin"));
  CHECK(blames([&](settings& s) { bin(s), s.bits = 9; }, "--bits", "use 2 to 8"));
  CHECK(blames([&](settings& s) { bin(s), s.layer_bits["fc1"] = 9; }, "--layer-bits fc1", "9"));
  CHECK(complaint([&](settings& s) { bin(s), s.bits = 8; }) == fine);
  CHECK(complaint([](settings& s) { s.method = "gradl1", s.bits = 1; }) == fine);
}

TEST_CASE("settings: a number outside its range is named with the argument") {
  CHECK(blames([](settings& s) { s.strength = -1; }, "--strength", "-1"));
  CHECK(blames([](settings& s) { s.strength = std::nan(""); }, "--strength", "nan"));
  CHECK(blames([](settings& s) { s.ramp = 1.5; }, "--ramp", "1.5"));
  CHECK(blames([](settings& s) { s.epochs = -1; }, "--epochs", "-1"));
  CHECK(blames([](settings& s) { s.pretrain_epochs = -2; }, "--pretrain-epochs", "-2"));
  CHECK(blames([](settings& s) { s.learning_rate = 0; }, "--lr", "0 is not in ["));
  CHECK(blames([](settings& s) { s.pretrain_learning_rate = 101; }, "--pretrain-lr", "101"));
  CHECK(blames([](settings& s) { s.momentum = 1; }, "--momentum", "1 is not in ["));
  CHECK(blames([](settings& s) { s.weight_decay = -0.5; }, "--weight-decay", "-0.5"));
  CHECK(blames([](settings& s) { s.batch_size = 0; }, "--batch", "0 is not in ["));
  CHECK(blames([](settings& s) { s.threads = 0; }, "--threads", "0 is not in ["));
}

TEST_CASE("settings: the method falls into quantizer and regularizer") {
  settings s;
  s.method = "wrpn+sinreq";
  CHECK(s.quantizer() == "wrpn");
  CHECK(s.regularized());
  s.method = "dorefa";
  CHECK(s.quantizer() == "dorefa");
  CHECK_FALSE(s.regularized());
  s.method = "none";
  CHECK(s.quantizer() == "none");
  CHECK(s.label() == "none seed 1");
  s.method = "wrpn+sinreq";
  s.bits = 2;
  s.activation_bits = 4;
  s.forward = "float";
  s.lr_schedule = "cosine";
  s.seed = 9;
  CHECK(s.label() == "wrpn+sinreq W2 A4 float cosine seed 9");
}

TEST_CASE("options: bits of layers are parsed, and malformed words are named") {
  settings s;
  parse_exceptions({{"conv1=8", "stage1.block1.conv1=2"}, {"conv1=4.5"}, {}}, s);
  CHECK(s.start_bits == std::map<std::string, double>{{"conv1", 4.5}});
  CHECK(s.layer_bits == std::map<std::string, int>{{"conv1", 8}, {"stage1.block1.conv1", 2}});
  for (const char* word :
       {"conv1", "conv1=", "conv1=x", "conv1=3x", "=", "", "conv1=nan", "conv1=inf", "conv1=0x3",
        "conv1=03", "conv1=+3", "conv1= 3", "conv1=3 ", "conv1=1e999"}) {
    CAPTURE(word);
    CHECK(detent_test::message_of<usage_error>([&] {
            parse_exceptions({{word}, {}, {}}, s);
          }) == "--layer-bits: '" + std::string(word) + "' is not of the form LAYER=BITS");
    CHECK(detent_test::message_of<usage_error>([&] {
            parse_exceptions({{}, {word}, {}}, s);
          }) == "--start-bits: '" + std::string(word) + "' is not of the form LAYER=BITS");
  }
}

TEST_CASE("options: bits after training name the weights, or weights and activations") {
  settings s;
  parse_ptq({{}, {}, {"8", "4/32", "32/6", "32", "2/1"}}, s);
  CHECK(s.ptq == std::vector<ptq_bits>{{8, 8}, {4, 32}, {32, 6}, {32, 32}, {2, 1}});
  CHECK(complaint([&](settings& t) { t.ptq = s.ptq; }) == fine);
  for (const char* word :
       {"", "x", "4.5", "4/", "/4", "4/4/4", "4 ", "+4", "04", "4/04", "0x4", "99999999999"}) {
    CAPTURE(word);
    CHECK(detent_test::message_of<usage_error>([&] {
            settings t;
            parse_ptq({{}, {}, {word}}, t);
          }) == "--ptq: '" + std::string(word) + "' is not of the form BITS or BITS/ACTIVATIONS");
  }
  CHECK(detent_test::message_of<usage_error>([] {
          settings t;
          parse_ptq({{}, {}, {"4", "8", "4/4"}}, t);
        }) == "--ptq: '4/4' is there twice");
}

TEST_CASE("settings: bits after training are named with the argument") {
  CHECK(blames(
      [](settings& s) {
        s.ptq = {{8, 8}, {17, 8}};
      },
      "--ptq", "17 is not allowed; use 2 to 16, or 32"));
  CHECK(blames(
      [](settings& s) {
        s.ptq = {{8, 0}};
      },
      "--ptq", "0 is not allowed; use 1 to 16, or 32"));
  CHECK(blames([](settings& s) { s.ptq = {{1, 8}}; }, "--ptq", "1 bit leaves zero"));
  CHECK(blames([](settings& s) { s.ptq = {{-4, 8}}; }, "--ptq", "-4 is not allowed"));
}

TEST_CASE("options: bits of a layer are whole, where it starts need not be") {
  settings s;
  CHECK(detent_test::message_of<usage_error>([&] {
          parse_exceptions({{"fc1=3.5"}, {}, {}}, s);
        }) == "--layer-bits fc1: 3.5 is not a whole number");
  for (const char* word : {"fc1=1", "fc1=8.5", "fc1=-3", "fc1=1e300"}) {
    CAPTURE(word);
    CHECK(blames(
        [&](settings& t) {
          parse_exceptions({{}, {word}, {}}, t);
        },
        "--start-bits fc1", "is not in [2"));
  }
}

TEST_CASE("options: a layer is named once, for the last of two words must not win in silence") {
  settings s;
  CHECK(detent_test::message_of<usage_error>([&] {
          parse_exceptions({{"fc1=3", "fc2=3", "fc1=4"}, {}, {}}, s);
        }) == "--layer-bits: layer 'fc1' is there twice");
  CHECK(detent_test::message_of<usage_error>([&] {
          parse_exceptions({{}, {"fc1=3", "fc1=3"}, {}}, s);
        }) == "--start-bits: layer 'fc1' is there twice");
}

TEST_CASE("settings: numbers in messages have the digits that tell them apart") {
  CHECK(settings::shortest(3) == "3");
  CHECK(settings::shortest(-0.25) == "-0.25");
  CHECK(settings::shortest(1e6) == "1000000");
  CHECK(settings::shortest(1e-12) == "1e-12");
  CHECK(
      blames([](settings& s) { s.learning_rate = 1e-12; }, "--lr", "1e-12 is not in [1e-09, 100]"));
}

TEST_CASE("options: bits beyond the range of int do not turn into bits that are allowed") {
  for (const char* word : {"fc1=4294967299", "fc1=-4294967293", "fc1=99999999999999999999"}) {
    CAPTURE(word);
    CHECK(blames(
        [&](settings& s) {
          parse_exceptions({{word}, {}, {}}, s);
        },
        "--layer-bits fc1", "is not allowed"));
  }
}
