// The chat of one room: a WebSocket to the page's own address.
const at = (id) => document.getElementById(id);
const MOST_LINES = 500;
let socket, name, joined = false, revision = 0, attempts = 0;

at('room').textContent = location.pathname.split('/').pop();
document.title = `#${at('room').textContent}`;

function show(state, text) {
  at('state').className = state;
  at('state').textContent = text;
  at('saying').querySelector('button').disabled = state !== 'open';
}

function line(kind, text, speaker) {
  const log = at('log');
  const lines = log.firstChild;
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const item = document.createElement('li');
  item.className = kind;
  if (speaker) item.append(Object.assign(document.createElement('b'), { textContent: speaker }));
  item.append(Object.assign(document.createElement('span'), { textContent: text }));
  lines.append(item);
  while (lines.children.length > MOST_LINES) lines.firstChild.remove();
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
}

const handlers = {
  presence({ revision: theirs, present, joined: came, left }) {
    if (came === name && !joined) enter();
    if (came || left) line('event', came ? `${came} joined` : `${left} left`);
    // News of two that came at the same time may overtake each other.
    if (theirs <= revision) return;
    revision = theirs;
    at('count').textContent = present.length;
    at('present').replaceChildren(...present.map((who) => Object.assign(document.createElement('li'), { textContent: who })));
  },
  said({ name: speaker, text }) {
    line(speaker === name ? 'own' : 'said', text, speaker);
  },
  refused({ reason }) {
    if (at('chat').hidden) {
      at('refusal').textContent = reason;
    } else {
      line('event', reason);
      // The connection that broke off may still hold the name.
      if (!joined) socket.close();
    }
  },
};

function enter() {
  joined = true;
  attempts = 0;
  at('entrance').hidden = true;
  at('chat').hidden = false;
  at('text').focus();
}

function send(message) {
  socket.send(JSON.stringify(message));
}

function connect() {
  show('', 'Connecting…');
  socket = new WebSocket(location.href.replace(/^http/, 'ws').split('#')[0]);
  socket.onopen = () => {
    show('open', 'Connected');
    send({ type: 'join', name });
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    handlers[message.type]?.(message);
  };
  socket.onclose = ({ code }) => {
    joined = false;
    // Not all at the same moment: many may have lost the same server.
    const wait = Math.min(30_000, 500 * 2 ** attempts++) * (0.5 + Math.random());
    show('', `Not connected (${code}); trying again…`);
    setTimeout(connect, wait);
  };
}

at('entrance').onsubmit = (event) => {
  event.preventDefault();
  name = at('name').value.trim();
  at('refusal').textContent = '';
  if (!name) return;
  if (socket?.readyState === WebSocket.OPEN) send({ type: 'join', name });
  else if (!socket) connect();
};

at('saying').onsubmit = (event) => {
  event.preventDefault();
  const text = at('text').value.trim();
  if (!text || socket.readyState !== WebSocket.OPEN) return;
  send({ type: 'say', text });
  at('text').value = '';
};
