#include "core/model/families/common.h"

#include <cmath>

#include "core/math/error.h"

namespace attn {

Activation activation_named(const Config& config, const std::string& name) {
  struct Named {
    const char* name;
    Activation activation;
  };
  constexpr Named kNames[] = {
      {"gelu", Activation::gelu},
      {"gelu_python", Activation::gelu},
      {"gelu_new", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh},
      {"gelu_accurate", Activation::gelu_tanh},
      {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_python_tanh", Activation::gelu_tanh},
      {"quick_gelu", Activation::quick_gelu},
      {"relu", Activation::relu},
      {"relu2", Activation::relu_squared},
      {"silu", Activation::silu},
      {"swish", Activation::silu},
      {"sigmoid", Activation::sigmoid},
      {"tanh", Activation::tanh},
      {"linear", Activation::identity},
  };
  for (const Named& one : kNames)
    if (name == one.name) return one.activation;
  config.refuse("config.activation",
                "asks for the activation '{name}', which is not supported; gelu, gelu_new, relu, silu, tanh "
                "and their like are.",
                {{"name", name.substr(0, 60)}});
}

Activation activation_of(const Config& config, FieldNames names, const std::string& otherwise) {
  return activation_named(config, config.text(names, Assumed<std::string>{otherwise}));
}

void check_layers(const Config& config, int n) {
  constexpr int kMaxLayers = 1024;
  if (n < 1 || n > kMaxLayers)
    config.refuse("config.layers", "asks for {n} layers; 1 to {most} are supported.",
                  {{"n", std::to_string(n)}, {"most", std::to_string(kMaxLayers)}});
}

std::vector<LayerSpec> equal_layers(const Config& config, int n, const LayerSpec& layer) {
  check_layers(config, n);
  return std::vector<LayerSpec>(static_cast<std::size_t>(n), layer);
}

int width_of_heads(const Config& config, int d_model, int n_heads) {
  constexpr int kMaxHeads = 8192;
  if (n_heads > kMaxHeads)
    config.refuse("config.many_heads", "asks for more heads than {most}.",
                  {{"most", std::to_string(kMaxHeads)}});
  if (n_heads > d_model || d_model % n_heads != 0)
    config.refuse("config.heads_divide", "asks for {n} heads, which do not divide the width {width}.",
                  {{"n", std::to_string(n_heads)}, {"width", std::to_string(d_model)}});
  return d_model / n_heads;
}

AttentionSpec dot_product_attention(int n_heads, int n_kv_heads, int d_head, bool causal) {
  AttentionSpec attention;
  attention.n_heads = n_heads;
  attention.n_kv_heads = n_kv_heads;
  attention.d_head = d_head;
  attention.scale = 1.0 / std::sqrt(static_cast<double>(d_head));
  attention.causal = causal;
  return attention;
}

std::string architecture_of(const Config& config) {
  if (!config.has({"architectures"})) return "";
  const std::vector<std::string> all = config.texts({"architectures"});
  return all.empty() ? "" : all.front();
}

OutputKind output_of(const std::string& architecture, OutputKind word_model) {
  struct Named {
    const char* part;
    OutputKind kind;
  };
  const Named kNames[] = {
      {"ForMaskedLM", OutputKind::masked_words},
      {"ForPreTraining", word_model},
      {"LMHeadModel", word_model},
      {"DoubleHeadsModel", word_model},
      {"ForCausalLM", OutputKind::next_words},
      {"ForConditionalGeneration", OutputKind::next_words},
      {"MTModel", OutputKind::next_words},
      {"ForSequenceClassification", OutputKind::sequence_label},
      {"ForImageClassification", OutputKind::sequence_label},
      {"ForNextSentencePrediction", OutputKind::sequence_label},
      {"ForTokenClassification", OutputKind::token_label},
      {"ForQuestionAnswering", OutputKind::question},
  };
  for (const Named& one : kNames)
    if (architecture.find(one.part) != std::string::npos) return one.kind;
  return architecture.empty() ? word_model : OutputKind::none;
}

void read_labels(const Config& config, ModelSpec& spec) {
  constexpr std::size_t kMaxLabels = 1 << 20;
  spec.n_labels = 2;
  if (const std::optional<Config> names = config.object({"id2label"})) {
    const std::size_t n = names->json().size();
    if (n > kMaxLabels) config.refuse("has more labels in 'id2label' than can be believed.");
    spec.label_names.assign(n, "");
    for (const auto& [key, name] : names->json().items()) {
      std::size_t index = n;
      if (!key.empty() && key.size() < 8 && key.find_first_not_of("0123456789") == std::string::npos)
        index = std::stoul(key);
      if (index >= n || !name.is_string())
        config.refuse("has the entry '" + key.substr(0, 60) + "' in 'id2label', expected numbers from 0 to " +
                      std::to_string(n - 1) + " and texts.");
      spec.label_names[index] = name.get<std::string>();
    }
    spec.n_labels = static_cast<int>(n);
  } else {
    spec.n_labels = config.size({"num_labels", "_num_labels"}, 2);
  }
  if (spec.n_labels == 0) spec.n_labels = 2;
}

std::vector<double> alibi_slopes(int n_heads) {
  // Geometric for a power of two; the heads beyond take every other slope of the next power of two.
  std::vector<double> slopes;
  const int power = 1 << static_cast<int>(std::floor(std::log2(n_heads)));
  const double base = std::exp2(-8.0 / power);
  for (int i = 1; i <= power; ++i) slopes.push_back(std::pow(base, i));
  const double extra_base = std::exp2(-4.0 / power);
  for (int i = 1; static_cast<int>(slopes.size()) < n_heads; i += 2)
    slopes.push_back(std::pow(extra_base, i));
  return slopes;
}

std::vector<bool> sliding_layers(const Config& config, int n_layers) {
  if (!config.has({"layer_types"})) return {};
  std::vector<bool> sliding;
  for (const std::string& type : config.texts({"layer_types"})) {
    if (type != "sliding_attention" && type != "full_attention")
      config.refuse("config.layer_type",
                    "has the layer type '{type}'; sliding_attention and full_attention are supported.",
                    {{"type", type.substr(0, 60)}});
    sliding.push_back(type == "sliding_attention");
  }
  if (static_cast<int>(sliding.size()) != n_layers)
    config.refuse("has " + std::to_string(sliding.size()) + " 'layer_types', expected one for each of its " +
                  std::to_string(n_layers) + " layers.");
  return sliding;
}

void place_fused_rows(const Section& at, const std::string& name, Index rows, Index cols, bool bias,
                      Index period, Index first, Index run, Linear<float>& slot) {
  const Index n_runs = rows / period;
  const MatrixSource weight = at.source(name + ".weight", {rows, cols}).every(period, first, run, n_runs);
  std::optional<MatrixSource> bias_source;
  if (bias) bias_source = at.source(name + ".bias", {rows}).every(period, first, run, n_runs);
  at.plan().linear(slot, weight, bias_source);
}

void place_interleaved_qkv(const Section& at, const std::string& name, const AttentionSpec& attention,
                           Index d_model, bool bias, AttentionParameters<float>& slots) {
  const Index d_head = attention.d_head, period = 3 * d_head, rows = period * attention.n_heads;
  place_fused_rows(at, name, rows, d_model, bias, period, 0, d_head, slots.query);
  place_fused_rows(at, name, rows, d_model, bias, period, d_head, d_head, slots.key);
  place_fused_rows(at, name, rows, d_model, bias, period, 2 * d_head, d_head, slots.value);
}

void place_stacked_rows(ParameterPlan& plan, Matrix& slot, std::vector<MatrixSource> rows) {
  const Index width = rows.front().rows;
  const std::size_t bytes = static_cast<std::size_t>(width) * rows.size() * 4;
  plan.make(&slot, bytes, bytes, [&slot, width, rows = std::move(rows)] {
    slot.resize(static_cast<Index>(rows.size()), width);
    std::vector<std::byte> buffer;
    for (std::size_t r = 0; r < rows.size(); ++r)
      slot.row(static_cast<Index>(r)) = to_matrix(rows[r].read(buffer)).transpose();
  });
}

void place_convolution(const Section& at, const std::string& prefix, const ConvolutionSpec& spec,
                       Index inputs, bool bias, ConvolutionParameters<float>& slots) {
  const Index outputs = spec.channels, outputs_of_group = outputs / spec.groups;
  const MatrixSource weight = at.source(prefix + "weight", {outputs, inputs / spec.groups, spec.kernel});
  std::optional<MatrixSource> bias_source;
  if (bias) bias_source = at.source(prefix + "bias", {outputs});
  slots.groups.resize(static_cast<std::size_t>(spec.groups));
  for (Index g = 0; g < spec.groups; ++g)
    at.plan().linear(
        slots.groups[static_cast<std::size_t>(g)], weight.rows_from(g * outputs_of_group, outputs_of_group),
        bias_source ? std::optional(bias_source->rows_from(g * outputs_of_group, outputs_of_group))
                    : std::nullopt);
}

void place_word_output(const Section& root, const std::string& name, const MatrixSource& embedding, bool tied,
                       std::optional<MatrixSource> bias, Model& model) {
  if (!tied && model.spec.architecture.empty() && !head_is_there(root, {(name + ".weight").c_str()}, model))
    return;  // nothing says that there should be one
  const MatrixSource weight =
      !tied ? root.source(name + ".weight", {embedding.rows, embedding.cols}) : embedding;
  root.plan().linear(model.parameters.output.project, weight, bias);
}

bool head_is_there(const Section& root, std::initializer_list<const char*> names, Model& model) {
  for (const char* name : names)
    if (root.has(name)) return true;
  model.spec.output = OutputKind::none;
  return false;
}

bool place_decoder_label_head(const Section& root, Index width, Model& model) {
  OutputParameters<float>& output = model.parameters.output;
  ModelSpec& spec = model.spec;
  switch (spec.output) {
    case OutputKind::sequence_label:
      spec.label_row = LabelRow::last;
      if (head_is_there(root, {"score.weight"}, model))
        root.linear(output.project, "score", spec.n_labels, width, Bias::if_there);
      return true;
    case OutputKind::token_label:
      if (head_is_there(root, {"classifier.weight", "score.weight"}, model))
        root.linear(output.project, root.has("score.weight") ? "score" : "classifier", spec.n_labels, width,
                    Bias::if_there);
      return true;
    case OutputKind::question:
      if (head_is_there(root, {"qa_outputs.weight"}, model))
        root.linear(output.project, "qa_outputs", 2, width);
      return true;
    default:
      return false;
  }
}

}  // namespace attn
