using System.Text.Json.Nodes;

namespace EdTech.StripeSimulator.Tests;

/// <summary>Our objects carry the fields that Stripe publishes for them.</summary>
public sealed class SimulatedShapeTests(SharedSimulator shared)
{
    static readonly Dictionary<string, string> Published = new()
    {
        ["customer"] = "address balance created currency default_source delinquent description discount email id invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object phone preferred_locales shipping tax_exempt test_clock",
        ["payment_method"] = "allow_redisplay billing_details card created customer customer_account id livemode metadata object type",
        ["payment_intent"] = "amount amount_capturable amount_details amount_received application application_fee_amount automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method created currency customer customer_account description excluded_payment_method_types id last_payment_error latest_charge livemode managed_payments metadata next_action object on_behalf_of payment_method payment_method_configuration_details payment_method_options payment_method_types processing receipt_email review setup_future_usage shipping source statement_descriptor statement_descriptor_suffix status transfer_data transfer_group",
        ["charge"] = "amount amount_captured amount_refunded application application_fee application_fee_amount balance_transaction billing_details calculated_statement_descriptor captured created currency customer description disputed failure_balance_transaction failure_code failure_message fraud_details id livemode metadata object on_behalf_of outcome paid payment_intent payment_method payment_method_details receipt_email receipt_number receipt_url refunded refunds review shipping source source_transfer statement_descriptor statement_descriptor_suffix status transfer_data transfer_group",
        ["refund"] = "amount balance_transaction charge created currency customer customer_account destination_details id metadata object payment_intent payment_method reason receipt_number source_transfer_reversal status transfer_reversal",
        ["transfer"] = "amount amount_reversed balance_transaction created currency description destination destination_payment id livemode metadata object reversals reversed source_transaction source_type transfer_group",
        ["transfer_reversal"] = "amount balance_transaction created currency destination_payment_refund id metadata object source_refund transfer",
        ["account"] = "business_profile business_type capabilities charges_enabled controller country created default_currency details_submitted email external_accounts future_requirements id metadata object payouts_enabled requirements settings tos_acceptance type",
        ["account_link"] = "created expires_at object url",
        ["login_link"] = "created object url",
        ["payout"] = "amount application_fee application_fee_amount arrival_date automatic balance_transaction created currency description destination failure_balance_transaction failure_code failure_message id livemode metadata method object original_payout payout_method reconciliation_status reversed_by source_type statement_descriptor status trace_id type",
        ["balance"] = "available connect_reserved livemode object pending",
        ["balance_transaction"] = "amount available_on balance_type created currency description exchange_rate fee fee_details id net object reporting_category source status type",
        ["dispute"] = "amount balance_transactions charge created currency enhanced_eligibility_types evidence evidence_details id is_charge_refundable livemode metadata object payment_intent payment_method_details reason status",
        ["event"] = "api_version created data id livemode object pending_webhooks request type",
    };

    [Fact]
    public async Task Every_object_has_its_published_fields()
    {
        var stripe = shared.Stripe;
        var tutor = await shared.It.Tutor();
        var customer = await stripe.V1.Customers.CreateAsync(new() { PaymentMethod = "pm_card_visa" });
        var method = (await stripe.V1.PaymentMethods.ListAsync(new() { Customer = customer.Id })).Data[0];
        var intent = await shared.It.Pay("pm_card_bypassPending", amount: 10_000);
        var charge = await stripe.V1.Charges.GetAsync(intent.LatestChargeId, new() { Expand = ["refunds"] });
        var transfer = await stripe.V1.Transfers.CreateAsync(new() { Amount = 8_000, Currency = "usd", Destination = tutor.Id, SourceTransaction = charge.Id });
        var reversal = await stripe.V1.Transfers.Reversals.CreateAsync(transfer.Id, new() { Amount = 100 });
        var payout = await stripe.V1.Payouts.CreateAsync(new() { Amount = 1_000, Currency = "usd" }, new RequestOptions { StripeAccount = tutor.Id });
        var refund = await stripe.V1.Refunds.CreateAsync(new() { Charge = charge.Id, Amount = 100 });
        await shared.It.Order("disputes", new { charge = charge.Id });
        var dispute = (await stripe.V1.Disputes.ListAsync(new() { Charge = charge.Id })).Data[0];

        StripeEntity[] answers =
        [
            customer, method, intent, charge, transfer, reversal, payout, refund, tutor,
            await stripe.V1.Disputes.GetAsync(dispute.Id),
            await stripe.V1.PaymentMethods.GetAsync(method.Id),
            await stripe.V1.AccountLinks.CreateAsync(new() { Account = tutor.Id, Type = "account_onboarding", RefreshUrl = "https://example.com", ReturnUrl = "https://example.com" }),
            await stripe.V1.Accounts.LoginLinks.CreateAsync(tutor.Id),
            await stripe.V1.Balance.GetAsync(),
            await stripe.V1.BalanceTransactions.GetAsync(refund.BalanceTransactionId),
            await stripe.V1.Events.GetAsync((await stripe.V1.Events.ListAsync()).Data[0].Id),
        ];
        var seen = new HashSet<string>();
        foreach (var answer in answers.Where(answer => answer.StripeResponse is not null))
        {
            var json = JsonNode.Parse(answer.StripeResponse.Content)!.AsObject();
            var kind = (string)json["object"]!;
            seen.Add(kind);
            Published[kind].Split(' ').Except(json.Select(property => property.Key)).ShouldBeEmpty(kind);
            json.Select(property => property.Key).ShouldAllBe(name => !name.StartsWith("sim_"), kind);
        }

        seen.ShouldBe(Published.Keys, ignoreOrder: true);
    }
}
