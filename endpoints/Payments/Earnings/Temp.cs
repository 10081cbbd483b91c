namespace EdTech.Payments;
sealed record TransferEarnings(Guid TutorId, string Currency, Guid PurchaseId);
sealed record TakeBackTransfers(Guid PurchaseId);
sealed record LookAtAccount(string AccountId);
sealed record LookAtPayout(string AccountId, string PayoutId);
