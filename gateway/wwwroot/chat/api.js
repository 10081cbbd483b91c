// The gateway's HTTP, as whoever is signed in. The refresh token lives as long as the tab; the access token only in memory.
const kept = 'edtech.chat.session';
let session = read();
let access = null;
let refreshing = null;
let lost = () => {};

function read() {
  try { return JSON.parse(sessionStorage.getItem(kept)); } catch { return null; }
}

function keep(tokens) {
  session = tokens ? { refreshToken: tokens.refreshToken, accountId: tokens.accountId } : null;
  access = tokens ? { token: tokens.accessToken, until: Date.now() + tokens.expiresIn * 1000 } : null;
  if (session) sessionStorage.setItem(kept, JSON.stringify(session)); else sessionStorage.removeItem(kept);
}

export class Refusal extends Error {
  constructor(status, problem) {
    super((problem.errors ?? []).map(e => e.reason).join(' ') || problem.detail || 'The platform refused this.');
    this.status = status;
    this.code = problem.code;
  }
}

export const signedIn = () => session !== null;
export const accountId = () => session?.accountId;
export const onSignedOut = callback => { lost = callback; };

async function call(method, path, body, token) {
  const headers = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  const told = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Refusal(answer.status, told ?? {});
  return told;
}

export async function signIn(email, password, code) {
  keep(await call('POST', '/v1/sessions', { email, password, code: code || undefined, device: 'Chat page' }));
}

export async function signOut() {
  try { await request('DELETE', '/v1/sessions/current'); } catch { /* it ends by itself */ }
  keep(null);
}

/** A token that is good for a while yet. Refresh tokens are for one use, so callers share one exchange. */
export async function token(forAtLeast = 30_000) {
  if (!session) throw new Refusal(401, { detail: 'You are signed out.' });
  if (access && access.until - Date.now() > forAtLeast) return access.token;
  refreshing ??= call('POST', '/v1/sessions/refresh', { refreshToken: session.refreshToken })
    .then(keep, e => {
      if (e instanceof Refusal && e.status < 500 && e.status !== 429) { keep(null); lost(); }
      throw e;
    })
    .finally(() => { refreshing = null; });
  await refreshing;
  return access.token;
}

export const tokenEndsAt = () => access?.until ?? 0;

export async function request(method, path, body) {
  return await call(method, path, body, await token());
}

const names = new Map();
export function nameOf(account) {
  if (!names.has(account)) {
    names.set(account, request('GET', `/v1/people/${account}`).then(p => p.displayName).catch(() => { names.delete(account); return 'Somebody'; }));
  }
  return names.get(account);
}
