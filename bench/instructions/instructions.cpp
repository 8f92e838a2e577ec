// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT

// bench_instructions: what instructions/count.py counts the instructions of.
// usage: bench_instructions METHOD WEIGHTS CALLS     runs it, for a program that watches
// (callgrind)
//        bench_instructions METHOD WEIGHTS step      steps through one call and prints the count
//        bench_instructions METHOD WEIGHTS profile   … and how often it was at which address
//        bench_instructions list                     prints the methods
//        bench_instructions isa                      prints the instruction set in use

#include <bench/instructions/single_step.hpp>
#include <bench/support/methods.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using call = std::function<void()>;

struct method {
  char const* name;
  std::function<call(std::size_t)> prepare;
};

template <class T, class F>
method of(char const* name, F f) {
  return {name, [f](std::size_t size) -> call {
            auto const t = std::make_shared<bench::tensors<T>>(size);
            return [t, f] { static_cast<void>(f(*t)); };
          }};
}

std::vector<method> methods() {
  using namespace bench;
  return {of<float>("accumulate/bounded", accumulate(bounded())),
          of<float>("accumulate/periodic", accumulate(periodic())),
          of<float>("accumulate/tanh", accumulate(through_tanh())),
          of<float>("accumulate/lambda", accumulate(lambda())),
          of<float>("accumulate/hand_written", accumulate(hand_written())),
          of<double>("accumulate/bounded/double", accumulate(bounded())),
          of<detent::bfloat16>("accumulate/bounded/bfloat16", accumulate(bounded())),
          of<detent::half>("accumulate/bounded/half", accumulate(bounded())),
          of<float>("penalty/bounded", penalty(bounded())),
          of<float>("quantize/rounding", quantize(rounding())),
          of<float>("quantize/dorefa", quantize(dorefa())),
          of<float>("backward/rounding", backward(rounding())),
          of<float>("backward/semi_relaxed", backward(semi_relaxed())),
          of<float>("backward/relaxed_local", backward(relaxed(true))),
          of<float>("reduce/magnitude", reduce(detent::magnitude())),
          of<float>("snap", snap()),
          of<float>("snap/packed_codes", snap_packed())};
}

int print_isa() {
  char const* const isas[] = {"baseline", "avx2", "avx512"};
  std::puts(isas[static_cast<int>(detent::active_isa())]);
  return 0;
}

int print_list() {
  for (method const& m : methods())
    std::puts(m.name);
  return 0;
}

int print_steps(call const& f) {
  long const empty = bench::single_steps([] {}).total;
  std::printf("%ld\n", bench::single_steps(f).total - empty);
  return 0;
}

/// Addresses as in the symbol table, if __executable_start is 0 there, and counts.
int print_profile(call const& f) {
  auto const counts = bench::single_steps(f);
  for (std::size_t offset = 0; offset < counts.at.size(); ++offset)
    if (counts.at[offset] > 0) std::printf("%zx %u\n", offset, counts.at[offset]);
  return 0;
}

/// One call before those that are counted: it allocates.
int run(call const& f, std::string_view calls) {
  f();
  if (calls == "step") return print_steps(f);
  if (calls == "profile") return print_profile(f);
  for (int i = std::atoi(calls.data()); i > 0; --i)
    f();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view const command = argc > 1 ? argv[1] : "";
  if (command == "isa") return print_isa();
  if (command == "list") return print_list();
  if (argc == 4) {
    for (method const& m : methods())
      if (m.name == command) return run(m.prepare(std::strtoul(argv[2], nullptr, 10)), argv[3]);
  }
  std::fputs("usage: bench_instructions METHOD WEIGHTS CALLS|step|profile, or list, or isa\n",
             stderr);
  return 2;
}
