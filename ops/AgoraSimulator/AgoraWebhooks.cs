using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace EdTech.AgoraSimulator;

/// <summary>How webhooks misbehave.</summary>
/// <param name="Hold">None is sent until this is taken back.</param>
/// <param name="Duplicate">Each is sent so many times more.</param>
/// <param name="Reverse">What was held is sent in the reverse order.</param>
/// <param name="Drop">All are lost.</param>
sealed record AgoraWebhookMode(bool Hold = false, int Duplicate = 0, bool Reverse = false, bool Drop = false);

/// <summary>Posts notices to the receiver, signed, again and again until it answers 200.</summary>
sealed class AgoraWebhooks(AgoraSimulatorSettings settings, ILogger<AgoraWebhooks> log) : BackgroundService
{
    static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    readonly Channel<byte[]> _ready = Channel.CreateUnbounded<byte[]>();
    readonly Lock _gate = new();
    readonly List<byte[]> _held = [];
    AgoraWebhookMode _mode = new();
    int _open;

    public AgoraWebhookMode Mode
    {
        get
        {
            lock (_gate)
            {
                return _mode;
            }
        }

        set
        {
            lock (_gate)
            {
                _mode = value;
                if (value.Hold)
                {
                    return;
                }

                if (value.Reverse)
                {
                    _held.Reverse();
                }

                foreach (var notice in _held)
                {
                    Enqueue(notice);
                }

                _held.Clear();
            }
        }
    }

    /// <summary>Notices that have not reached the receiver.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _held.Count + _open;
            }
        }
    }

    public void Send(int product, int type, JsonObject payload)
    {
        if (settings.WebhookUrl is null)
        {
            return;
        }

        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["noticeId"] = Guid.NewGuid().ToString("N"),
            ["productId"] = product,
            ["eventType"] = type,
            ["notifyMs"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            ["payload"] = payload,
        }.ToJsonString());
        lock (_gate)
        {
            if (_mode.Drop)
            {
                return;
            }

            if (_mode.Hold)
            {
                _held.Add(body);
            }
            else
            {
                Enqueue(body);
            }
        }
    }

    void Enqueue(byte[] body)
    {
        for (var copy = 0; copy <= _mode.Duplicate; copy++)
        {
            _open++;
            _ready.Writer.TryWrite(body);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var body in _ready.Reader.ReadAllAsync(stoppingToken))
        {
            while (!await Deliver(body, stoppingToken))
            {
                await Task.Delay(Retry, stoppingToken);
            }

            lock (_gate)
            {
                _open--;
            }
        }
    }

    async Task<bool> Deliver(byte[] body, CancellationToken stopping)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, settings.WebhookUrl);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
            var key = Encoding.UTF8.GetBytes(settings.WebhookSecret);
#pragma warning disable CA5350 // Agora's own.
            request.Headers.TryAddWithoutValidation("Agora-Signature", Convert.ToHexStringLower(HMACSHA1.HashData(key, body)));
#pragma warning restore CA5350
            request.Headers.TryAddWithoutValidation("Agora-Signature-V2", Convert.ToHexStringLower(HMACSHA256.HashData(key, body)));
            using var response = await _http.SendAsync(request, stopping);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException || (failure is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            log.LogDebug("A notice did not reach the receiver: {Reason}", failure.Message);
            return false;
        }
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }
}
