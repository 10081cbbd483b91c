// A live lesson beside its chat: who is there, who wants to speak, who may share, whether it is recorded. Picture and sound are Agora's clients'.
import { request, nameOf, accountId } from './api.js';

export class Classroom {
  #pane; #id = null; #shown = 0;

  constructor(pane) {
    this.#pane = pane;
    pane.addEventListener('click', e => { const act = e.target.dataset?.act; if (act) this.#act(act, e.target); });
  }

  async show(sessionId) {
    this.#id = sessionId;
    if (!sessionId) this.#pane.hidden = true; else await this.refresh();
  }

  async refresh(sessionId) {
    if (!this.#id || (sessionId && sessionId !== this.#id)) return;
    const turn = ++this.#shown;
    try {
      const lesson = await request('GET', `/v1/lesson-sessions/${this.#id}`);
      const names = await Promise.all(lesson.participants.map(p => nameOf(p.accountId)));
      if (turn === this.#shown) this.#draw(lesson, names);
    } catch {
      this.#pane.hidden = true;
    }
  }

  #draw(lesson, names) {
    const me = lesson.participants.find(p => p.accountId === accountId());
    const open = ['open', 'running'].includes(lesson.status);
    const head = document.createElement('p');
    head.textContent = `${lesson.title}: ${words(lesson.status)}, ${new Date(lesson.startsAt).toLocaleString()}${recorded(lesson.recording)}`;
    const list = document.createElement('ul');
    list.setAttribute('aria-label', 'Participants');
    lesson.participants.forEach((p, i) => {
      const item = document.createElement('li');
      item.className = p.present ? '' : 'away';
      item.textContent = [names[i], p.accountId === lesson.tutorId && 'tutor', !p.present && 'away', p.handRaised && 'raises a hand', p.mayShareScreen && 'may share the screen', p.consentsToRecording === true && 'agrees to recording'].filter(Boolean).join(', ');
      if (open && me?.accountId === lesson.tutorId && p !== me && (p.present || p.mayShareScreen))
        item.append(' ', button(p.mayShareScreen ? 'unshare' : 'share', p.mayShareScreen ? 'Take the screen back' : 'Let share the screen', p.accountId));
      list.append(item);
    });
    const acts = document.createElement('div');
    acts.className = 'acts';
    if (me?.accountId === lesson.tutorId) {
      if (lesson.status === 'scheduled') acts.append(button('open', 'Open the room'));
      if (lesson.status === 'running') {
        const runs = ['starting', 'recording'].includes(lesson.recording?.status);
        acts.append(runs ? button('unrecord', 'Stop recording', lesson.recording.recordingId) : button('record', 'Record'));
      }
      if (open) acts.append(button('end', 'End the lesson'));
    }
    if (me && open) {
      if (!me.present) acts.append(button('join', 'Join'));
      else acts.append(button('leave', 'Leave'), button(me.handRaised ? 'lower' : 'raise', me.handRaised ? 'Lower hand' : 'Raise hand'),
        button(me.consentsToRecording ? 'refuse' : 'consent', me.consentsToRecording ? 'Take back consent to recording' : 'Agree to be recorded'));
    }
    const fault = document.createElement('p');
    fault.className = 'fault';
    fault.setAttribute('role', 'alert');
    this.#pane.replaceChildren(head, list, acts, fault);
    this.#pane.hidden = false;
  }

  async #act(act, pressed) {
    const path = `/v1/lesson-sessions/${this.#id}`;
    pressed.disabled = true;
    try {
      await {
        open: () => request('POST', `${path}/open`),
        end: () => request('POST', `${path}/end`),
        record: () => request('POST', `${path}/recordings`),
        unrecord: () => request('POST', `${path}/recordings/${pressed.dataset.of}/stop`),
        share: () => request('PUT', `${path}/screen-share/${pressed.dataset.of}`),
        unshare: () => request('DELETE', `${path}/screen-share/${pressed.dataset.of}`),
        join: () => request('POST', `${path}/join`),
        leave: () => request('POST', `${path}/leave`),
        raise: () => request('PUT', `${path}/hand`),
        lower: () => request('DELETE', `${path}/hand`),
        consent: () => request('PUT', `${path}/recording-consent`, { agreed: true }),
        refuse: () => request('PUT', `${path}/recording-consent`, { agreed: false }),
      }[act]();
      await this.refresh();
    } catch (e) {
      this.#pane.querySelector('.fault').textContent = e.message;
      pressed.disabled = false;
    }
  }
}

const words = status => ({ scheduled: 'planned', open: 'the room is open', running: 'running', ended: 'over', cancelled: 'called off' })[status] ?? status;

const recorded = recording => ({ starting: ', recording starts', recording: ', being recorded', uploading: ', recording is uploaded', ready: ', recording is ready', failed: ', recording failed' })[recording?.status] ?? '';

function button(act, text, of) {
  const made = document.createElement('button');
  made.type = 'button';
  made.dataset.act = act;
  if (of) made.dataset.of = of;
  made.textContent = text;
  return made;
}
