using System.Text.Json;
using Dapper;
using EdTech.Contracts;
using EdTech.Contracts.Users;
using EdTech.Hosting;

namespace EdTech.Users;

sealed class UpdateProfileHandler : IHandleMessages<UpdateProfile>
{
    public async Task Handle(UpdateProfile message, IMessageHandlerContext context)
    {
        if (ProfileRules.Fault(message.Profile) is { } fault)
        {
            await context.Refuse(RefusalKind.Invalid, fault.Code, fault.Message, new Dictionary<string, string> { [fault.Field] = fault.Message });
            return;
        }

        var version = await context.Db.ExecuteScalarAsync<long?>(
            """
            UPDATE users.profile p
            SET display_name = @DisplayName,
                bio = @Bio,
                avatar_url = @AvatarUrl,
                locale = @Locale,
                time_zone = @TimeZone,
                accessibility = @accessibility::jsonb,
                shows = @shows::jsonb,
                version = p.version + 1,
                updated_at = @Now
            FROM users.account a
            WHERE p.account_id = @Id AND a.account_id = @Id AND a.status = 'active'
                AND (@ExpectedVersion::bigint IS NULL OR p.version = @ExpectedVersion)
            RETURNING p.version
            """,
            new
            {
                message.By.Id,
                DisplayName = message.Profile.DisplayName.Trim(),
                message.Profile.Bio,
                message.Profile.AvatarUrl,
                message.Profile.Locale,
                message.Profile.TimeZone,
                accessibility = JsonSerializer.Serialize(message.Profile.Accessibility, ProfileJson.Options),
                shows = JsonSerializer.Serialize(message.Profile.Shows, ProfileJson.Options),
                message.ExpectedVersion,
                context.Now,
            });
        if (version is null)
        {
            await RefuseStaleOrUnknown(message, context);
            return;
        }

        await context.Record(message.By.Id, message.By, "profile.updated");
        await context.Publish(new ProfileUpdated(message.By.Id, version.Value, context.Now));
        await context.Reply(new Done(message.By.Id, version.Value));
    }

    static async Task RefuseStaleOrUnknown(UpdateProfile message, IMessageHandlerContext context)
    {
        var known = await context.Db.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM users.account WHERE account_id = @Id AND status = 'active')", new { message.By.Id });
        await (known
            ? context.Refuse(RefusalKind.Stale, "profile.changed_meanwhile", "The profile was changed since you read it. Read it again.")
            : context.Refuse(RefusalKind.NotFound, "account.not_found", "There is no such account."));
    }
}

/// <summary>How preferences are stored: as they are shown, so that the database can be read.</summary>
static class ProfileJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web) { TypeInfoResolver = UsersJson.Default };

    public static T Read<T>(string json)
        where T : class
        => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException($"A stored {typeof(T).Name} is null.");
}
