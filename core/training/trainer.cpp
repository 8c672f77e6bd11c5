#include "core/training/trainer.h"

#include <chrono>

namespace attn {

namespace {

constexpr int kParts = 4;  // fixed: results must not depend on the number of threads

}  // namespace

std::vector<Batch> draw_batch(const Recipe& recipe, const ModelSpec& spec, const Grammar& grammar,
                              Random random, int step, int n_parts) {
  std::vector<Batch> parts(static_cast<std::size_t>(n_parts));
  std::vector<int> rows(parts.size(), 0);  // so far, of each part
  int n_masked = 0, n_named = 0, n_pointed = 0;
  struct Named {
    std::size_t part, at;
  };
  std::vector<Named> named;
  const double breadth = std::min(1.0, recipe.breadth + (1 - recipe.breadth) * step / recipe.full_breadth_at);
  const SentenceOptions seen{Draw::seen, Draw::seen, breadth}, any{Draw::any, Draw::any, breadth};
  Sentence twin;  // the other half of a pair, when it is next
  bool has_twin = false;
  for (int i = 0; i < recipe.batch; ++i) {
    Random own = random.fork(static_cast<std::uint64_t>(i));
    const std::size_t p = static_cast<std::size_t>(i) * parts.size() / static_cast<std::size_t>(recipe.batch);
    Batch& part = parts[p];
    // Sentences with a pronoun from the seen words only; what tells of properties from all of them.
    Sentence sentence;
    if (has_twin) {
      sentence = twin;
      has_twin = false;
    } else if (own.chance(recipe.properties)) {
      sentence = grammar.sentence(own, "property", any);
    } else if (own.chance(0.1)) {
      sentence = grammar.sentence(own, "repeat", seen);
    } else if (own.chance(recipe.twins)) {
      TwinPair pair = grammar.twins(own, seen);
      sentence = std::move(pair.first);
      twin = std::move(pair.second);
      has_twin = true;
    } else {
      sentence = grammar.sentence(own, "pronoun", seen);
    }
    const int first = rows[p];
    Inputs inputs;
    const int length = std::min(static_cast<int>(sentence.ids.size()), recipe.n_positions);
    std::vector<bool> asked(sentence.ids.size(), false);
    for (const Question& question : sentence.questions) {
      asked[static_cast<std::size_t>(question.row)] = true;
      if (recipe.objective == Objective::pointer) {
        part.attention.push_back({{Stack::encoder, spec.pointer->layer, spec.pointer->head},
                                  static_cast<int>(part.inputs.size()),
                                  question.row,
                                  question.answers,
                                  1.0});
        ++n_pointed;
      }
      named.push_back({p, part.outputs.size()});
      part.outputs.push_back({first + question.row, question.answer_word, recipe.naming_weight});
      ++n_named;
    }
    for (int t = 0; t < length; ++t) {
      int word = sentence.ids[static_cast<std::size_t>(t)];
      if (!asked[static_cast<std::size_t>(t)]) {
        // What a property sentence teaches is its adjective: that is hidden more often than other words.
        const bool told = sentence.kind == "property" && t == sentence.reason_row;
        if (own.chance(told ? recipe.masked_reason : recipe.masked)) {
          part.outputs.push_back({first + t, word, recipe.masked_weight});
          ++n_masked;
          // As BERT (Devlin et al. 2019): mostly hidden, at times another word, at times left alone.
          const double how = own.uniform();
          if (how < 0.8)
            word = spec.mask_id;
          else if (how < 0.9)
            word = 3 + own.below(spec.embedding.n_vocab - 3);
        } else if (own.chance(recipe.unknown)) {
          word = 1;
        }
      }
      inputs.ids.push_back(word);
    }
    part.inputs.push_back(std::move(inputs));
    rows[p] += length;
  }
  for (Batch& part : parts) {
    for (AttentionTarget& target : part.attention) target.weight /= std::max(1, n_pointed);
    for (OutputTarget& target : part.outputs) target.weight /= std::max(1, n_masked);
  }
  // The named words are averaged over themselves, not over the masked ones.
  for (const Named& where : named)
    parts[where.part].outputs[where.at].weight = recipe.naming_weight / n_named;
  return parts;
}

Trainer::Trainer(const Recipe& recipe, std::shared_ptr<const Grammar> grammar, std::uint64_t seed)
    : recipe_(recipe),
      grammar_(std::move(grammar)),
      spec_(spec_of(recipe, *grammar_)),
      seed_(seed),
      weights_(fresh_weights<float>(spec_, Random(seed).fork(0))),
      gradients_(kParts, zero_weights<float>(spec_)),
      optimiser_(spec_, recipe.optimiser) {
  progress_.n_steps = recipe.optimiser.n_steps;
}

void Trainer::step(Pool* pool, const CancelToken* cancel) {
  throw_if_cancelled(cancel);
  const auto begin = std::chrono::steady_clock::now();
  const Random random = Random(seed_).fork(static_cast<std::uint64_t>(progress_.step) + 1);
  const std::vector<Batch> parts = draw_batch(recipe_, spec_, *grammar_, random, progress_.step, kParts);
  const ParametersOf<float> packed = pack(weights_, spec_);
  std::vector<Losses> losses(parts.size());
  parallel_for(pool, static_cast<std::ptrdiff_t>(parts.size()), [&](std::ptrdiff_t i) {
    const std::size_t p = static_cast<std::size_t>(i);
    visit(gradients_[p], [](const std::string&, auto& values, bool) { values.setZero(); });
    if (!parts[p].inputs.empty())
      losses[p] = loss_and_gradient(spec_, weights_, packed, parts[p], &gradients_[p]);
  });
  throw_if_cancelled(cancel);

  std::vector<std::pair<float*, Index>> sum;
  visit(gradients_[0],
        [&](const std::string&, auto& values, bool) { sum.emplace_back(values.data(), values.size()); });
  for (std::size_t p = 1; p < gradients_.size(); ++p) {
    std::size_t at = 0;
    visit(gradients_[p], [&](const std::string&, auto& values, bool) {
      Eigen::Map<Eigen::ArrayXf>(sum[at].first, sum[at].second) +=
          Eigen::Map<const Eigen::ArrayXf>(values.data(), values.size());
      ++at;
    });
  }
  optimiser_.step(weights_, gradients_[0]);

  progress_.loss = progress_.output_loss = progress_.attention_loss = 0;
  for (const Losses& part : losses) {
    progress_.output_loss += part.outputs;
    progress_.attention_loss += part.attention;
  }
  progress_.loss = progress_.output_loss + progress_.attention_loss;
  ++progress_.step;
  progress_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::shared_ptr<const Model> Trainer::snapshot() const {
  auto model = std::make_shared<Model>();
  model->spec = spec_;
  model->parameters = pack(weights_, spec_);
  model->name = recipe_.name;
  model->n_parameters = count(weights_);
  model->memory_bytes = model->n_parameters * sizeof(float);
  return model;
}

}  // namespace attn
