using System.Text.Json.Nodes;

namespace EdTech.AgoraSimulator;

/// <summary>A recorder that was started, running or not any more.</summary>
sealed class SimulatedRecorder(string resource, string sid, string channel, uint uid)
{
    public string Resource => resource;
    public string Sid => sid;
    public string Channel => channel;
    public uint Uid => uid;
    public bool Running { get; set; } = true;
    public int Sequence { get; set; }
}

/// <summary>Who is in which channel, who is locked out, and what records.</summary>
sealed class SimulatedChannels(AgoraWebhooks webhooks)
{
    const int Rtc = 1;
    const int Recording = 3;
    readonly Lock _gate = new();
    readonly Dictionary<(string Channel, uint Uid), int> _orders = [];
    readonly HashSet<(string Channel, uint Uid)> _present = [];
    readonly List<(string Channel, uint Uid, DateTimeOffset Until)> _rules = [];
    readonly Dictionary<string, (string Channel, uint Uid)> _resources = new(StringComparer.Ordinal);
    readonly List<SimulatedRecorder> _recorders = [];

    public bool LockedOut(string channel, uint uid)
    {
        lock (_gate)
        {
            return _rules.Exists(r => r.Channel == channel && r.Uid == uid && r.Until > DateTimeOffset.UtcNow);
        }
    }

    /// <summary>A client comes in. False when a rule keeps it out.</summary>
    public bool Join(string channel, uint uid)
    {
        lock (_gate)
        {
            if (LockedOut(channel, uid))
            {
                return false;
            }

            if (_present.Add((channel, uid)))
            {
                Tell(channel, uid, 103);
            }

            return true;
        }
    }

    public void Leave(string channel, uint uid)
    {
        lock (_gate)
        {
            if (_present.Remove((channel, uid)))
            {
                Tell(channel, uid, 104);
            }
        }
    }

    public void Kick(string channel, uint uid, TimeSpan time)
    {
        lock (_gate)
        {
            _rules.Add((channel, uid, DateTimeOffset.UtcNow + time));
            Leave(channel, uid);
            foreach (var recorder in _recorders.Where(r => r.Running && r.Channel == channel && r.Uid == uid))
            {
                End(recorder);
            }
        }
    }

    public string Acquire(string channel, uint uid)
    {
        lock (_gate)
        {
            var resource = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
            _resources[resource] = (channel, uid);
            return resource;
        }
    }

    /// <summary>The recorder's id, or Agora's code of a refusal.</summary>
    public (string? Sid, int Code) Start(string resource, string channel, uint uid)
    {
        lock (_gate)
        {
            if (!_resources.TryGetValue(resource, out var acquired))
            {
                return (null, 433);
            }

            if (acquired != (channel, uid))
            {
                return (null, 2);
            }

            if (_recorders.Exists(r => r.Resource == resource))
            {
                return (null, 7);
            }

            if (_recorders.Exists(r => r.Running && r.Channel == channel && r.Uid == uid))
            {
                return (null, 53);
            }

            var recorder = new SimulatedRecorder(resource, Guid.NewGuid().ToString("N"), channel, uid);
            _recorders.Add(recorder);
            Tell(recorder, 40, new JsonObject { ["msgName"] = "recorder_started" });
            if (LockedOut(channel, uid))
            {
                End(recorder);
            }

            return (recorder.Sid, 0);
        }
    }

    public SimulatedRecorder? Running(string resource, string sid)
    {
        lock (_gate)
        {
            return _recorders.Find(r => r.Running && r.Resource == resource && r.Sid == sid);
        }
    }

    /// <summary>The recorder leaves and its files are uploaded.</summary>
    public void End(SimulatedRecorder recorder)
    {
        lock (_gate)
        {
            if (!recorder.Running)
            {
                return;
            }

            recorder.Running = false;
            Tell(recorder, 41, new JsonObject { ["msgName"] = "recorder_leave", ["leaveCode"] = 1 });
            Tell(recorder, 30, new JsonObject { ["msgName"] = "uploader_started", ["status"] = 0 });
            Tell(recorder, 31, new JsonObject { ["msgName"] = "uploaded", ["status"] = 0, ["fileList"] = Files(recorder) });
            Tell(recorder, 11, new JsonObject { ["msgName"] = "session_exit", ["exitStatus"] = 0 });
        }
    }

    public static JsonArray Files(SimulatedRecorder recorder)
        => [.. new[] { "m3u8", "mp4" }.Select(ending => (JsonNode)new JsonObject { ["fileName"] = $"lessons/{recorder.Sid}_{recorder.Channel}.{ending}", ["trackType"] = "audio_and_video", ["uid"] = "0", ["mixedAllUser"] = true, ["isPlayable"] = true })];

    public JsonObject State(string channel)
    {
        lock (_gate)
        {
            return new JsonObject
            {
                ["present"] = new JsonArray([.. _present.Where(p => p.Channel == channel).Select(p => (JsonNode)p.Uid)]),
                ["lockedOut"] = new JsonArray([.. _rules.Where(r => r.Channel == channel && r.Until > DateTimeOffset.UtcNow).Select(r => (JsonNode)r.Uid)]),
                ["recorders"] = new JsonArray([.. _recorders.Where(r => r.Channel == channel).Select(r => (JsonNode)new JsonObject { ["sid"] = r.Sid, ["uid"] = r.Uid, ["running"] = r.Running })]),
                ["webhooksWaiting"] = webhooks.Waiting,
            };
        }
    }

    public void EndAll(string channel)
    {
        lock (_gate)
        {
            foreach (var recorder in _recorders.Where(r => r.Channel == channel).ToArray())
            {
                End(recorder);
            }
        }
    }

    void Tell(string channel, uint uid, int type)
    {
        var order = _orders[(channel, uid)] = _orders.GetValueOrDefault((channel, uid)) + 1;
        webhooks.Send(Rtc, type, new JsonObject { ["channelName"] = channel, ["uid"] = uid, ["platform"] = 7, ["clientSeq"] = order, ["ts"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() });
    }

    void Tell(SimulatedRecorder recorder, int type, JsonObject details)
        => webhooks.Send(Recording, type, new JsonObject
        {
            ["cname"] = recorder.Channel,
            ["uid"] = recorder.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["sid"] = recorder.Sid,
            ["sequence"] = recorder.Sequence++,
            ["sendts"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            ["serviceType"] = 0,
            ["details"] = details,
        });
}
