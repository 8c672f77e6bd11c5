#include "core/forward/pass.h"

#include <chrono>

#include "core/forward/forward.h"
#include "core/forward/output.h"
#include "core/forward/plan.h"
#include "core/forward/restart.h"
#include "core/forward/why_not.h"

namespace attn {

namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// What the dense weights of every head of one text take.
std::size_t weights_bytes(const ModelSpec& spec, const Inputs& inputs) {
  const auto bytes = [](int n_heads, Index n_queries, Index n_keys) {
    return static_cast<std::size_t>(n_heads) * static_cast<std::size_t>(n_queries * n_keys) * sizeof(float);
  };
  const Index n_source = spec.encoder ? count_tokens(spec, Stack::encoder, inputs) : 0;
  const Index n_target = spec.decoder ? count_tokens(spec, Stack::decoder, inputs) : 0;
  std::size_t sum = 0;
  if (spec.encoder)
    for (const LayerSpec& layer : spec.encoder->layers) sum += bytes(layer.self.n_heads, n_source, n_source);
  if (spec.decoder) {
    for (const LayerSpec& layer : spec.decoder->layers) {
      sum += bytes(layer.self.n_heads, n_target, n_target);
      if (layer.cross) sum += bytes(layer.cross->n_heads, n_target, n_source);
    }
  }
  return sum;
}

// One text's share of a matrix that holds the rows of a whole batch: moved where there is no other text.
Matrix take_rows(Matrix& all, const BatchRows& rows, Index sequence) {
  if (rows.n_sequences() == 1) return std::move(all);
  return all.middleRows(rows.begin(sequence), rows.count(sequence));
}

AttentionRecord take_attention(AttentionSteps<float>& steps, const BatchRows& rows, const BatchRows& key_rows,
                               Index sequence) {
  AttentionRecord record;
  record.queries = take_rows(steps.queries, rows, sequence);
  record.keys = take_rows(steps.keys, key_rows, sequence);
  record.values = take_rows(steps.values, key_rows, sequence);
  record.mixed = take_rows(steps.mixed, rows, sequence);
  const auto take_heads = [&](std::vector<Matrix>& all, std::vector<Matrix>& own) {
    const std::size_t n_heads = all.size() / static_cast<std::size_t>(rows.n_sequences());
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(n_heads) * sequence;
    own.assign(std::make_move_iterator(first),
               std::make_move_iterator(first + static_cast<std::ptrdiff_t>(n_heads)));
  };
  take_heads(steps.weights, record.weights);
  take_heads(steps.thumbnails, record.thumbnails);
  return record;
}

std::shared_ptr<const LayerRecord> take_layer(LayerSteps<float>& steps, const BatchRows& rows,
                                              const BatchRows* memory_rows, bool keep_outputs,
                                              Index sequence) {
  auto record = std::make_shared<LayerRecord>();
  record->input = take_rows(steps.input, rows, sequence);
  record->self = take_attention(steps.self, rows, rows, sequence);
  if (memory_rows) record->cross = take_attention(steps.cross, rows, *memory_rows, sequence);
  if (!keep_outputs) return record;
  record->self_out = take_rows(steps.self.out, rows, sequence);
  if (memory_rows) record->cross_out = take_rows(steps.cross.out, rows, sequence);
  record->ffn_out = take_rows(steps.feed_forward.out, rows, sequence);
  return record;
}

// Throws Error when the interventions have no meaning for this model or these inputs.
void check(const Interventions& wish, const ModelSpec& spec, const Inputs& inputs) {
  if (!wish.any()) return;
  const int n_tokens =
      static_cast<int>(count_tokens(spec, spec.encoder ? Stack::encoder : Stack::decoder, inputs));
  const int n_target =
      spec.is_encoder_decoder() ? static_cast<int>(count_tokens(spec, Stack::decoder, inputs)) : 0;
  const std::vector<Wording> reasons = reasons_against(wish, spec, n_tokens, n_target);
  if (reasons.empty()) return;
  if (reasons.size() == 1) throw WordedError(reasons[0]);
  std::string sentence = reasons[0].english;
  for (std::size_t i = 1; i < reasons.size(); ++i) sentence += " " + reasons[i].english;
  throw Error(sentence);
}

// The Traces of one batch while it runs.
class Recording {
 public:
  Recording(std::shared_ptr<const Model> model, std::span<const Inputs> inputs, const Interventions& wish,
            bool keep_outputs, Pool* pool)
      : model_(std::move(model)), keep_outputs_(keep_outputs), pool_(pool) {
    const ModelSpec& spec = model_->spec;
    for (const Inputs& input : inputs) {
      auto trace = std::make_shared<Trace>();
      trace->model = model_;
      trace->inputs = input;
      trace->interventions = wish;
      traces_.push_back(std::move(trace));
      if (spec.encoder) encoder_rows_.add(count_tokens(spec, Stack::encoder, input));
      if (spec.decoder) decoder_rows_.add(count_tokens(spec, Stack::decoder, input));
    }
  }

