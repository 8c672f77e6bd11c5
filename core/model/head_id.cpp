#include "core/model/head_id.h"

namespace attn {

std::string_view name_of(Stack stack) {
  switch (stack) {
    case Stack::encoder:
      return "encoder";
    case Stack::decoder:
      return "decoder";
    case Stack::cross:
      return "cross";
  }
  return "encoder";
}

std::string to_text(const HeadId& id, bool with_stack) {
  std::string text = "L" + std::to_string(id.layer) + "·H" + std::to_string(id.head);
  if (!with_stack) return text;
  const char* prefix = id.stack == Stack::encoder ? "enc " : id.stack == Stack::decoder ? "dec " : "cross ";
  return prefix + text;
}

}  // namespace attn
