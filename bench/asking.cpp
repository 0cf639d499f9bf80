#include "bench/asking.h"

namespace idnode::bench {

Asking::Asking(const Mix& mix, std::uint32_t slots, std::uint64_t seed, std::uint32_t id_max)
    : reader_(mix),
      count_(mix.count()),
      seed_(seed),
      kind_(mix.options().kind),
      rounds_(id_max / slots),
      slots_(slots) {
    IDN_CHECK(rounds_ > 0);
}

ByteSpan Asking::ask(std::uint32_t slot_number, std::int64_t now_ns) {
    Slot& slot = slots_[slot_number];
    slot.index = scaled(hash64(seed_, asked_), count_);
    reader_.read_identifier(slot.index, item_);
    // Ids go up by the number of slots, so that an id is used again as late as can be.
    const auto slots = static_cast<std::uint32_t>(slots_.size());
    slot.request_id = asked_ % rounds_ * slots + slot_number;
    slot.sampled = asked_ % kSampleEvery == 0;
    ++asked_;
    Writer out(slot.request);
    write_request(out, slot.request_id, item_);
    IDN_CHECK(out.ok());
    slot.request_size = static_cast<std::uint16_t>(out.position());
    slot.identifier_size = static_cast<std::uint16_t>(item_.identifier.size());
    slot.asked_ns = now_ns;
    slot.under_way = true;
    return request(slot_number);
}

ByteSpan Asking::request(std::uint32_t slot) const {
    return ByteSpan(slots_[slot].request).first(slots_[slot].request_size);
}

std::optional<Asking::Answered> Asking::take(ByteSpan answer, std::int64_t now_ns,
                                             std::uint32_t lane) {
    const std::optional<std::uint32_t> id = id_in(answer, lane);
    if (!id) {
        if (fault_.empty()) fault_ = "an answer shorter than its header";
        return std::nullopt;
    }
    const std::uint32_t number = *id % static_cast<std::uint32_t>(slots_.size());
    Slot& slot = slots_[number];
    if (!slot.under_way || slot.request_id != *id) {
        ++strays_;
        return std::nullopt;
    }
    if (const char* fault = fault_in(slot, answer); fault != nullptr) {
        if (fault_.empty()) fault_ = fault;
        return std::nullopt;
    }
    slot.under_way = false;
    return Answered{.slot = number, .waited_ns = now_ns - slot.asked_ns};
}

const Item& Asking::sample(const Slot& slot) {
    ++sampled_;
    reader_.read(slot.index, item_);
    return item_;
}

}  // namespace idnode::bench
