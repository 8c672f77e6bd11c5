#pragma once

#include <string>

#include "core/study/study.h"
#include "core/text/tokenizer.h"

namespace attn {

// The text goes on with one token that the model wrote: `text` is what it then says.
void append_written(Subject& subject, std::string text, int id);

// A template's closing token (`eos_id`) would end the text before it goes on. True: one was taken away.
bool take_end_away(Encoding& encoding, int eos_id);

// One more token, which stands in the text up to byte `end`.
void append_token(Encoding& encoding, int id, const Tokenizer* tokenizer, std::size_t end);

// Subject::text as its tokens were written. `encoding` is what the tokenizer makes of the text; it stays
// where the written tokens are the same or belong to another text.
void put_written_tokens(const Subject& subject, const Tokenizer& tokenizer, int eos_id, Encoding& encoding);

}  // namespace attn
