#pragma once

#include "app/widgets/keys.h"

namespace attn::app {

// Our key of a GLFW_KEY_… code; none for keys without a name here.
Key key_of_glfw(int code);

}  // namespace attn::app
