#include "app/cli/command_line.h"

#include <cstdio>
#include <string_view>

namespace attn::app {

int run_command_line(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    std::printf("attnlab %s\n", ATTN_VERSION);
    return 0;
  }
  std::fprintf(stderr, "attnlab: nothing to do yet\n");
  return 2;
}

}  // namespace attn::app
