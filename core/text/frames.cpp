#include "core/math/worded_error.h"
#include "core/text/folder_tokenizers.h"

namespace attn {

int TokenIds::required(const std::string& token) const {
  for (const AddedToken& known : added_) {
    if (known.content == token) return known.id;
  }
  if (const auto id = vocabulary_.find(token)) return *id;
  throw WordedError(worded("tokenizer.no_frame",
                           "{file} has no token '{token}', which texts are framed with.",
                           {{"file", place_}, {"token", token}}));
}

TokenTemplate frame(const std::vector<int>& before, const std::vector<int>& between,
                    const std::vector<int>& after, int second_type) {
  using Kind = TemplateItem::Kind;
  TokenTemplate around;
  const auto tokens = [](std::vector<TemplateItem>& items, const std::vector<int>& ids, int type) {
    for (const int id : ids) items.push_back({Kind::token, id, type});
  };
  around.single.clear();
  tokens(around.single, before, 0);
  around.pair = around.single;
  around.single.push_back({Kind::first, -1, 0});
  around.pair.push_back({Kind::first, -1, 0});
  tokens(around.single, after, 0);
  tokens(around.pair, between, 0);
  around.pair.push_back({Kind::second, -1, second_type});
  tokens(around.pair, after, second_type);
  return around;
}

}  // namespace attn
