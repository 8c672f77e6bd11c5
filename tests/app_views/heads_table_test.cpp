#include "app/views/heads_table/measured.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/views/attention_map/parts.h"
#include "app/views/map_values.h"
#include "stage.h"

namespace attn::app {
namespace {

HeadRows three_heads() {
  AllHeads heads(3);
  for (int h = 0; h < 3; ++h) heads[static_cast<std::size_t>(h)].head = {Stack::encoder, 0, h};
  heads[0].self = .2;
  heads[1].self = .7;
  heads[2].self = std::nan("");
  heads[0].entropy = 2.5;
  return rows_of(heads);
}

TEST(HeadsTable, SortsByTheMeasureAndPutsMeaninglessOnesLast) {
  HeadsTableState state;
  state.measure = "self";
  EXPECT_EQ(ordered(three_heads(), state), (std::vector<int>{1, 0, 2}));
  state.ascending = true;
  EXPECT_EQ(ordered(three_heads(), state), (std::vector<int>{0, 1, 2}));
}

TEST(HeadsTable, AFilterLeavesOutWhatIsBelowItAndWhatHasNoValue) {
  HeadsTableState state;
  state.measure = "self";
  state.at_least = .5f;
  EXPECT_EQ(ordered(three_heads(), state), (std::vector<int>{1}));
}

TEST(HeadsTable, SharesAreDrawnFromNoughtToOneAndEntropyToItsLargest) {
  const HeadRows rows = three_heads();
  EXPECT_EQ(scale_of(rows, place_of("self")).most, 1.0f);
  EXPECT_EQ(scale_of(rows, place_of("entropy")).most, 2.5f);
  EXPECT_EQ(range_of(rows, place_of("self")).least, .2f);
}

TEST(HeadsTable, EveryMeasureHasItsWordsAndFormulaInBothLanguages) {
  for (const Language language : {Language::english, Language::chinese}) {
    const Words words(language);
    for (const Measure& measure : measures()) {
      EXPECT_TRUE(words.has("heads_table.measure." + std::string(measure.key))) << measure.key;
      EXPECT_TRUE(words.has("heads_table.formula." + std::string(measure.key))) << measure.key;
    }
    for (int i = 0; i < kMapValues; ++i) {
      const std::string name(name_of(static_cast<MapValues>(i)));
      for (const char* part : {"name.", "short.", "formula.", "note."})
        EXPECT_TRUE(words.has("map_values." + std::string(part) + name)) << part << name;
    }
  }
}

TEST(MapValues, SayWhyTheyCannotBeWorkedOut) {
  const Frame frame = hand_made_frame(animal_sentence());
  const HeadId head{Stack::encoder, 1, 0};
  EXPECT_EQ(why_no_values(*frame.a, head, MapValues::rollout, -1), "");
  EXPECT_EQ(why_no_values(*frame.a, head, MapValues::flow, -1), "map_values.why_no_query");
  EXPECT_EQ(why_no_values(*frame.a, head, MapValues::flow, 7), "");
  EXPECT_EQ(why_no_values(*frame.a, {Stack::cross, 0, 0}, MapValues::rollout, -1), "map_values.why_cross");
  Side recorded = *frame.a;
  auto trace = std::make_shared<Trace>(*recorded.trace);
  trace->model = nullptr;
  recorded.trace = trace;
  EXPECT_EQ(why_no_values(recorded, head, MapValues::norms, -1), "map_values.why_recording");
}

TEST(MapValues, EachHasAKeyOfItsOwn) {
  const Frame frame = hand_made_frame(animal_sentence());
  const HeadId head{Stack::encoder, 1, 0}, other{Stack::encoder, 0, 0};
  const auto key = [&](const HeadId& id, MapValues values, int query) {
    return map_values_key(*frame.a, id, values, query);
  };
  EXPECT_NE(key(head, MapValues::norms, 1), key(other, MapValues::norms, 1));
  EXPECT_NE(key(head, MapValues::norms, 1), key(head, MapValues::rollout, 1));
  EXPECT_EQ(key(head, MapValues::norms, 1), key(head, MapValues::norms, 2));
  EXPECT_NE(key(head, MapValues::flow, 1), key(head, MapValues::flow, 2));
}

TEST(FindToken, FindsNamesInEitherCaseAndGoesAround) {
  const std::vector<int> found = find_names({"The", "animal", "the", "street", "it"}, "THE");
  EXPECT_EQ(found, (std::vector<int>{0, 2}));
  EXPECT_TRUE(find_names({"a"}, "").empty());
  EXPECT_EQ(next_found(found, -1, true), 0);
  EXPECT_EQ(next_found(found, 0, true), 2);
  EXPECT_EQ(next_found(found, 2, true), 0);
  EXPECT_EQ(next_found(found, 0, false), 2);
  EXPECT_EQ(next_found(found, 1, false), 0);
  EXPECT_EQ(next_found({}, 1, true), -1);
}

}  // namespace
}  // namespace attn::app
