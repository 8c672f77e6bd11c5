#include <cstdlib>  // tells whether this is the GNU C library
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "app/cli/command_line.h"

namespace {

// A pass makes tens of megabytes of matrices and frees those of the pass before it: pages that go back to the
// system are cleared anew each time, an eighth of a pass of BERT-base.
void keep_freed_pages() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest that it takes
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_pages();
  return attn::app::run_command_line(argc, argv);
}