  // The decoder's first n_past rows come from an earlier Trace, which only one text can have.
  void follow(std::shared_ptr<const Trace> earlier, Index n_past) {
    earlier_ = std::move(earlier);
    n_past_ = n_past;
  }

  void add(Stack stack, LayerSteps<float>&& steps) {
    const BatchRows* memory = stack == Stack::decoder && model_->spec.encoder ? &encoder_rows_ : nullptr;
    for (std::size_t i = 0; i < traces_.size(); ++i) {
      auto& layers = stack_of(*traces_[i], stack).layers;
      auto record = take_layer(steps, rows_of_stack(stack), memory, keep_outputs_, static_cast<Index>(i));
      if (stack == Stack::decoder && n_past_ > 0)
        record = follow_rows(*earlier_->decoder.layers[layers.size()], n_past_, *record, pool_);
      layers.push_back(std::move(record));
    }
  }

  void finish(ForwardSteps<float>& steps) {
    for (std::size_t i = 0; i < traces_.size(); ++i) {
      Trace& trace = *traces_[i];
      if (model_->spec.encoder) finish_stack(trace, Stack::encoder, steps.encoder, static_cast<Index>(i));
      if (model_->spec.decoder) finish_stack(trace, Stack::decoder, steps.decoder, static_cast<Index>(i));
      trace.complete = true;
    }
  }

  const std::vector<std::shared_ptr<Trace>>& traces() const { return traces_; }
  const BatchRows& rows_of_stack(Stack stack) const {
    return stack == Stack::encoder ? encoder_rows_ : decoder_rows_;
  }

 private:
  static StackTrace& stack_of(Trace& trace, Stack stack) {
    return stack == Stack::encoder ? trace.encoder : trace.decoder;
  }
  void finish_stack(Trace& trace, Stack stack, StackSteps<float>& steps, Index sequence) {
    const StackSpec& spec = stack == Stack::encoder ? *model_->spec.encoder : *model_->spec.decoder;
    StackTrace& own = stack_of(trace, stack);
    own.output = take_rows(steps.output, rows_of_stack(stack), sequence);
    const StackParameters<float>& parameters =
        stack == Stack::encoder ? model_->parameters.encoder : model_->parameters.decoder;
    if (spec.final_norm || !parameters.output_projection.empty())
      own.before_norm = take_rows(steps.before_norm, rows_of_stack(stack), sequence);
    if (stack == Stack::encoder || n_past_ == 0) return;
    own.output = follow_rows(earlier_->decoder.output, n_past_, own.output);
    if (own.before_norm.size() > 0)
      own.before_norm = follow_rows(earlier_->decoder.before_norm, n_past_, own.before_norm);
  }

