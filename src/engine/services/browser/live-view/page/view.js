// What is around the picture, and what it says. Words of the page are shown as text only.

const find = (id) => document.getElementById(id);
const [status, control, tabs, address, keyboard, picture] = [
  'status',
  'control',
  'tabs',
  'address',
  'keyboard',
  'picture',
].map(find);

const words = {
  automation: 'You are watching. The browser is driven by automation.',
  you: 'You are in control, and automation is off until you give control back. F6 takes the keyboard out of the page.',
  other: 'You are watching. Another person is in control.',
  nobody: 'Automation is off, and nobody is in control. Take control, or give it back to automation.',
};
const silence =
  ' The page does not answer: it is busy, or asks something that it has asked before anybody looked on. Reloading it ends that.';
let state = { tabs: [], control: 'automation' };

const say = (text) => {
  if (status.textContent !== text) status.textContent = text;
};
const isMine = () => state.control === 'you';
const send = connect(document.querySelector('meta[name=ticket]').content, {
  onOpen: () => say('Connected.'),
  onLost: () => stop('The connection was lost. Trying again…'),
  onOver: () => stop('The connection was lost, and this link does not open another one. Ask for a new link.'),
  onMessage(message) {
    if (message instanceof ArrayBuffer) return void draw(message);
    if (message.type === 'state') show(message);
    if (message.type === 'refused') say(message.reason);
    if (message.type === 'ended') stop(`The session has ended: ${message.reason}.`);
  },
});
const act = (message) => isMine() && send(message);

async function draw(message) {
  await drawPicture(picture, message).catch(() => {});
  send({ type: 'drawn' });
}

function stop(text) {
  show({ ...state, control: 'none', dialog: undefined });
  say(text);
}

function show(next) {
  const taken = next.control === 'you' && !isMine();
  state = next;
  document.body.classList.toggle('mine', isMine());
  for (const id of ['back', 'forward', 'reload', 'keyboard']) find(id).disabled = !isMine();
  address.readOnly = !isMine();
  control.disabled = !['automation', 'you', 'nobody'].includes(state.control);
  control.textContent = isMine() ? 'Give control back' : 'Take control';
  find('release').hidden = state.control !== 'nobody';
  if (words[state.control]) say(words[state.control] + (state.silent ? silence : ''));
  showTabs();
  showDialog();
  if (taken) keyboard.focus();
}

function showTabs() {
  const shown = state.tabs.find(({ id }) => id === state.shown);
  const title = (tab) => tab.title || tab.url || 'Untitled';
  if (document.activeElement !== address) address.value = shown?.url ?? '';
  picture.setAttribute('aria-label', shown ? `Picture of the page “${title(shown)}”` : 'No page is open');
  document.title = shown ? `${title(shown)} (live view)` : 'Live view';
  const focused = tabs.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
  tabs.replaceChildren(
    ...state.tabs.map((tab) => {
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', textContent: title(tab), title: tab.url, disabled: !isMine() });
      button.dataset.id = tab.id;
      button.setAttribute('aria-current', String(tab === shown));
      button.addEventListener('click', () => act({ type: 'show', tab: tab.id }));
      return button;
    }),
  );
  [...tabs.children].find(({ dataset }) => dataset.id === focused)?.focus();
}

function showDialog() {
  const { dialog } = state;
  const box = find('dialog');
  const isNew = dialog && box.hidden;
  box.hidden = !dialog;
  if (!dialog) return;
  find('asker').textContent =
    dialog.kind === 'beforeunload' ? 'The page asks whether to leave it.' : 'The page says:';
  find('question').textContent = dialog.message;
  find('reply').hidden = dialog.kind !== 'prompt';
  find('dismiss').hidden = dialog.kind === 'alert';
  for (const id of ['reply', 'accept', 'dismiss']) find(id).disabled = !isMine();
  if (!isNew) return;
  find('reply').value = dialog.suggestion;
  find('reply').select();
  if (isMine()) find(dialog.kind === 'prompt' ? 'reply' : 'accept').focus();
}

function answer(accept) {
  act({ type: 'answer', accept, text: find('reply').value });
  keyboard.focus();
}

control.addEventListener('click', () => send({ type: isMine() ? 'release' : 'take' }));
find('release').addEventListener('click', () => send({ type: 'release' }));
find('back').addEventListener('click', () => act({ type: 'history', step: -1 }));
find('forward').addEventListener('click', () => act({ type: 'history', step: 1 }));
find('reload').addEventListener('click', () => act({ type: 'reload' }));
find('accept').addEventListener('click', () => answer(true));
find('dismiss').addEventListener('click', () => answer(false));
find('reply').addEventListener('keydown', ({ key }) => key === 'Enter' && answer(true));
find('go').addEventListener('submit', (event) => {
  event.preventDefault();
  act({ type: 'navigate', url: address.value });
  keyboard.focus();
});
hearPointer(keyboard, picture, act);
hearKeyboard(keyboard, act, () => control.focus());
