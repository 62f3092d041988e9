// The picture of the browser, and where in the page a point of it is.

/** The size of the page in the picture, in its own pixels. */
const page = { width: 0, height: 0 };
const HEAD_BYTES = 4;

/** Draws a message: width and height of the page, then a JPEG. */
async function drawPicture(canvas, message) {
  const head = new DataView(message, 0, HEAD_BYTES);
  const image = await createImageBitmap(new Blob([message.slice(HEAD_BYTES)], { type: 'image/jpeg' }));
  [page.width, page.height] = [head.getUint16(0), head.getUint16(2)];
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext('2d').drawImage(image, 0, 0);
  image.close();
}

/** The point of the page that is at a point of the window; the picture is scaled, and has room beside it or above it. */
function pointOfPage(canvas, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const scale = Math.min(box.width / page.width, box.height / page.height) || 1;
  const inside = (position, size) => Math.max(0, Math.min(position / scale, size - 1));
  return {
    x: inside(clientX - box.left - (box.width - page.width * scale) / 2, page.width),
    y: inside(clientY - box.top - (box.height - page.height * scale) / 2, page.height),
  };
}
