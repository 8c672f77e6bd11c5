#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/analysis/coreference_accuracy.h"

namespace attn {

// Files of pronouns whose antecedents are known.
//
//   JSON Lines (.jsonl), our own: one example a line,
//     {"text": "The dog chased the cat because it was angry.", "pronoun": "it",
//      "candidates": ["dog", "cat"], "answer": "dog"}
//     "it#2" is the second "it"; "answer" a candidate, its number from 0, or null (none of them); "id" may
//     be given. A line with a "twin" ({"word", "alternative"}) needs no answer to be read.
//   GAP (.tsv; Webster et al. 2018): ID, Text, Pronoun, Pronoun-offset, A, A-offset, A-coref, B, B-offset,
//     B-coref, URL; offsets count characters.
//   Winograd schemas (.xml; Levesque et al. 2012, the layout of WSCollection.xml): <collection> of <schema>s
//     with <text>(<txt1>, <pron>, <txt2>), <answers>(<answer>…), <correctAnswer>.
//
// A file of the wrong format, and an example that contradicts itself (a span that does not hold the word that
// it names), throw Error "FILE, line L, FIELD: what was found, what was expected".

std::vector<PronounExample> read_examples_jsonl(std::string_view text, const std::string& file);
std::vector<PronounExample> read_examples_gap(std::string_view text, const std::string& file);
std::vector<PronounExample> read_examples_winograd(std::string_view text, const std::string& file);

// By the file's beginning, not its name: "<" is XML, "{" is JSON Lines, anything else a table.
std::vector<PronounExample> parse_example_file(std::string_view text, const std::string& file);
std::vector<PronounExample> load_example_file(const std::filesystem::path& path);

// Would load_example_file try to read it: a .tsv, an .xml, or a .jsonl whose first line names a pronoun.
bool looks_like_examples(const std::filesystem::path& path);

}  // namespace attn