  std::shared_ptr<const Model> model_;
  bool keep_outputs_;
  Pool* pool_;
  std::shared_ptr<const Trace> earlier_;
  Index n_past_ = 0;
  std::vector<std::shared_ptr<Trace>> traces_;
  BatchRows encoder_rows_, decoder_rows_;
};

// Lets the patches of one layer take effect, in every text: in the stream that enters it, or in a head's sum.
void apply_patches(const std::vector<Patch>& patches, Stack stack, int layer, bool in_heads, Index d_head,
                   const BatchRows& rows, Matrix& x) {
  for (const Patch& patch : patches) {
    if (patch.stack != stack || patch.layer != layer || (patch.head >= 0) != in_heads) continue;
    const Index first = in_heads ? patch.head * d_head : 0;
    const Index width = in_heads ? d_head : x.cols();
    const Index n_rows = static_cast<Index>(patch.rows.size());
    if (patch.values.rows() != n_rows || patch.values.cols() != width || first + width > x.cols())
      throw Error("A patch of layer " + std::to_string(layer) + " holds [" +
                  std::to_string(patch.values.rows()) + ", " + std::to_string(patch.values.cols()) +
                  "] numbers, expected [" + std::to_string(n_rows) + ", " + std::to_string(width) + "].");
    for (Index s = 0; s < rows.n_sequences(); ++s) {
      for (Index i = 0; i < n_rows; ++i) {
        const int row = patch.rows[static_cast<std::size_t>(i)];
        if (row < 0 || row >= rows.count(s))
          throw Error("A patch names token " + std::to_string(row) + " of a text of " +
                      std::to_string(rows.count(s)) + " tokens.");
        x.row(rows.begin(s) + row).segment(first, width) = patch.values.row(i);
      }
    }
  }
}

// Of a model that is still being read: until this part of it is there. `begin` moves on by the time that it
// took.
void wait_for(const Model& model, std::size_t part, const CancelToken* cancel, Clock::time_point& begin) {
  if (!model.arrival) return;
  const Clock::time_point waits_from = Clock::now();
  model.arrival->wait_for(part, cancel);
  begin += Clock::now() - waits_from;
}

void use_patches(const std::vector<Patch>& patches, const ModelSpec& spec, const Recording& recording,
                 ForwardOptions<float>& options) {
  options.after_mixing = [&](Stack stack, int layer, Matrix& mixed) {
    const StackSpec& layers = stack == Stack::encoder ? *spec.encoder : *spec.decoder;
    const LayerSpec& own = layers.layers[static_cast<std::size_t>(layer)];
    const Index d_head = (stack == Stack::cross ? *own.cross : own.self).d_head;
    apply_patches(patches, stack, layer, true, d_head, recording.rows_of_stack(stack), mixed);
  };
}

// `inputs` through the model together. What only makes sense for one text (taking over, publishing) is done
// when there is one.
std::vector<std::shared_ptr<Trace>> run_texts(const std::shared_ptr<const Model>& model,
                                              std::span<const Inputs> inputs, const Interventions& wish,
                                              const PassOptions& options) {
  Clock::time_point begin = Clock::now();
  const ModelSpec& spec = model->spec;
  const bool alone = inputs.size() == 1;
  for (const Inputs& input : inputs) check(wish, spec, input);
  const PassPlan plan = plan_pass(spec, wish);
  ForwardOptions<float> forward_options;
  forward_options.pool = options.pool;
  forward_options.cancel = options.cancel;
  forward_options.keep.thumbnails = alone;  // of one text among many nobody draws a picture
  forward_options.keep.times = options.stage_times;
  for (const Inputs& input : inputs)
    if (weights_bytes(spec, input) > options.weights_budget_bytes) forward_options.keep.weights = false;
  Recording recording(model, inputs, wish, forward_options.keep.weights, options.pool);
  Trace& first = *recording.traces().front();
  forward_options.before_layer = [&](Stack stack, int layer, Matrix& stream) {
    const StackSpec& own = stack == Stack::encoder ? *spec.encoder : *spec.decoder;
    wait_for(*model, model->part_of(stack, own.parameters_of(layer)), options.cancel, begin);
    apply_patches(options.patches, stack, layer, false, 0, recording.rows_of_stack(stack), stream);
  };
  wait_for(*model, Model::kOutsideOfLayers, options.cancel, begin);
  if (!options.patches.empty()) {
    use_patches(options.patches, spec, recording, forward_options);
  } else if (alone && options.previous) {
    take_over(*options.previous, plan, forward_options.keep.weights, first, forward_options);
    recording.follow(options.previous, forward_options.decoder_start.row);
  }
  forward_options.on_layer = [&](Stack stack, int, LayerSteps<float>&& steps) {
    recording.add(stack, std::move(steps));
    if (!alone || !options.on_layer) return;
    first.pass_ms = ms_since(begin);
    options.on_layer(std::make_shared<const Trace>(first));
  };

  ForwardSteps<float> steps = forward<float>(spec, model->parameters, plan, inputs, forward_options);
  recording.finish(steps);
  for (const std::shared_ptr<Trace>& trace : recording.traces()) {
    trace->patched = !options.patches.empty();
    if (options.logits) trace->logits = compute_logits(*trace, {}, options.pool);
    trace->pass_ms = ms_since(begin);
  }
  return recording.traces();
}

}  // namespace

std::shared_ptr<const Trace> run_pass(std::shared_ptr<const Model> model, const Inputs& inputs,
                                      const Interventions& interventions, const PassOptions& options) {
  return run_texts(model, {&inputs, 1}, interventions, options).front();
}

std::vector<std::shared_ptr<const Trace>> run_batch(std::shared_ptr<const Model> model,
                                                    std::span<const Inputs> inputs,
                                                    const Interventions& interventions,
                                                    const PassOptions& options) {
  if (inputs.empty()) return {};
  const std::vector<std::shared_ptr<Trace>> traces = run_texts(model, inputs, interventions, options);
  return {traces.begin(), traces.end()};
}

}  // namespace attn
