/** The port of 127.0.0.1 inside the sandbox at which DevTools answers. */
export const devtoolsPort = 9222;
/** The profile, inside the sandbox: apart from all that pages may fill. */
export const profileFolder = '/profile';
/** Where downloads land unless a client of DevTools says otherwise. */
export const downloadsFolder = '/workspace/downloads';
