// The mouse, a pen or a finger over the picture, as messages.

const BUTTONS = ['left', 'middle', 'right', 'back', 'forward'];
const LINE_PIXELS = 40;
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** As the DevTools protocol has them. The browser is not on a Mac: what is Command there is Control here. */
function modifiersOf({ altKey, ctrlKey, metaKey, shiftKey }) {
  const control = ctrlKey || (isMac && metaKey);
  return (altKey ? 1 : 0) + (control ? 2 : 0) + (metaKey && !isMac ? 4 : 0) + (shiftKey ? 8 : 0);
}

const clicksOf = ({ detail }) => Math.max(1, Math.min(detail, 3));

function heldButton({ buttons }) {
  if (buttons & 1) return 'left';
  if (buttons & 2) return 'right';
  return buttons & 4 ? 'middle' : 'none';
}

/** Hears the pointer at `surface`, which lies over `canvas`. */
function hearPointer(surface, canvas, send) {
  const pressed = new Set();
  const say = (name, event, more = {}) =>
    send({
      type: 'mouse',
      event: name,
      ...pointOfPage(canvas, event),
      button: 'none',
      buttons: event.buttons & 31,
      clickCount: 0,
      deltaX: 0,
      deltaY: 0,
      modifiers: modifiersOf(event),
      ...more,
    });

  surface.addEventListener('mousedown', (event) => {
    surface.focus();
    event.preventDefault();
    pressed.add(event.button);
    say('mousePressed', event, { button: BUTTONS[event.button], clickCount: clicksOf(event) });
  });
  // The end of a drag may be anywhere.
  window.addEventListener('mouseup', (event) => {
    if (!pressed.delete(event.button)) return;
    say('mouseReleased', event, { button: BUTTONS[event.button], clickCount: clicksOf(event) });
  });

  let latest;
  window.addEventListener('mousemove', (event) => {
    if (event.target !== surface && pressed.size === 0) return;
    if (!latest) requestAnimationFrame(moved);
    latest = event;
  });
  const moved = () => {
    say('mouseMoved', latest, { button: heldButton(latest) });
    latest = undefined;
  };

  const onWheel = (event) => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE_PIXELS;
    say('mouseWheel', event, { deltaX: event.deltaX * unit, deltaY: event.deltaY * unit });
  };
  surface.addEventListener('wheel', onWheel, { passive: false });
  surface.addEventListener('contextmenu', (event) => event.preventDefault());
}
