// The keyboard, as messages. Keys go as keys; what is composed, dictated or pasted goes as text.

const LEAVE = 'F6';

/** Hears what is typed into `field`, which shows nothing of it. */
function hearKeyboard(field, send, leave) {
  const held = new Map();

  field.addEventListener('keydown', (event) => {
    if (event.key === LEAVE) {
      event.preventDefault();
      return leave();
    }
    if (isText(event) || isPaste(event)) return;
    event.preventDefault();
    const text = textOf(event);
    const key = keyOf(event);
    held.set(event.code, key);
    send({ ...key, event: text === undefined ? 'rawKeyDown' : 'keyDown', text });
  });

  field.addEventListener('keyup', (event) => {
    if (!held.delete(event.code)) return;
    event.preventDefault();
    send({ ...keyOf(event), event: 'keyUp' });
  });

  // Keys that go up elsewhere are not heard any more.
  field.addEventListener('blur', () => {
    for (const key of held.values()) send({ ...key, event: 'keyUp', modifiers: 0 });
    held.clear();
  });

  field.addEventListener('input', (event) => {
    if (!event.isComposing) sendText(field.value);
  });
  field.addEventListener('compositionend', () => sendText(field.value));
  field.addEventListener('paste', (event) => {
    event.preventDefault();
    sendText(event.clipboardData.getData('text/plain'));
  });

  function sendText(text) {
    field.value = '';
    if (text) send({ type: 'text', text });
  }
}

/** Whether a key is part of a text in the making, which the field gathers. */
function isText({ isComposing, key, keyCode }) {
  return isComposing || keyCode === 229 || ['Dead', 'Process', 'Unidentified'].includes(key);
}

function isPaste({ key, ctrlKey, metaKey }) {
  return (isMac ? metaKey : ctrlKey) && key.toLowerCase() === 'v';
}

/** What a key types; AltGr and Option make letters, Control and Command do not. */
function textOf(event) {
  if (event.key === 'Enter') return '\r';
  const isLetter = [...event.key].length === 1;
  const isShortcut = (event.ctrlKey || event.metaKey) && !event.getModifierState('AltGraph');
  return isLetter && !isShortcut && (isMac || !event.altKey || event.getModifierState('AltGraph'))
    ? event.key
    : undefined;
}

function keyOf(event) {
  const isCommand = isMac && event.key === 'Meta';
  return {
    type: 'key',
    key: isCommand ? 'Control' : event.key,
    code: isCommand ? event.code.replace('Meta', 'Control') : event.code,
    windowsVirtualKeyCode: isCommand ? 17 : event.keyCode & 255,
    location: event.location,
    autoRepeat: event.repeat,
    modifiers: event.getModifierState('AltGraph') ? 0 : modifiersOf(event),
  };
}
