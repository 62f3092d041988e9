// The WebSocket of this page, opened anew when it breaks. Each ticket opens one.

const WAITS_MS = [500, 1000, 2000, 5000, 10_000];
const LAST_TRIES = 12;

/** @param hear `onMessage` gets JSON or a picture, `onOpen`, `onLost` and `onOver` nothing. */
function connect(firstTicket, hear) {
  let ticket = firstTicket;
  let socket;
  let failures = 0;
  let isOver = false;

  const open = () => {
    const url = new URL(location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.search = `?${new URLSearchParams({ 'agentcore-ticket': ticket })}`;
    socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') return hear.onMessage(data);
      const message = JSON.parse(data);
      if (message.type === 'ended') isOver = true;
      if (message.type !== 'ticket') return hear.onMessage(message);
      ticket = message.ticket;
      failures = 0;
      hear.onOpen();
    });
    socket.addEventListener('close', () => {
      if (isOver) return;
      if (failures >= LAST_TRIES) return hear.onOver();
      hear.onLost();
      setTimeout(open, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]);
    });
  };
  open();

  return (message) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
}
