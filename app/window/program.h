#pragma once

#include <string>

namespace attn::app {

struct ProgramOptions {
  std::string path;           // a model folder, attention file, session; empty: where the person left off
  std::string input_file;     // a picture or sound for the model to read; empty: a text
  int width = 0, height = 0;  // 0: as it was left
  std::string drive;          // script; empty: a person
  std::string log_file;       // empty: in the state folder
  bool verbose = false;
  bool fresh = false;    // neither restore nor keep anything
  double started_s = 0;  // of the steady clock, when the process began; 0: not known
};

// The program in its window: draws, applies wishes in one place, asks the workers, keeps the session.
// Returns the exit status; throws Error when there is no display or no OpenGL 3.3.
int run_program(const ProgramOptions& options);

}  // namespace attn::app
