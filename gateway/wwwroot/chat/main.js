import { signIn, signOut, signedIn, accountId, onSignedOut, request, nameOf } from './api.js';
import { Connection } from './connection.js';
import { Log } from './log.js';
import { Classroom } from './classroom.js';

const $ = id => document.getElementById(id);
const connection = new Connection();
const classroom = new Classroom($('classroom'));
const conversations = new Map();
let open = null; // { view, log, members, present, typing }
let replyTo = null;

// Signing in and out

function show() {
  $('sign-in').hidden = signedIn();
  $('app').hidden = !signedIn();
  if (!signedIn()) return;
  nameOf(accountId()).then(name => { $('me').textContent = `${name}, your id is ${accountId()}`; });
  connection.start();
  loadConversations();
}

$('sign-in-form').addEventListener('submit', e => submit(e, async fields => {
  await signIn(fields.email, fields.password, fields.code);
  e.target.reset();
  show();
}));
$('sign-out').addEventListener('click', async () => { await connection.stop(); await signOut(); location.reload(); });
onSignedOut(async () => { await connection.stop(); location.reload(); });

// The list

async function loadConversations() {
  try {
    const page = await request('GET', '/v1/conversations?limit=100');
    const known = new Set(page.items.map(c => c.conversationId));
    for (const id of conversations.keys()) if (!known.has(id)) conversations.delete(id);
    for (const view of page.items) conversations.set(view.conversationId, view);
    if (open) open.view = conversations.get(open.view.conversationId) ?? open.view;
    await drawList();
  } catch { /* the next resume asks again */ }
}

const titleOf = async view => view.title ?? (view.otherId ? await nameOf(view.otherId) : 'Conversation');

let listTurn = 0;
async function drawList() {
  const turn = ++listTurn;
  const views = [...conversations.values()].sort((a, b) => b.lastActivityAt.localeCompare(a.lastActivityAt));
  const titles = await Promise.all(views.map(titleOf));
  if (turn !== listTurn) return;
  const focused = document.activeElement?.dataset?.conversation;
  $('conversations').replaceChildren(...views.map((view, i) => {
    const item = document.createElement('li'), button = document.createElement('button');
    button.type = 'button';
    button.dataset.conversation = view.conversationId;
    button.setAttribute('aria-current', String(open?.view.conversationId === view.conversationId));
    button.append(made('span', 'title', titles[i]));
    if (view.unread > 0) {
      const badge = made('span', 'badge', view.unread > 99 ? '99+' : String(view.unread));
      badge.setAttribute('aria-label', `${view.unread} unread`);
      button.append(badge);
    }
    button.append(made('span', 'last', view.lastMessage ?? ''));
    item.append(button);
    return item;
  }));
  const unread = views.reduce((sum, v) => sum + v.unread, 0);
  document.title = `${unread ? `(${unread}) ` : ''}Conversations - EdTech`;
  if (focused) document.querySelector(`[data-conversation="${focused}"]`)?.focus();
}

$('conversations').addEventListener('click', e => {
  const id = e.target.closest('button')?.dataset.conversation;
  if (id) openConversation(id);
});

$('open-form').addEventListener('submit', e => submit(e, async fields => {
  const done = await request('POST', '/v1/conversations', { kind: 'direct', memberIds: [fields.other.trim()] });
  e.target.reset();
  await loadConversations();
  await openConversation(done.id);
}));

$('group-form').addEventListener('submit', e => submit(e, async fields => {
  const done = await request('POST', '/v1/conversations', { kind: 'group', title: fields.title, memberIds: fields.others.split(/[\s,;]+/).filter(Boolean) });
  e.target.reset();
  $('new-group').open = false;
  await loadConversations();
  await openConversation(done.id);
}));

// One conversation

async function openConversation(id) {
  const view = conversations.get(id) ?? await request('GET', `/v1/conversations/${id}`);
  conversations.set(id, view);
  const log = new Log(connection, id);
  const mine = open = { view, log, members: new Map(), present: new Map(), typing: new Map(), told: 0 };
  location.hash = id;
  reply(null);
  showSearch(false);
  $('app').classList.add('talking');
  $('talk').hidden = false;
  $('nothing').hidden = true;
  $('messages').replaceChildren();
  $('talk-presence').textContent = '';
  $('talk-title').textContent = await titleOf(view);
  log.addEventListener('change', e => { if (open === mine) draw(e.detail); });
  drawList();
  classroom.show(view.kind === 'lesson' ? view.subjectId : null);
  try {
    await log.load();
  } catch (e) {
    $('write').querySelector('.fault').textContent = e.message;
    return;
  }

  toEnd();
  if (connection.connected) await comeBack(mine);
}

