/** The ports that `npm start` uses by default. */
export const localPorts = { gateway: 7070, app: 7071, entra: 7072 } as const;

/** The application ID URI of LKPS in the local directory, for which callers ask for tokens. */
export const localAudience = "api://lkps";
