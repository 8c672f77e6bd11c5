#include "core/study/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/math/error.h"
#include "core/model/npz.h"
#include "tests/analysis/hand_made_trace.h"

namespace attn {
namespace {

Table small() {
  return {"query \\ key", {"a,b", "say \"it\""}, {"x\ty", "小"}, matrix_of({{.5f, .1f}, {std::nanf(""), 1}})};
}

TEST(Csv, QuotesNamesThatNeedItAndLeavesMissingNumbersEmpty) {
  EXPECT_EQ(to_csv(small()), "query \\ key,x\ty,小\r\n\"a,b\",0.5,0.1\r\n\"say \"\"it\"\"\",,1\r\n");
}

TEST(Tsv, KeepsEveryNameInItsField) {
  EXPECT_EQ(to_tsv(small()), "query \\ key\tx y\t小\na,b\t0.5\t0.1\nsay \"it\"\t\t1\n");
}

TEST(Csv, NumbersReadBackAsTheSameFloat) {
  Table table{"", {"r"}, {"c"}, matrix_of({{0.1f / 3}})};
  const std::string csv = to_csv(table);
  EXPECT_EQ(std::stof(csv.substr(csv.rfind(',') + 1)), 0.1f / 3);
}

TEST(TableJson, HasNullWhereThereIsNoNumber) {
  const auto json = nlohmann::json::parse(to_json(small()));
  EXPECT_EQ(json["columns"][1], "小");
  EXPECT_TRUE(json["values"][1][0].is_null());
  EXPECT_EQ(json["values"][0][0], 0.5);
}

TEST(WeightsTable, NamesRowsByQueriesAndColumnsByKeys) {
  const Trace trace = hand_made_trace({{matrix_of({{1, 0}, {.25f, .75f}})}}, {"Ġthe", "##ing"});
  const Table table = weights_table(trace, {Stack::encoder, 0, 0});
  EXPECT_EQ(table.rows, (std::vector<std::string>{"the", "ing"}));
  EXPECT_EQ(table.values(1, 1), .75f);
  EXPECT_THROW(weights_table(trace, {Stack::encoder, 1, 0}), Error);
}

TEST(SaveTable, WritesWhatTheEndingAsksForAndRefusesOthers) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "attn_save_table";
  std::filesystem::create_directories(folder);
  save_table(small(), folder / "t.npz");
  const auto arrays = read_npz(folder / "t.npz");
  EXPECT_EQ(arrays.at("columns").texts, small().columns);
  EXPECT_EQ(arrays.at("values").numbers[1], .1f);
  for (const char* name : {"t.csv", "t.tsv", "t.json"}) save_table(small(), folder / name);
  EXPECT_THROW(save_table(small(), folder / "t.xlsx"), Error);
  EXPECT_THROW(save_table(small(), folder / "no" / "t.csv"), Error);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace attn
