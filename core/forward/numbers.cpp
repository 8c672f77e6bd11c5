#include "core/forward/numbers.h"

namespace attn {

namespace {

// body(row) for every row that is this token.
template <class F>
void for_rows_of(int token, const TokensOfRows& tokens, F body) {
  if (!tokens.named.empty()) {
    for (std::size_t r = 0; r < tokens.named.size(); ++r)
      if (tokens.named[r] == token) body(static_cast<Index>(r));
    return;
  }
  const Index row = token - tokens.n_past;
  for (Index s = 0; s < tokens.rows.n_sequences(); ++s)
    if (row >= 0 && row < tokens.rows.count(s)) body(tokens.rows.begin(s) + row);
}

}  // namespace

template <class S>
void put_numbers(std::span<const OverwrittenNumber> numbers, NumberPlace place, const TokensOfRows& tokens,
                 ViewOf<S> x, Index width, Index heads_to_one) {
  for (const OverwrittenNumber& one : numbers) {
    if (one.place != place) continue;
    const Index column = one.at.head / heads_to_one * width + one.entry;
    for_rows_of(one.token, tokens, [&](Index row) { x(row, column) = static_cast<S>(one.value); });
  }
}

template <class S>
void put_numbers_in_block(std::span<const OverwrittenNumber> numbers, NumberPlace place,
                          const TokensOfRows& tokens, Index first, ViewOf<S> block) {
  for (const OverwrittenNumber& one : numbers) {
    if (one.place != place) continue;
    for_rows_of(one.token, tokens, [&](Index row) {
      if (row >= first && row < first + block.rows())
        block(row - first, one.entry) = static_cast<S>(one.value);
    });
  }
}

template void put_numbers<float>(std::span<const OverwrittenNumber>, NumberPlace, const TokensOfRows&,
                                 ViewOf<float>, Index, Index);
template void put_numbers<double>(std::span<const OverwrittenNumber>, NumberPlace, const TokensOfRows&,
                                  ViewOf<double>, Index, Index);
template void put_numbers_in_block<float>(std::span<const OverwrittenNumber>, NumberPlace,
                                          const TokensOfRows&, Index, ViewOf<float>);
template void put_numbers_in_block<double>(std::span<const OverwrittenNumber>, NumberPlace,
                                           const TokensOfRows&, Index, ViewOf<double>);

}  // namespace attn
