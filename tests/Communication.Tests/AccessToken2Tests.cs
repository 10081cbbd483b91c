using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using EdTech.Testing;
using Shouldly;

namespace EdTech.Communication.Tests;

/// <summary>Our tokens against those of Agora's own package for Node.js, which <c>ops/stack</c> installs.</summary>
public sealed class AccessToken2Tests
{
    const string App = "970ca35de60c44645bbae8a215061b33";
    const string Certificate = "5cfd2fd1755d40ecb72977518be15d3b";
    const string Other = "00000000000000000000000000000000";

    [Fact]
    public async Task Agoras_package_makes_the_same_tokens_of_the_same_salt_and_time()
    {
        foreach (var service in Services())
        {
            var ours = new AccessToken2(App, 1_795_000_000, 600, 12_345_678, [service]).Sign(Certificate);
            var theirs = await Node(
                """
                const t = new AccessToken2(app, certificate, 1795000000, 600); t.salt = 12345678
                const s = input.type === 1 ? new ServiceRtc(input.channel, input.user) : new ServiceRtm(input.user)
                for (const [p, seconds] of Object.entries(input.privileges)) s.add_privilege(+p, seconds)
                t.add_service(s)
                print(t.build())
                """,
                Input(service));

            // Two libraries may pack the same bytes differently; what is packed, signature first, has to be the same to the byte.
            Unpacked(ours).ShouldBe(Unpacked(theirs.GetString()!));
            AccessToken2.Read(theirs.GetString()!, Certificate).ShouldNotBeNull().Services.Single().Privileges.ShouldBe(service.Privileges, ignoreOrder: true);
            AccessToken2.Read(theirs.GetString()!, Other).ShouldBeNull();
        }
    }

    [Fact]
    public async Task Agoras_package_reads_our_tokens()
    {
        var ours = new AccessToken2(App, 1_795_000_000, 600, 77, [RtmService.For("ada", 600), RtcService.Publisher("algebra", 42, 600)]).Sign(Certificate);
        var read = await Node(
            """
            const t = new AccessToken2('', '', 0, 0)
            const ok = t.from_string(input)
            const of = type => Object.values(t.services).find(s => s.service_type() === type)
            print({ ok, app: String(t.appId), issued: t.issueTs, life: t.expire, salt: t.salt, channel: String(of(1).__channel_name), uid: String(of(1).__uid), privileges: of(1).__privileges, user: String(of(2).__user_id) })
            """,
            JsonSerializer.Serialize(ours));

        read.GetProperty("ok").GetBoolean().ShouldBeTrue();
        read.GetProperty("app").GetString().ShouldBe(App);
        (read.GetProperty("issued").GetInt64(), read.GetProperty("life").GetInt32(), read.GetProperty("salt").GetInt32()).ShouldBe((1_795_000_000, 600, 77));
        (read.GetProperty("channel").GetString(), read.GetProperty("uid").GetString(), read.GetProperty("user").GetString()).ShouldBe(("algebra", "42", "ada"));
        read.GetProperty("privileges").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt32()).ShouldBe(new Dictionary<string, int> { ["1"] = 600, ["2"] = 600, ["3"] = 600, ["4"] = 600 }, ignoreOrder: true);
    }

    [Fact]
    public void A_token_that_was_changed_anywhere_is_refused()
    {
        var content = Unpacked(new AccessToken2(App, 1_795_000_000, 600, 99, [RtcService.Subscriber("algebra", 7, 600)]).Sign(Certificate));
        for (var i = 0; i < content.Length; i++)
        {
            var changed = content.ToArray();
            changed[i] ^= 1;
            AccessToken2.Read(Packed(changed), Certificate).ShouldBeNull($"byte {i}");
        }

        AccessToken2.Read(Packed(content), Certificate).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("007")]
    [InlineData("007!!!!")]
    [InlineData("006eJxTYBAQ")]
    [InlineData("007AAAA")]
    public void What_is_no_token_is_refused(string text) => AccessToken2.Read(text, Certificate).ShouldBeNull();

    [Fact]
    public void A_token_that_would_fill_the_memory_is_refused()
        => AccessToken2.Read(Packed(new byte[3_000_000]), Certificate).ShouldBeNull();

    [Fact]
    public void A_listener_may_not_publish()
        => RtcService.Subscriber("algebra", 7, 600).Privileges.Keys.ShouldBe([RtcService.Join]);

    static IEnumerable<AgoraService> Services() =>
    [
        RtcService.Publisher("0198c3a0-aaaa-7000-8000-0123456789ab", 1, 600),
        RtcService.Subscriber("algebra", uint.MaxValue, 600),
        RtcService.Publisher("algebra", 0, 30),
        RtmService.For("0198c3a0-bbbb-7000-8000-0123456789ab", 600),
    ];

    static string Input(AgoraService service) => service switch
    {
        RtcService rtc => JsonSerializer.Serialize(new { type = 1, channel = rtc.Channel, user = rtc.Uid.Length == 0 ? 0 : uint.Parse(rtc.Uid, System.Globalization.CultureInfo.InvariantCulture), privileges = rtc.Privileges }),
        RtmService rtm => JsonSerializer.Serialize(new { type = 2, user = rtm.User, privileges = rtm.Privileges }),
        _ => throw new ArgumentOutOfRangeException(nameof(service)),
    };

    static byte[] Unpacked(string token)
    {
        using var zlib = new ZLibStream(new MemoryStream(Convert.FromBase64String(token[3..])), CompressionMode.Decompress);
        using var content = new MemoryStream();
        zlib.CopyTo(content);
        return content.ToArray();
    }

    static string Packed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(content);
        return "007" + Convert.ToBase64String(packed.ToArray());
    }

    static async Task<JsonElement> Node(string script, string input)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("EDTECH_AGORA_TOKEN") is null, "Agora's package is not here: where servers run in containers, ops/stack installs none.");
        var start = new ProcessStartInfo(Infrastructure.Setting("EDTECH_NODE")) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-");
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(
            $$"""
            const { AccessToken2, ServiceRtc, ServiceRtm } = require({{JsonSerializer.Serialize(Infrastructure.Setting("EDTECH_AGORA_TOKEN") + "/src/AccessToken2")}})
            const app = '{{App}}', certificate = '{{Certificate}}', input = {{input}}
            const print = value => console.log(JSON.stringify(value))
            {{script}}
            """);
        process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(deadline.Token), process.StandardError.ReadToEndAsync(deadline.Token));
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode == 0 ? JsonDocument.Parse(await output).RootElement : throw new InvalidOperationException($"Node.js ended with {process.ExitCode}: {await errors}");
    }
}
