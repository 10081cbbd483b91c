namespace EdTech.Contracts.Learning;

/// <summary>A certificate in its learner's list.</summary>
/// <param name="CertificateId">The certificate.</param>
/// <param name="CourseId">The course it was issued for.</param>
/// <param name="CourseTitle">The course's title at that time.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="RevokedAt">When it was taken back, if it was.</param>
/// <param name="Url">Where anybody gets the credential.</param>
public sealed record CertificateView(Guid CertificateId, Guid CourseId, string CourseTitle, DateTimeOffset IssuedAt, DateTimeOffset? RevokedAt, string Url);

/// <summary>What a stranger learns of a certificate by its address. It names nobody.</summary>
/// <param name="CertificateId">The certificate.</param>
/// <param name="Valid">Its signature holds and it was not revoked.</param>
/// <param name="Code"><c>valid</c>, <c>revoked</c> or <c>damaged</c>.</param>
/// <param name="Message">The same as a sentence.</param>
/// <param name="CourseId">The course it was issued for.</param>
/// <param name="CourseTitle">The course's title when it was issued.</param>
/// <param name="TutorId">Who taught it.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="RevokedAt">When it was taken back, if it was.</param>
/// <param name="RevocationReason">Why it was taken back.</param>
/// <param name="RecipientMatches">Whether it was issued to the account that the caller named; null when none was named.</param>
/// <param name="CredentialUrl">Where the signed credential is.</param>
public sealed record CertificateVerification(
    Guid CertificateId,
    bool Valid,
    string Code,
    string Message,
    Guid CourseId,
    string CourseTitle,
    Guid TutorId,
    DateTimeOffset IssuedAt,
    DateTimeOffset? RevokedAt,
    string? RevocationReason,
    bool? RecipientMatches,
    string CredentialUrl);

/// <summary>What a check of a handed-in credential found.</summary>
/// <param name="Valid">It was issued by this platform, is unchanged and not revoked.</param>
/// <param name="Code"><c>valid</c>, <c>malformed</c>, <c>foreign</c>, <c>tampered</c>, <c>unknown</c> or <c>revoked</c>.</param>
/// <param name="Message">The same as a sentence.</param>
/// <param name="CertificateId">The certificate, once the signature holds.</param>
public sealed record CredentialCheck(bool Valid, string Code, string Message, Guid? CertificateId);
