/** The port of 127.0.0.1 inside a sandbox that leads out. */
export const egressPortInside = 4511;

const PROXY = `http://127.0.0.1:${egressPortInside}`;
const DIRECT = '127.0.0.1,localhost,::1';

/** How programs in a sandbox learn of the way out. */
export const proxyEnvironment: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries({ HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, NO_PROXY: DIRECT }).flatMap(([name, value]) => [
      [name, value],
      [name.toLowerCase(), value],
    ]),
  ),
  // Node's own fetch looks at the proxy variables only when told to.
  NODE_USE_ENV_PROXY: '1',
};
