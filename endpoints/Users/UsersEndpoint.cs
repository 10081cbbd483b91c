using EdTech.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdTech.Users;

/// <summary>Identity and access: accounts, sign-in, sessions, profiles, roles.</summary>
public static class UsersEndpoint
{
    /// <summary>The name of the endpoint and of its queue.</summary>
    public const string Name = "EdTech.Users";

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(string[] args)
        => WorkerHost.Build(
            new Worker(Name, typeof(UsersEndpoint).Assembly)
                .Services(AddUsers)
                .Queries(MapUsers),
            args);

    static void AddUsers(IServiceCollection services)
    {
        services.AddSingleton<UsersSecrets>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<PasswordProof>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<SessionTokenIssuer>();
        services.AddSingleton<SessionStart>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<ProvenTwice>();
        services.AddSingleton<IdTokens>();
        services.AddSingleton<MailServer>();
        SocialProviders.AddTo(services);
        services.AddHostedService<FirstAdmin>();
        services.AddSingleton<Housekeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
    }

    static void MapUsers(IEndpointRouteBuilder app)
    {
        var credentials = app.MapGroup("").AddEndpointFilter<CredentialRefusals>();
        RegisterAccountRoute.Map(credentials);
        VerifyEmailRoute.Map(credentials);
        ResendVerificationRoute.Map(credentials);
        StartSessionRoute.Map(credentials);
        RefreshSessionRoute.Map(credentials);
        StartSocialSessionRoute.Map(credentials);
        RequestPasswordResetRoute.Map(credentials);
        ResetPasswordRoute.Map(credentials);
        ChangePasswordRoute.Map(credentials);
        EnrolTwoFactorRoute.Map(credentials);
        ConfirmTwoFactorRoute.Map(credentials);
        DisableTwoFactorRoute.Map(credentials);
        RenewRecoveryCodesRoute.Map(credentials);
        LinkSocialLoginRoute.Map(credentials);

        GetMe.Map(app);
        ExportMe.Map(app);
        GetPerson.Map(app);
        ListKnownPeople.Map(app);
        ListSessions.Map(app);
        ListSocialLogins.Map(app);
        ListAccounts.Map(app);
        GetAccount.Map(app);
        GetAccountContact.Map(app);
        ListHistory.Map(app);
        GetKeySet.Map(app);
    }
}
