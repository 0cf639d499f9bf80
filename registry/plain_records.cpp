#include "registry/plain_records.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/core/identifier.h"
#include "registry/own_values.h"
#include "registry/pattern_book.h"
#include "registry/registry_parts.h"
#include "registry/walk.h"

namespace idnode::registry {

namespace {

// Octets of an own value, about.
std::size_t cost_of(const handle::ValueView& value) {
    return 4 + value.type.size() + value.data.size();
}

std::size_t cost_of(std::span<const handle::ValueView> values) {
    std::size_t cost = 0;
    for (const handle::ValueView& value : values) cost += cost_of(value);
    return cost;
}

std::size_t cost_of(const PatternFit& fit) {
    std::size_t cost = cost_of(fit.own());
    for (const std::string_view text : fit.columns()) cost += 1 + text.size();
    return cost;
}

}  // namespace

Result<Done> PlainRecords::add(const BulkRecord& record,
                               std::span<const handle::ValueView> values) {
    const std::string_view folded = record.record.folded;
    if (start_.empty() || !folded.starts_with(start_)) {
        if (auto entered = enter_prefix(folded); !entered) return entered;
    }
    if (!settled_ && (!values.empty() || !held_.empty())) {
        hold(record, values);
        return sample_full() ? settle(SampleEnd::kMoreToCome) : Done{};
    }
    return values.empty() ? bulk_.add(record) : place(record, values);
}

Result<Done> PlainRecords::finish() {
    if (held_.empty()) return Done{};
    return settle(SampleEnd::kAllSeen);
}

Result<Done> PlainRecords::enter_prefix(std::string_view folded) {
    if (auto finished = finish(); !finished) return finished;
    for (const Form& form : forms_) {
        if (form.number != kNoBulkPattern) bulk_.retire_pattern(form.number);
    }
    forms_.clear();
    by_value_count_.clear();
    settled_ = false;
    start_ = folded.substr(0, prefix_size_of(folded) + 1);
    return Done{};
}

void PlainRecords::hold(const BulkRecord& record, std::span<const handle::ValueView> values) {
    Held held{record, !values.empty()};
    PackRecord& copy = held.record.record;
    copy.folded = arena_.copy(copy.folded);
    copy.fields.identifier = arena_.copy(copy.fields.identifier);
    copy.fields.columns = arena_.copy(copy.fields.columns);
    if (held.plain) {
        own_.clear();
        encode_own_values(values, copy.fields.time, own_);
        copy.fields.own = to_bytes(own_);
    }
    copy.fields.own = arena_.copy(copy.fields.own);
    held_.push_back(held);
    held_values_ += values.size();
}

bool PlainRecords::sample_full() const {
    return held_.size() >= kSampleCountMax || arena_.size() >= kSampleSizeMax ||
           held_values_ >= kSampleValueCountMax;
}

// Fixes the patterns and passes on what was held back.
Result<Done> PlainRecords::settle(SampleEnd end) {
    if (auto learned = learn(end); !learned) return learned;
    settled_ = true;
    for (const Held& held : held_) {
        if (!held.plain) {
            if (auto added = bulk_.add(held.record); !added) return added;
            continue;
        }
        values_.clear();
        const RecordFields& fields = held.record.record.fields;
        OwnValueReader reader(fields.own, fields.time);
        for (handle::ValueView value; reader.next(value);) values_.push_back(value);
        if (auto placed = place(held.record, values_); !placed) return placed;
    }
    held_.clear();
    held_values_ = 0;
    arena_.clear();
    return Done{};
}

Result<Done> PlainRecords::learn(SampleEnd end) {
    auto known = stored_patterns(registry_.parts().environment,
                                 std::string_view(start_).substr(0, start_.size() - 1),
                                 kKnownPatternCountMax);
    if (!known) return tl::unexpected(known.error());
    std::vector<SampleRecord> sample;
    for (const Held& held : held_) {
        const RecordFields& fields = held.record.record.fields;
        if (held.plain) sample.push_back({fields.identifier, fields.time, fields.own});
    }
    std::vector<Pattern> learned = learn_patterns(sample, *known, end);
    use(std::move(*known));
    use(std::move(learned));
    for (auto& forms : by_value_count_) {
        std::ranges::stable_sort(forms, [](const Form* a, const Form* b) {
            return a->fit.fixed_size() > b->fit.fixed_size();
        });
    }
    return Done{};
}

void PlainRecords::use(std::vector<Pattern> patterns) {
    for (Pattern& pattern : patterns) {
        Form& form = forms_.emplace_back(std::move(pattern));
        const std::size_t count = form.pattern.values.size();
        if (by_value_count_.size() <= count) by_value_count_.resize(count + 1);
        by_value_count_[count].push_back(&form);
    }
}

PlainRecords::Form* PlainRecords::form_of_all(const PlainRecord& record) {
    if (record.values.size() >= by_value_count_.size()) return nullptr;
    for (Form* const form : by_value_count_[record.values.size()]) {
        if (form->fit.fits_all(record)) return form;
    }
    return nullptr;
}

// The one with which the record takes least; null: none takes less than the values alone.
PlainRecords::Form* PlainRecords::form_of_some(const PlainRecord& record) {
    Form* best = nullptr;
    std::size_t least = cost_of(record.values);
    for (Form& form : forms_) {
        if (!form.fit.fits_some(record)) continue;
        const std::size_t cost = cost_of(form.fit);
        if (cost >= least) continue;
        least = cost;
        best = &form;
    }
    return best;
}

Result<Done> PlainRecords::place(BulkRecord record, std::span<const handle::ValueView> values) {
    RecordFields& fields = record.record.fields;
    const PlainRecord plain{fields.identifier, fields.time, values};
    Form* form = form_of_all(plain);
    if (form == nullptr) {
        form = form_of_some(plain);
        if (form != nullptr) form->fit.fits_some(plain);
        own_.clear();
        encode_own_values(form == nullptr ? values : form->fit.own(), fields.time, own_);
        fields.own = to_bytes(own_);
    } else {
        fields.own = {};
    }
    if (form != nullptr) {
        if (form->number == kNoBulkPattern) form->number = bulk_.declare_pattern(form->pattern);
        record.pattern = form->number;
        fields.columns = form->fit.columns();
    }
    return bulk_.add(record);
}

}  // namespace idnode::registry
