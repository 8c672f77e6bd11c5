#include "app/state/writing.h"

#include "core/math/error.h"
#include "core/study/generate.h"
#include "core/study/written_tokens.h"

namespace attn::app {

namespace {

constexpr double kBetweenTokens_s = 0.08;

std::string key_of(const attn::app::Writing& writing) {
  return "writing " + std::to_string(writing.run);
}

Wording reason(Written::End end) {
  if (end == Written::End::end_token) return worded("writing.end", "The model ended its text.");
  if (end == Written::End::positions_used_up)
    return worded("writing.full", "The model has no positions left.");
  return {};
}

WrittenTexts write(const LoadedModel& loaded, const Subject& subject, int most, JobControl& control) {
  const PreparedText start = prepare_text(loaded, subject);
  const std::vector<int> before = start.inputs.ids;
  PassOptions options;
  options.pool = &control.pool();
  options.cancel = control.cancel();
  WrittenTexts out;
  const Written written =
      write_on(loaded, start, in_force(subject), most, options, [&](const Written& so_far) {
        if (so_far.n_written == 0) return true;
        const std::vector<int>& ids = so_far.text.inputs.ids;
        // Behind a closing token that was taken away, what is new begins earlier.
        const std::vector<int> old(ids.begin(), ids.end() - so_far.n_written);
        out.texts.push_back(subject.text + continuation(*loaded.tokenizer, old, ids));
        out.ids.push_back(ids.back());
        control.report(static_cast<float>(so_far.n_written) / static_cast<float>(most));
        control.publish(out);
        return true;
      });
  out.ended = reason(written.end);
  return out;
}

}  // namespace

std::string why_no_writing(const Frame& frame) {
  if (!frame.a) return "there is no text yet";
  std::string why = attn::why_no_writing(frame.a->loaded);
  if (why.empty() && frame.a->loaded.model->spec.is_encoder_decoder()) return "this model writes its target";
  return why;
}

void start_writing(const Study& study, const ViewState& view, int most, Intents& intents) {
  const std::string text = study.shown().text;
  if (study.flipped && study.twin) {
    // The twin is what goes on: it becomes the sentence, and the other one its twin.
    intents.edit([text](Study& s) {
      s.twin = Twin{s.twin->alternative, s.twin->occurrence, s.twin->word};
      s.flipped = false;
      s.a.text = text;
    });
  }
  Writing next;
  next.run = view.predictions.writing.run + 1;
  next.on = true;
  next.most = most;
  next.model = study.a.model;
  next.start = next.taken = text;
  next.start_written = study.a.written;
  intents.look([next](ViewState& v) { v.predictions.writing = next; });
}

// The job is stopped in a frame that does not ask for it: see take_in_writing.
void stop_writing(Intents& intents) {
  intents.look([](ViewState& v) { v.predictions.writing.stopping = true; });
}

double take_in_writing(const Frame& frame, const Study& study, const ViewState& view, double now_s,
                       double& taken_at_s, Intents& intents) {
  const Writing& writing = view.predictions.writing;
  if (!writing.on) return -1;
  const std::string key = key_of(writing);
  const auto finish = [&](Wording ended) {
    intents.stop_job(key);
    intents.look([ended = std::move(ended)](ViewState& v) {
      v.predictions.writing.on = false;
      v.predictions.writing.ended = ended;
    });
    return -1.0;
  };
  if (writing.stopping || study.a.text != writing.taken || study.a.model != writing.model || study.flipped ||
      !frame.a || !frame.a->loaded.model)
    return finish({});
  const Answer<WrittenTexts> answer = frame.answer<WrittenTexts>(key);
  const std::size_t n_there = answer.value ? answer.value->texts.size() : 0;
  const auto n_taken = static_cast<std::size_t>(writing.n_taken);
  if (answer.done && n_taken >= n_there)
    return finish(!answer.problem.empty() ? answer.problem : answer.value ? answer.value->ended : Wording());
  Subject subject = study.a;
  subject.text = writing.start;
  subject.written = writing.start_written;
  intents.want<WrittenTexts>(
      key,
      [loaded = frame.a->loaded, subject, most = writing.most](JobControl& control) {
        return write(loaded, subject, most, control);
      },
      JobKind::lasting);
  if (n_taken < n_there) {
    const double wait = taken_at_s + kBetweenTokens_s - now_s;
    if (wait > 0 && wait <= kBetweenTokens_s) return wait;
    taken_at_s = now_s;
    const std::string next = answer.value->texts[n_taken];
    const int id = answer.value->ids[n_taken];
    intents.edit([next, id](Study& s) { append_written(s.a, next, id); }, key);
    intents.look([next](ViewState& v) {
      v.predictions.writing.taken = next;
      ++v.predictions.writing.n_taken;
    });
    return kBetweenTokens_s;
  }
  return -1;
}

}  // namespace attn::app
