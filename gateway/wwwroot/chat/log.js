// What one conversation looks like: a window of its messages, kept right by the entries of its log. Entries are numbered 1, 2, 3, ... without a gap,
// so whatever is missed is noticed and fetched, and whatever comes twice changes nothing.
import { request, accountId } from './api.js';

const page = 50;
const most = 200;

export class Log extends EventTarget {
  #connection; #applied = 0; #ready = false; #work = Promise.resolve();

  constructor(connection, conversationId) {
    super();
    this.#connection = connection;
    this.id = conversationId;
    this.messages = [];
    this.hasOlder = false;
    this.hasNewer = false;
    this.unsent = restore(conversationId);
  }

  get lastSequence() { return this.#applied; }

  /** The newest messages. */
  load() { return this.#inTurn(async () => {
    const got = await this.#fetch(`limit=${page}`);
    this.messages = got.messages;
    this.hasOlder = got.hasOlder;
    this.hasNewer = false;
    this.#applied = got.lastSequence;
    this.#ready = true;
    this.#changed('all');
  }); }

  older() { return this.#inTurn(async () => {
    if (!this.hasOlder || !this.messages.length) return;
    const got = await this.#fetch(`before=${this.messages[0].sequence}&limit=${page}`);
    this.messages = [...got.messages, ...this.messages];
    this.hasOlder = got.hasOlder;
    if (this.messages.length > most) { this.messages.length = most; this.hasNewer = true; }
    this.#changed('older');
  }); }

  newer() { return this.#inTurn(async () => {
    if (!this.hasNewer || !this.messages.length) return;
    const got = await this.#fetch(`after=${this.messages.at(-1).sequence}&limit=${page}`);
    this.messages = [...this.messages, ...got.messages];
    this.hasNewer = got.hasNewer;
    if (this.messages.length > most) { this.messages = this.messages.slice(-most); this.hasOlder = true; }
    this.#changed('newer');
  }); }

  /** The messages before and after one of them, wherever it is. */
  around(sequence) { return this.#inTurn(async () => {
    const [before, after] = await Promise.all([this.#fetch(`before=${sequence + 1}&limit=${page}`), this.#fetch(`after=${sequence}&limit=${page}`)]);
    this.messages = [...before.messages, ...after.messages];
    this.hasOlder = before.hasOlder;
    this.hasNewer = after.hasNewer;
    this.#changed('found');
  }); }

  /** What came since the last entry that is here. */
  resume() { return this.#inTurn(() => this.#catchUp()); }

  take(entries) { return this.#inTurn(async () => {
    if (!this.#ready) return;
    for (const entry of entries) {
      if (entry.sequence > this.#applied + 1) { await this.#catchUp(); }
      this.#apply(entry);
    }
    this.#changed('live');
  }); }

  /** Sends a message under an id of our own: it is shown at once, kept over a reload, and sent again until it is taken. */
  send(text, replyTo) {
    const message = { messageId: crypto.randomUUID(), text, replyTo, at: new Date().toISOString() };
    this.unsent.push(message);
    this.#store();
    this.#changed('own');
    return this.deliver(message);
  }

  async deliver(message) {
    try {
      await this.#connection.invoke('Send', { conversationId: this.id, messageId: message.messageId, text: message.text, replyTo: message.replyTo ?? undefined });
      message.taken = true;
    } catch (e) {
      if (e.code && !/unavailable|rate_limited|closing|token|session/.test(e.code)) {
        this.unsent = this.unsent.filter(m => m !== message);
        this.#store();
        this.#changed('own');
        throw e;
      }
    }
    this.#store();
    this.#changed('own');
  }

  async deliverAll() { for (const message of this.unsent.filter(m => !m.taken)) await this.deliver(message); }

  async #catchUp() {
    if (!this.#ready) return;
    for (let more = true; more;) {
      const got = await this.#connection.invoke('Resume', this.id, this.#applied);
      for (const entry of got.entries) this.#apply(entry);
      more = got.more && got.entries.length > 0;
    }
    this.#changed('live');
  }

  #apply(entry) {
    if (entry.sequence !== this.#applied + 1) return;
    this.#applied = entry.sequence;
    const at = this.messages.find(m => m.messageId === entry.messageId);
    switch (entry.kind) {
      case 'posted':
        this.unsent = this.unsent.filter(m => m.messageId !== entry.messageId);
        this.#store();
        if (!this.hasNewer && !at) {
          this.messages.push({ messageId: entry.messageId, sequence: entry.sequence, number: entry.number, authorId: entry.authorId, at: entry.at, text: entry.text, replyTo: entry.replyTo, attachments: entry.attachments ?? [], reactions: [] });
          if (this.messages.length > most) { this.messages.shift(); this.hasOlder = true; }
        }
        break;
      case 'edited': if (at) { at.text = entry.text ?? at.text; at.editedAt = entry.at; } break;
      case 'deleted': if (at) { at.text = null; at.deletedAt = entry.at; at.attachments = []; at.reactions = []; } break;
      case 'reacted': if (at) react(at, entry); break;
    }
  }

  #fetch(query) { return request('GET', `/v1/conversations/${this.id}/messages?${query}`); }

  // Loading, catching up and live entries change the same list, each after the other.
  #inTurn(work) {
    const done = this.#work.then(work);
    this.#work = done.catch(() => {});
    return done;
  }

  #store() {
    if (this.unsent.length) sessionStorage.setItem(`edtech.chat.unsent.${this.id}`, JSON.stringify(this.unsent));
    else sessionStorage.removeItem(`edtech.chat.unsent.${this.id}`);
  }

  #changed(how) { this.dispatchEvent(new CustomEvent('change', { detail: how })); }
}

function restore(id) {
  try { return JSON.parse(sessionStorage.getItem(`edtech.chat.unsent.${id}`)) ?? []; } catch { return []; }
}

function react(message, entry) {
  message.reactions = message.reactions ?? [];
  let reaction = message.reactions.find(r => r.emoji === entry.emoji);
  if (!reaction) message.reactions.push(reaction = { emoji: entry.emoji, count: 0, memberIds: [] });
  const has = reaction.memberIds.includes(entry.authorId);
  if (entry.removed) {
    if (has || reaction.count > reaction.memberIds.length) reaction.count--;
    reaction.memberIds = reaction.memberIds.filter(m => m !== entry.authorId);
  } else if (!has) {
    reaction.count++;
    reaction.memberIds.push(entry.authorId);
  }
  message.reactions = message.reactions.filter(r => r.count > 0);
}

export const isOwn = message => message.authorId === accountId();
