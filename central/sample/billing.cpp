#include "central/sample/billing.h"

#include <algorithm>
#include <array>

namespace vetchart::central {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr std::int64_t kLargeBillCents = 40000;

void add_items(const ClinicPlan& plan, Random& random, const Charge& charge, BillRow& bill, Charts& charts) {
    int position = 0;
    for (const Service service : charge.services) {
        const ServiceEntry& entry = price_list()[static_cast<std::size_t>(service)];
        const std::int64_t steps = (entry.quantity_most_milli - entry.quantity_least_milli) / entry.quantity_step_milli;
        ItemRow item;
        item.id = random.row_id(bill.created_at);
        item.bill_id = bill.id;
        item.position = position++;
        item.description = entry.description;
        item.quantity_milli = entry.quantity_least_milli + random.between(0, steps) * entry.quantity_step_milli;
        item.unit_price_cents = plan.price_on(service, charge.day, charge.grams);
        item.total_price_cents = line_cents(item.quantity_milli, item.unit_price_cents);
        item.created_at = bill.created_at;
        bill.subtotal_cents += item.total_price_cents;
        charts.items.push_back(item);
    }
    bill.tax_cents = tax_cents(bill.subtotal_cents, plan.tax_basis_points);
}

/// Between one and four in the afternoon of that day, in the clinic: when the post and the bank are read.
UtcMillis afternoon(const ClinicPlan& plan, Random& random, Day day) {
    return instant_of(plan.zone, day, static_cast<int>(random.between(780, 960))) + milliseconds(random.below(60000));
}

std::optional<UtcMillis> draw_payment(const ClinicPlan& plan, Random& random, const Charge& charge,
                                      const BillRow& bill) {
    const bool large = bill.subtotal_cents > kLargeBillCents;
    const bool desk = charge.payer == Payer::at_the_desk ? !large || random.per_mille(800) : random.per_mille(350);
    if (desk) return *bill.issued_at + minutes(random.between(1, 12));
    switch (charge.payer) {
        case Payer::at_the_desk:
        case Payer::in_time:
            return afternoon(plan, random, bill.bill_date + days(random.between(3, plan.payment_days)));
        case Payer::late: return afternoon(plan, random, bill.due_date + days(random.between(2, 140)));
        case Payer::never:
            if (random.per_mille(400)) return afternoon(plan, random, bill.due_date + days(random.between(60, 300)));
            return std::nullopt;
    }
    return std::nullopt;
}

/// What became of an issued bill by the last day.
void settle(const ClinicPlan& plan, Random& random, const Charge& charge, BillRow& bill) {
    const auto paid_at = draw_payment(plan, random, charge, bill);
    if (paid_at && *paid_at <= plan.ends_at()) {
        bill.status = BillStatus::paid;
        bill.paid_at = paid_at;
        bill.updated_at = *paid_at;
    } else if (bill.due_date < plan.last_day) {
        // By central's sweep, in the morning after the due day.
        bill.status = BillStatus::overdue;
        bill.updated_at = instant_of(plan.zone, bill.due_date + days(1), 6 * 60);
    } else {
        bill.status = BillStatus::sent;
    }
}

BillRow begin_bill(const ClinicPlan& plan, Random& random, const Charge& charge, UtcMillis at) {
    BillRow bill;
    bill.created_at = bill.updated_at = at;
    bill.id = random.row_id(at);
    bill.owner_id = charge.owner_id;
    bill.patient_id = charge.patient_id;
    bill.appointment_id = charge.appointment_id;
    bill.bill_date = charge.day;
    bill.due_date = charge.day + days(plan.payment_days);
    bill.received_at = plan.reaches_central(at, random);
    return bill;
}

void cancel(Random& random, BillRow& bill, UtcMillis at) {
    bill.status = BillStatus::cancelled;
    bill.cancelled_at = at;
    bill.cancel_reason = random.one_of(cancel_reasons());
    bill.updated_at = at;
}

void finish(const Charge& charge, const BillRow& bill, Charts& charts) {
    for (const Uuid& record : charge.records) charts.links.push_back({bill.id, record, bill.created_at});
    charts.bills.push_back(bill);
}

void add_corrected(const ClinicPlan& plan, Random& random, const Charge& wrong, Day day, UtcMillis at, Charts& charts) {
    Charge right = wrong;
    right.day = day;
    BillRow bill = begin_bill(plan, random, right, at + minutes(random.between(2, 9)));
    add_items(plan, random, right, bill, charts);
    bill.issued_at = bill.created_at;
    settle(plan, random, right, bill);
    finish(right, bill, charts);
}

}  // namespace

std::string_view to_text(BillStatus status) {
    switch (status) {
        case BillStatus::draft: return "draft";
        case BillStatus::sent: return "sent";
        case BillStatus::paid: return "paid";
        case BillStatus::overdue: return "overdue";
        case BillStatus::cancelled: return "cancelled";
    }
    return "draft";
}

Payer draw_payer(Random& random) {
    constexpr std::array<int, 4> kWeights{640, 180, 130, 50};
    return static_cast<Payer>(random.weighted(kWeights));
}

void add_bill(const ClinicPlan& plan, Random& random, const Charge& charge, Charts& charts) {
    BillRow bill = begin_bill(plan, random, charge, charge.ended_at + milliseconds(random.between(40000, 900000)));
    add_items(plan, random, charge, bill, charts);
    const bool new_draft = charge.day >= plan.last_day - days(3) && random.per_mille(150);
    const bool forgotten_draft = random.per_mille(2);
    if (new_draft || forgotten_draft) {
        if (forgotten_draft && random.per_mille(400))
            bill.deleted_at = bill.updated_at + minutes(random.between(3, 300));
        if (bill.deleted_at) bill.updated_at = *bill.deleted_at;
        finish(charge, bill, charts);
        return;
    }
    const Day cancel_day = charge.day + days(random.between(1, 20));
    const UtcMillis cancelled_at = afternoon(plan, random, cancel_day);
    if (random.per_mille(14) && cancelled_at <= plan.ends_at()) {
        if (random.per_mille(800)) bill.issued_at = bill.created_at;  // else it was still a draft
        const bool corrected = random.per_mille(500);
        cancel(random, bill, cancelled_at);
        finish(charge, bill, charts);
        if (corrected) add_corrected(plan, random, charge, cancel_day, cancelled_at, charts);
        return;
    }
    bill.issued_at = bill.created_at;
    settle(plan, random, charge, bill);
    finish(charge, bill, charts);
}

}  // namespace vetchart::central
