// The WebSocket. It comes back by itself, with a token that is good, and says so; what was missed is the log's to fetch.
import { token, tokenEndsAt, signedIn } from './api.js';

const frames = ['entries', 'read', 'typing', 'presence', 'joined', 'left', 'session'];

export class Connection extends EventTarget {
  #hub; #stopped = true; #attempt = 0; #retry; #renewal; #poll; #degraded = false;

  constructor() {
    super();
    this.#hub = new signalR.HubConnectionBuilder()
      .withUrl('/hubs/chat', { skipNegotiation: true, transport: signalR.HttpTransportType.WebSockets, accessTokenFactory: () => token() })
      .configureLogging(signalR.LogLevel.None)
      .build();
    for (const type of frames) this.#hub.on(type, frame => this.#tell(type, frame));
    this.#hub.on('resume', () => { this.#setDegraded(false); this.#tell('resume'); });
    this.#hub.on('degraded', () => this.#setDegraded(true));
    this.#hub.on('closing', reason => this.#tell('closing', reason));
    this.#hub.onclose(() => this.#closed());
    addEventListener('offline', () => this.#hub.stop());
    addEventListener('online', () => { this.#attempt = 0; this.#start(); });
  }

  get connected() { return this.#hub.state === signalR.HubConnectionState.Connected; }

  start() { this.#stopped = false; this.#start(); }

  async stop() { this.#stopped = true; clearTimeout(this.#retry); await this.#hub.stop(); }

  async invoke(method, ...args) {
    try {
      return await this.#hub.invoke(method, ...args);
    } catch (e) {
      const [, code, sentence] = /HubException: ([\w.]+): (.*)/s.exec(e.message) ?? [];
      throw Object.assign(new Error(sentence ?? 'The connection was lost.'), { code });
    }
  }

  async #start() {
    clearTimeout(this.#retry);
    if (this.#stopped || !signedIn() || this.#hub.state !== signalR.HubConnectionState.Disconnected) return;
    this.#tell('state', 'connecting');
    try {
      await this.#hub.start();
    } catch {
      this.#again();
      return;
    }

    this.#attempt = 0;
    this.#tell('state', this.#degraded ? 'slow' : 'connected');
    this.#tell('resume');
    this.#renewLater();
  }

  #closed() {
    clearTimeout(this.#renewal);
    this.#setDegraded(false);
    this.#tell('state', 'offline');
    this.#again();
  }

  #again() {
    if (this.#stopped || !signedIn()) return;
    // Many clients lose one gateway at the same moment: they must not come back at the same moment.
    const pause = Math.min(10_000, 300 * 2 ** this.#attempt++) * (0.5 + Math.random());
    this.#retry = setTimeout(() => this.#start(), pause);
  }

  #renewLater() {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(async () => {
      try {
        await this.invoke('Renew', await token(120_000));
      } catch { /* the gateway ends the connection, and it comes back with a new token */ }
      if (this.connected) this.#renewLater();
    }, Math.max(5_000, tokenEndsAt() - Date.now() - 90_000));
  }

  #setDegraded(degraded) {
    if (this.#degraded === degraded) return;
    this.#degraded = degraded;
    clearInterval(this.#poll);
    if (degraded) this.#poll = setInterval(() => this.#tell('resume'), 4_000);
    if (this.connected) this.#tell('state', degraded ? 'slow' : 'connected');
  }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