/** After every absence: what was missed, what was not yet sent, who is there. */
async function comeBack(mine) {
  try {
    await mine.log.resume();
    await mine.log.deliverAll();
    const [present, members] = await Promise.all([connection.invoke('WatchPresence', mine.view.conversationId).catch(() => []), request('GET', `/v1/conversations/${mine.view.conversationId}/members?limit=200`)]);
    mine.present = new Map(present.map(p => [p.accountId, p.status]));
    mine.members = new Map(members.items.map(m => [m.accountId, m.readSequence]));
    if (open === mine) { drawPresence(); draw('read'); tellRead(); }
  } catch { /* the next resume tries again */ }
}

function drawPresence() {
  const { view, present } = open;
  const online = [...present.values()].filter(s => s === 'online').length;
  $('talk-presence').textContent = view.otherId
    ? { online: 'online', offline: 'offline' }[present.get(view.otherId)] ?? ''
    : `${view.memberCount} ${view.memberCount === 1 ? 'member' : 'members'}${online ? `, ${online} ${online === 1 ? 'other' : 'others'} online` : ''}`;
}

const atEnd = () => { const s = $('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight < 60; };
const toEnd = () => { const s = $('scroll'); s.scrollTop = s.scrollHeight; };

function draw(how) {
  const { log } = open, list = $('messages'), scroll = $('scroll');
  const follow = (how === 'live' || how === 'read') ? atEnd() : how === 'own' || how === 'all';
  const anchor = firstSeen(), anchorTop = anchor?.getBoundingClientRect().top;
  const shown = new Map([...list.children].map(item => [item.dataset.message, item]));
  const wanted = [...log.messages, ...(log.hasNewer ? [] : log.unsent.filter(u => !log.messages.some(m => m.messageId === u.messageId)))];
  const ids = new Set(wanted.map(m => m.messageId));
  for (const [id, item] of shown) if (!ids.has(id)) item.remove();
  let before = list.firstElementChild;
  for (const message of wanted) {
    let item = shown.get(message.messageId);
    if (!item) item = $('message-template').content.firstElementChild.cloneNode(true);
    fill(item, message);
    if (item === before) before = before.nextElementSibling; else list.insertBefore(item, before);
  }

  $('older').hidden = !log.hasOlder;
  $('newer').hidden = !log.hasNewer;
  if (follow && !log.hasNewer) toEnd();
  else if (anchor?.isConnected) scroll.scrollTop += anchor.getBoundingClientRect().top - anchorTop;
  $('newest').hidden = atEnd() && !log.hasNewer;
  tellRead();
}

const firstSeen = () => { const top = $('scroll').getBoundingClientRect().top; return [...$('messages').children].find(i => i.getBoundingClientRect().bottom > top); };

function fill(item, message) {
  const own = message.authorId === undefined || message.authorId === accountId();
  const state = JSON.stringify([message, tickOf(message)]);
  if (item.state === state) return;
  item.state = state;
  item.dataset.message = message.messageId;
  item.classList.toggle('own', own);
  item.classList.toggle('gone', !!message.deletedAt);
  item.classList.toggle('unsent', message.sequence === undefined && !message.taken);
  if (!own) nameOf(message.authorId).then(name => { item.querySelector('.who').textContent = name; });
  const quote = item.querySelector('.quote');
  quote.hidden = !message.replyTo;
  if (message.replyTo) quote.textContent = open.log.messages.find(m => m.messageId === message.replyTo)?.text ?? 'an earlier message';
  item.querySelector('.text').textContent = message.deletedAt ? 'This message was taken away.' : message.text ?? '';
  const files = item.querySelector('.files');
  files.hidden = !message.attachments?.length;
  files.replaceChildren(...(message.attachments ?? []).map(a => made('li', '', a.name)));
  item.querySelector('time').dateTime = message.at;
  item.querySelector('time').textContent = new Date(message.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  item.querySelector('.edited').hidden = !message.editedAt || !!message.deletedAt;
  item.querySelector('.tick').textContent = own ? tickOf(message) : '';
  item.querySelector('[data-act=edit]').hidden = !own;
  item.querySelector('[data-act=delete]').hidden = !own && !open.view.moderator;
  item.querySelector('.reactions').replaceChildren(...(message.reactions ?? []).map(r => {
    const button = made('button', '', `${r.emoji} ${r.count}`);
    button.type = 'button';
    button.dataset.act = 'react';
    button.dataset.emoji = r.emoji;
    button.setAttribute('aria-pressed', String(r.memberIds.includes(accountId())));
    return button;
  }));
}

function tickOf(message) {
  if (message.sequence === undefined) return message.taken ? 'sent' : 'sending';
  const readers = [...open.members].filter(([id, read]) => id !== accountId() && read >= message.sequence).length;
  return readers === 0 ? 'delivered' : open.view.otherId ? 'read' : `read by ${readers}`;
}

/** Tells how far was read, once it is seen: in front, and at the end. */
function tellRead() {
  if (!open || document.hidden || !connection.connected || open.log.hasNewer || !atEnd()) return;
  const last = open.log.lastSequence;
  if (last > Math.max(open.told, open.view.readSequence)) {
    const mine = open;
    mine.told = last;
    connection.invoke('Read', mine.view.conversationId, last).catch(() => { mine.told = 0; });
  }
  if (open.view.unread > 0) { open.view.unread = 0; drawList(); }
}

$('scroll').addEventListener('scroll', () => {
  if (!open) return;
  const { log } = open, s = $('scroll');
  if (s.scrollTop < 100 && log.hasOlder) log.older().catch(() => {});
  if (s.scrollHeight - s.scrollTop - s.clientHeight < 100 && log.hasNewer) log.newer().catch(() => {});
  $('newest').hidden = atEnd() && !log.hasNewer;
  tellRead();
});
$('newest').addEventListener('click', async () => { if (open.log.hasNewer) await open.log.load(); toEnd(); });
document.addEventListener('visibilitychange', tellRead);
$('back').addEventListener('click', () => { open = null; location.hash = ''; $('app').classList.remove('talking'); $('talk').hidden = true; $('nothing').hidden = false; drawList(); });

$('messages').addEventListener('click', async e => {
  const act = e.target.closest('button')?.dataset.act;
  const message = open.log.messages.find(m => m.messageId === e.target.closest('.message')?.dataset.message);
  if (!act || !message) return;
  const change = { conversationId: open.view.conversationId, recordId: crypto.randomUUID(), messageId: message.messageId };
  const fault = $('write').querySelector('.fault');
  fault.textContent = '';
  try {
    if (act === 'reply') reply(message);
    if (act === 'react') {
      const emoji = e.target.closest('button').dataset.emoji;
      const removed = (message.reactions ?? []).some(r => r.emoji === emoji && r.memberIds.includes(accountId()));
      await connection.invoke('React', { ...change, emoji, removed });
    }
    if (act === 'delete') await connection.invoke('Delete', change);
    if (act === 'edit') edit(message);
  } catch (failed) {
    fault.textContent = failed.message;
  }
});

// Searching

let search = null; // { words, next }

function showSearch(shown) {
  $('search').hidden = !shown;
  $('find').setAttribute('aria-expanded', String(shown));
  $('found').replaceChildren();
  $('found-none').textContent = '';
  $('found-more').hidden = true;
  if (shown) $('words').focus(); else $('search-form').reset();
}

async function find() {
  const mine = open, cursor = search.next ? `&cursor=${search.next}` : '';
  const got = await request('GET', `/v1/conversations/${mine.view.conversationId}/messages/search?q=${encodeURIComponent(search.words)}${cursor}`);
  const names = await Promise.all(got.messages.map(m => nameOf(m.authorId)));
  if (open !== mine) return;
  search.next = got.next;
  $('found').append(...got.messages.map((message, i) => {
    const item = document.createElement('li'), button = made('button', '', message.text ?? '');
    button.type = 'button';
    button.dataset.message = message.messageId;
    button.dataset.sequence = message.sequence;
    button.prepend(made('span', 'meta', `${names[i]}, ${new Date(message.at).toLocaleString()}`));
    item.append(button);
    return item;
  }));
  $('found-more').hidden = !search.next;
  $('found-none').textContent = $('found').children.length ? '' : 'Nothing was found.';
}

$('find').addEventListener('click', () => showSearch($('search').hidden));
$('search-form').addEventListener('submit', e => submit(e, async fields => {
  search = { words: fields.words, next: null };
  $('found').replaceChildren();
  await find();
}));
$('found-more').addEventListener('click', () => find().catch(() => {}));
$('found').addEventListener('click', async e => {
  const wanted = e.target.closest('button')?.dataset;
  if (!wanted) return;
  await open.log.around(Number(wanted.sequence)).catch(() => {});
  const item = $('messages').querySelector(`[data-message="${wanted.message}"]`);
  item?.scrollIntoView({ block: 'center' });
  item?.classList.add('found');
  item?.addEventListener('animationend', () => item.classList.remove('found'), { once: true });
});

// Writing

let editing = null;

function reply(message) {
  replyTo = message?.messageId ?? null;
  editing = null;
  $('replying').hidden = !message;
  $('replying').firstElementChild.textContent = message ? `Reply to: ${message.text ?? ''}` : '';
  if (message) $('text').focus();
}

function edit(message) {
  editing = message.messageId;
  replyTo = null;
  $('replying').hidden = false;
  $('replying').firstElementChild.textContent = 'Changing a message';
  $('text').value = message.text ?? '';
  $('text').focus();
}

$('replying').querySelector('button').addEventListener('click', () => { if (editing) $('text').value = ''; reply(null); });
$('write').addEventListener('submit', e => submit(e, async () => {
  const text = $('text').value.trim();
  if (!text || !open) return;
  const [changed, answered] = [editing, replyTo];
  $('text').value = '';
  grow();
  reply(null);
  $('text').focus();
  if (changed) await connection.invoke('Edit', { conversationId: open.view.conversationId, recordId: crypto.randomUUID(), messageId: changed, text });
  else {
    if (open.log.hasNewer) await open.log.load();
    await open.log.send(text, answered);
  }
}, false));
$('text').addEventListener('keydown', e => {
  if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); $('write').requestSubmit(); }
  if (e.key === 'Escape') reply(null);
});
let typedAt = 0;
$('text').addEventListener('input', () => {
  grow();
  if (!open || !connection.connected || Date.now() - typedAt < 2500) return;
  typedAt = Date.now();
  connection.invoke('Typing', open.view.conversationId).catch(() => {});
});

function grow() {
  const text = $('text');
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + 2}px`;
}

async function drawTyping() {
  if (!open) return;
  const now = Date.now();
  for (const [id, until] of open.typing) if (until <= now) open.typing.delete(id);
  const names = await Promise.all([...open.typing.keys()].map(nameOf));
  const told = names.length === 0 ? '' : names.length > 2 ? 'Several people are typing' : `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} typing`;
  if ($('typing').textContent !== told) $('typing').textContent = told;
}
setInterval(drawTyping, 1000);

// What the connection tells

connection.addEventListener('state', e => {
  $('connection').dataset.state = e.detail;
  $('connection').textContent = { connected: 'connected', connecting: 'connecting', offline: 'not connected', slow: 'connected, with delay' }[e.detail];
});
connection.addEventListener('resume', () => { loadConversations(); if (open) comeBack(open); classroom.refresh(); });
connection.addEventListener('joined', loadConversations);
connection.addEventListener('left', e => {
  conversations.delete(e.detail.conversationId);
  if (open?.view.conversationId === e.detail.conversationId) $('back').click(); else drawList();
});
connection.addEventListener('entries', e => {
  const { conversationId, entries } = e.detail;
  const view = conversations.get(conversationId);
  if (!view) { loadConversations(); return; }
  for (const entry of entries.filter(x => x.sequence > view.lastSequence)) {
    view.lastSequence = entry.sequence;
    view.lastActivityAt = entry.at;
    // What is shown of the last message may be what was changed or taken away.
    if (entry.kind === 'edited' || entry.kind === 'deleted') loadConversations();
    if (entry.kind !== 'posted') continue;
    view.lastMessage = entry.text?.slice(0, 140) ?? '';
    if (entry.authorId === accountId()) view.unread = 0; else view.unread++;
  }
  drawList();
  if (open?.view.conversationId === conversationId) {
    for (const entry of entries) open.typing.delete(entry.authorId);
    drawTyping();
    open.log.take(entries).catch(() => {});
  }
});
connection.addEventListener('read', e => {
  const { conversationId, accountId: reader, sequence } = e.detail;
  if (open?.view.conversationId === conversationId) { open.members.set(reader, Math.max(sequence, open.members.get(reader) ?? 0)); draw('read'); }
  if (reader === accountId() && conversations.has(conversationId)) loadConversations();
});
connection.addEventListener('typing', e => {
  if (open?.view.conversationId !== e.detail.conversationId || e.detail.accountId === accountId()) return;
  open.typing.set(e.detail.accountId, Date.now() + 6000);
  drawTyping();
});
connection.addEventListener('presence', e => { if (open) { open.present.set(e.detail.accountId, e.detail.detail); drawPresence(); } });
connection.addEventListener('session', e => classroom.refresh(e.detail.sessionId));

async function submit(event, work, lock = true) {
  event.preventDefault();
  const form = event.target, fault = form.querySelector('.fault'), button = form.querySelector('button:not([type=button])');
  fault.textContent = '';
  if (lock) button.disabled = true;
  try {
    await work(Object.fromEntries(new FormData(form)));
  } catch (e) {
    fault.textContent = e.status || e.code ? e.message : 'The platform cannot be reached. Try again.';
  } finally {
    if (lock) button.disabled = false;
  }
}

function made(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

show();
if (signedIn() && /^#[0-9a-f-]{36}$/.test(location.hash)) openConversation(location.hash.slice(1)).catch(() => {});
