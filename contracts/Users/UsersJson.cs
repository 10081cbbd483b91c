using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdTech.Contracts.Users;

/// <summary>JSON of this domain's messages and views.</summary>
[JsonSerializable(typeof(UpdateProfile))]
[JsonSerializable(typeof(BecomeTutor))]
[JsonSerializable(typeof(GrantRole))]
[JsonSerializable(typeof(RevokeRole))]
[JsonSerializable(typeof(SuspendAccount))]
[JsonSerializable(typeof(ReinstateAccount))]
[JsonSerializable(typeof(RevokeSession))]
[JsonSerializable(typeof(RevokeOtherSessions))]
[JsonSerializable(typeof(UnlinkSocialLogin))]
[JsonSerializable(typeof(RotateSigningKeys))]
[JsonSerializable(typeof(AccountRegistered))]
[JsonSerializable(typeof(EmailVerified))]
[JsonSerializable(typeof(ProfileUpdated))]
[JsonSerializable(typeof(RoleGranted))]
[JsonSerializable(typeof(RoleRevoked))]
[JsonSerializable(typeof(AccountSuspended))]
[JsonSerializable(typeof(AccountReinstated))]
[JsonSerializable(typeof(SessionRevoked))]
[JsonSerializable(typeof(RegisterAccount))]
[JsonSerializable(typeof(VerifyEmail))]
[JsonSerializable(typeof(ResendVerification))]
[JsonSerializable(typeof(RequestPasswordReset))]
[JsonSerializable(typeof(ResetPassword))]
[JsonSerializable(typeof(ChangePassword))]
[JsonSerializable(typeof(StartSession))]
[JsonSerializable(typeof(StartSocialSession))]
[JsonSerializable(typeof(RefreshSession))]
[JsonSerializable(typeof(LinkSocialLogin))]
[JsonSerializable(typeof(EnrolTwoFactor))]
[JsonSerializable(typeof(ConfirmTwoFactor))]
[JsonSerializable(typeof(TwoFactorProof))]
[JsonSerializable(typeof(MailOnItsWay))]
[JsonSerializable(typeof(SessionTokens))]
[JsonSerializable(typeof(Page<SessionView>))]
[JsonSerializable(typeof(TwoFactorSecret))]
[JsonSerializable(typeof(RecoveryCodes))]
[JsonSerializable(typeof(Page<SocialLoginView>))]
[JsonSerializable(typeof(MeView))]
[JsonSerializable(typeof(PersonView))]
[JsonSerializable(typeof(AccountContact))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(Page<AccountView>))]
[JsonSerializable(typeof(Page<HistoryEntry>))]
[JsonSerializable(typeof(PersonalDataExport))]
[JsonSerializable(typeof(KeySet))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refused))]
public sealed partial class UsersJson : JsonSerializerContext
{
    /// <summary>Camel-cased, as HTTP shows it; the default instance is the one of messages.</summary>
    public static UsersJson Web { get; } = new(new JsonSerializerOptions(JsonSerializerDefaults.Web));
}
