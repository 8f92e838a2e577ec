// SPDX-FileCopyrightText: 2026 The detent authors
// SPDX-License-Identifier: MIT
// Progress and Ctrl-C: one bar on a terminal, plain lines elsewhere, a flag that outlives a signal.

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <thread>
#include <trainer/report/format.hpp>
#include <trainer/report/interrupt.hpp>
#include <trainer/report/progress.hpp>
#include <vector>

namespace {

using detent_trainer::interrupt_guard;
using detent_trainer::progress;
using detent_trainer::progress_output;
using detent_trainer::progress_state;

// A pretended screen with a clock that the test winds.
struct screen {
  std::ostringstream stream;
  double now = 100;
  int columns = 100;

  progress_output output(bool is_terminal) {
    progress_output result;
    result.stream = &stream;
    result.is_terminal = is_terminal;
    result.columns = [this] { return columns; };
    result.seconds = [this] { return now; };
    return result;
  }

  std::size_t draws() const {
    const std::string text = stream.str();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\r'));
  }

  std::string last_line() const {
    const std::string text = stream.str();
    const auto at = text.rfind("\033[K");
    return at == std::string::npos ? text : text.substr(at + 3);
  }
};

progress_state state_at(int epoch, double fraction) {
  progress_state state;
  state.run = "dorefa W3";
  state.epoch = epoch;
  state.epochs = 4;
  state.epoch_fraction = fraction;
  state.loss = 0.5;
  state.accuracy = 0.925;
  state.average_bits = 3;
  return state;
}

}  // namespace

TEST_CASE("progress: elsewhere than on a terminal, one plain line at the end of each epoch") {
  screen view;
  progress shown(1, view.output(false));
  shown.update(state_at(0, 0.5));
  CHECK(view.stream.str() == "");
  view.now = 110;
  shown.end_epoch(state_at(1, 0));
  CHECK(view.stream.str() ==
        "dorefa W3: epoch 1/4, loss 0.5000, accuracy 92.50 %, 30 s left, 3.00 bits\n");
}

TEST_CASE("progress: figures that are not known are not shown") {
  screen view;
  progress shown(1, view.output(false));
  progress_state state;
  state.epoch = 4;
  state.epochs = 4;
  shown.end_epoch(state);
  CHECK(view.stream.str() == "epoch 4/4\n");
}

TEST_CASE("progress: the bar is drawn at most ten times a second") {
  screen view;
  progress shown(1, view.output(true));
  for (int i = 0; i < 100; ++i) {
    view.now = 100 + 0.001 * i;
    shown.update(state_at(0, 0.01 * i));
  }
  CHECK(view.draws() == 1);
  view.now = 100.15;
  shown.update(state_at(1, 0.5));
  CHECK(view.draws() == 2);
}

TEST_CASE("progress: the bar shows share, running epoch and time left, without a line feed") {
  screen view;
  progress shown(1, view.output(true));
  view.now = 130;
  shown.update(state_at(1, 0.5));
  const std::string line = view.last_line();
  CHECK(line.find("38 %") != std::string::npos);
  CHECK(line.find("epoch 2/4") != std::string::npos);
  CHECK(line.find("50 s left") != std::string::npos);
  CHECK(line.find("##") == 0);
  CHECK(view.stream.str().find('\n') == std::string::npos);
}

TEST_CASE("progress: the line never fills the terminal's width") {
  for (const int columns : {1, 5, 12, 30, 60, 80, 200}) {
    screen view;
    view.columns = columns;
    progress shown(1, view.output(true));
    shown.update(state_at(1, 0.5));
    INFO("columns " << columns);
    CHECK(detent_trainer::format::display_width(view.last_line()) <
          static_cast<std::size_t>(columns));
  }
}

TEST_CASE("progress: colour and Unicode are used only where allowed") {
  screen view;
  auto output = view.output(true);
  progress(1, output).update(state_at(1, 0.5));
  CHECK(view.last_line().find("\033[3") == std::string::npos);
  CHECK(view.stream.str().find("━") == std::string::npos);
  output.has_color = true;
  output.has_unicode = true;
  progress(1, output).update(state_at(1, 0.5));
  CHECK(view.stream.str().find("\033[36m") != std::string::npos);
  CHECK(view.stream.str().find("━") != std::string::npos);
}

TEST_CASE("progress: the time left counts all runs") {
  screen view;
  progress shown(4, view.output(false));
  view.now = 110;
  auto state = state_at(2, 0);
  shown.end_epoch(state);
  // Half of one run of four took 10 s: an eighth is done.
  CHECK(view.stream.str().find("1:10 left") != std::string::npos);
  shown.end_run(state.run);
  state.run = "wrpn W3";
  view.stream.str("");
  shown.end_epoch(state);
  // One and a half of four in 10 s.
  CHECK(view.stream.str().find(", 17 s left") != std::string::npos);
}

TEST_CASE("progress: a printed line takes the bar's place and the end takes it away") {
  screen view;
  {
    progress shown(1, view.output(true));
    shown.update(state_at(1, 0.5));
    shown.print("saved");
    CHECK(view.last_line() == "saved\n");
    shown.update(state_at(1, 0.6));
    CHECK(view.draws() == 3);
  }
  CHECK(view.last_line() == "");
}

TEST_CASE("progress: lines of parallel runs do not mix") {
  screen view;
  {
    progress shown(4, view.output(false));
    std::vector<std::thread> threads;
    for (int run = 0; run < 4; ++run) {
      threads.emplace_back([&shown, run] {
        for (int epoch = 1; epoch <= 50; ++epoch) {
          auto state = state_at(epoch, 0);
          state.epochs = 50;
          state.run = "run " + std::to_string(run);
          shown.update(state);
          shown.end_epoch(state);
        }
      });
    }
    for (auto& thread : threads)
      thread.join();
  }
  std::istringstream lines(view.stream.str());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.starts_with("run "));
    CHECK(line.ends_with("3.00 bits"));
  }
  CHECK(count == 200);
}

TEST_CASE("interrupt: the first signal sets the flag, the next one has its default action") {
  struct sigaction before = {};
  struct sigaction action = {};
  REQUIRE(::sigaction(SIGINT, nullptr, &before) == 0);
  {
    const interrupt_guard guard;
    CHECK_FALSE(guard.requested());
    ::raise(SIGINT);
    CHECK(guard.requested());
    ::sigaction(SIGINT, nullptr, &action);
    CHECK((action.sa_handler == SIG_DFL));
  }
  ::sigaction(SIGINT, nullptr, &action);
  CHECK((action.sa_handler == before.sa_handler));
  const interrupt_guard fresh;
  CHECK_FALSE(fresh.requested());
}

TEST_CASE(
    "interrupt: every signal that ends programs sets the flag, and all but SIGHUP then end it") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    const interrupt_guard guard;
    CHECK(guard.exit_code() == 0);
    ::raise(signal);
    CHECK(guard.requested());
    CHECK(guard.exit_code() == 128 + signal);
    for (const int next : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      struct sigaction action = {};
      ::sigaction(next, nullptr, &action);
      CHECK((action.sa_handler == (next == SIGHUP ? SIG_IGN : SIG_DFL)));
    }
  }
}

TEST_CASE("interrupt: a program that ignores the signal goes on ignoring it") {
  struct sigaction before = {};
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGINT, &ignore, &before);
  {
    const interrupt_guard guard;
    ::raise(SIGINT);
    CHECK_FALSE(guard.requested());
  }
  ::sigaction(SIGINT, &before, nullptr);
}
