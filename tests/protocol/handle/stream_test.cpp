#include "protocol/handle/stream.h"

#include <array>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/protocol/block.h"

namespace idnode::handle {
namespace {

using test::Block;
using Octets = std::vector<std::uint8_t>;
using Encode = std::function<void(Writer&)>;

Octets octets_of(const Encode& encode) {
    Octets octets(1024);
    Writer out(octets);
    encode(out);
    EXPECT_TRUE(out.ok());
    octets.resize(out.position());
    return octets;
}

// The wire form of a list of one value.
Octets one_value() {
    return octets_of([](Writer& out) {
        ValueView value;
        value.index = 1;
        value.type = "URL";
        value.data = to_bytes("http://a");
        SizedValueList::encode_items(out, std::array{value});
    });
}

// Decodes, encodes again, and refuses every shorter input.
template <class Decode, class EncodeAgain>
void expect_exact(const Octets& octets, const Decode& decode, const EncodeAgain& encode) {
    const Block block(octets);
    Reader in(block.bytes());
    const auto decoded = decode(in);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(octets_of([&](Writer& out) { encode(out, *decoded); }), octets);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        const Block shorter(ByteSpan(octets).first(size));
        Reader cut(shorter.bytes());
        EXPECT_FALSE(decode(cut).has_value()) << size;
    }
}

void expect_exact_transaction(const TransactionRecord& record, std::uint32_t version) {
    expect_exact(
        octets_of([&](Writer& out) { encode_transaction_record(out, record, version); }),
        [&](Reader& in) { return decode_transaction_record(in, version); },
        [&](Writer& out, const TransactionRecord& again) {
            EXPECT_EQ(again.index(), record.index());
            encode_transaction_record(out, again, version);
        });
}

void expect_exact_dump(const DumpRecord& record) {
    expect_exact(octets_of([&](Writer& out) { encode_dump_record(out, record); }),
                 decode_dump_record, [&](Writer& out, const DumpRecord& again) {
                     EXPECT_EQ(again.index(), record.index());
                     encode_dump_record(out, again);
                 });
}

TEST(Stream, StartsInOneOfThreeForms) {
    for (const StreamStart& start :
         {StreamStart{StreamForm::kSigned, "SHA1"}, StreamStart{StreamForm::kPlain, ""},
          StreamStart{StreamForm::kTls, ""}}) {
        expect_exact(octets_of([&](Writer& out) { encode_stream_start(out, start); }),
                     decode_stream_start, encode_stream_start);
    }
    const Octets unknown{0, 0, 0, 1, 0, 0, 0, 0};
    Reader in(unknown);
    EXPECT_FALSE(decode_stream_start(in).has_value());
}

TEST(Stream, HeadsAreNumbers) {
    expect_exact(Octets{0, 0, 0, 1, 0, 0, 0, 2}, decode_transaction_head, encode_transaction_head);
    expect_exact(Octets{0, 0, 0, 2}, decode_dump_head, encode_dump_head);
}

TEST(Stream, TransactionsOfEveryActionEncodeAgain) {
    const Octets values = one_value();
    for (std::uint8_t action = 1; action <= 6; ++action) {
        Transaction transaction{7, "88/a", static_cast<TransactionAction>(action), 1234, {}};
        const bool has_values = action == 1 || action == 3;
        if (has_values) {
            Reader in(values);
            transaction.values = SizedValueList::decode(in);
        }
        expect_exact_transaction(transaction, 1);
    }
}

TEST(Stream, TransactionsOfNoKnownActionAreRefused) {
    for (const unsigned action : {0U, 7U, 255U}) {
        const Octets octets = octets_of([&](Writer& out) {
            out.u8(1);
            out.u64(7);
            out.sized_text("88/a");
            out.u8(static_cast<std::uint8_t>(action));
            out.u64(1234);
            out.u32(0);
        });
        Reader in(octets);
        EXPECT_FALSE(decode_transaction_record(in, 1).has_value()) << action;
    }
}

TEST(Stream, OtherTransactionRecordsEncodeAgain) {
    expect_exact_transaction(QueueName{"1:300:88/site"}, 2);
    expect_exact_transaction(QueueDate{99}, 2);
    expect_exact_transaction(TransactionEnd{99}, 1);
    expect_exact_transaction(TransactionEnd{}, 2);
}

TEST(Stream, EndCarriesADateInTheFirstVersionOnly) {
    const Octets octets{0};
    Reader in(octets);
    EXPECT_TRUE(decode_transaction_record(in, 2).has_value());
    Reader again(octets);
    EXPECT_FALSE(decode_transaction_record(again, 1).has_value());
}

TEST(Stream, DumpRecordsEncodeAgain) {
    const Octets values = one_value();
    Reader in(values);
    expect_exact_dump(SourceStates{"{}"});
    expect_exact_dump(ServerState{1, 2});
    expect_exact_dump(IdentifierDate{IdentifierDate::Of::kHandle, "88/A", 3, 4});
    expect_exact_dump(IdentifierDate{IdentifierDate::Of::kHomedPrefix, "0.NA/88", 3, 4});
    expect_exact_dump(DumpedHandle{"88/A", SizedValueList::decode(in)});
    expect_exact_dump(DumpedHandle{"88/EMPTY", {}});
    expect_exact_dump(HomedPrefix{"0.NA/88"});
    expect_exact_dump(DumpEnd{});
}

TEST(Stream, RecordsOfNoKnownKindAreRefused) {
    for (unsigned kind = 0; kind < 256; ++kind) {
        Octets octets(64);
        octets[0] = static_cast<std::uint8_t>(kind);
        Reader dump(octets);
        Reader transaction(octets);
        EXPECT_EQ(decode_dump_record(dump).has_value(), kind <= 5 || kind == 255) << kind;
        // A transaction of zeros has no action.
        EXPECT_EQ(decode_transaction_record(transaction, 1).has_value(),
                  kind == 0 || kind == 2 || kind == 3)
            << kind;
    }
}

TEST(Stream, DumpedHandleGivesItsValues) {
    const Octets values = one_value();
    Reader in(values);
    const DumpedHandle handle{"88/A", SizedValueList::decode(in)};
    const Octets octets = octets_of([&](Writer& out) { encode_dump_record(out, handle); });
    Reader again(octets);
    const Result<DumpRecord> record = decode_dump_record(again);
    const auto& read = std::get<DumpedHandle>(*record);
    EXPECT_EQ(read.identifier, "88/A");
    EXPECT_EQ(read.values.begin()->type, "URL");
}

}  // namespace
}  // namespace idnode::handle
