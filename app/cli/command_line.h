#pragma once

namespace attn::app {

// The whole program but the process itself: reads the arguments, runs a command or the window, and returns
// the exit status: 0 success, 2 wrong arguments, 1 anything else. Data goes to standard output, messages to
// standard error. Catches every Error and prints its sentence.
int run_command_line(int argc, char** argv);

}  // namespace attn::app
