/** The ports that `npm start` uses by default. */
export const localPorts = { gateway: 7070, app: 7071, entra: 7072 } as const;

/** The addresses of a local stack with these ports. */
export const localUrls = {
  gateway: `http://127.0.0.1:${localPorts.gateway}`,
  entra: `http://127.0.0.1:${localPorts.entra}`,
} as const;

/** The application ID URI of LKPS in the local directory, for which callers ask for tokens. */
export const localAudience = "api://lkps";
