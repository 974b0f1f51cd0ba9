/** What the document's operations are grouped by. */
export const tags = [
  { name: "Sessions", description: "For client applications: start a session with an agent." },
  { name: "Registration", description: "For agents: register, so that sessions can be started." },
  {
    name: "Owners",
    description: "For agents and their owners: who may start sessions, who did, and what to mend.",
  },
  {
    name: "Access",
    description:
      "The decision without a session, by the [OpenID AuthZEN Authorization API 1.0](https://openid.net/specs/authorization-api-1_0.html).",
  },
  { name: "Service", description: "Open to anyone." },
];

/** How a caller is told, by `CALLER_IDENTITY`: any one of these, and of each all its parts. */
export const security = [
  { accessToken: [] },
  { clientId: [], functionKey: [] },
  { accessToken: [], clientId: [], functionKey: [] },
];

/** Each way by itself. */
export const securitySchemes = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "What callers send: an access token for LKPS, issued by Microsoft Entra ID to the calling application. Here without the word Bearer.",
  },
  clientId: {
    type: "apiKey",
    in: "header",
    name: "client-id",
    description: "For the gateway only, which sets it from the access token that it has checked.",
  },
  functionKey: {
    type: "apiKey",
    in: "header",
    name: "x-functions-key",
    description: "For the gateway only: the Functions host lets nobody else in.",
  },
};

/** Headers of answers. */
export const headerComponents = {
  RetryAfter: {
    description: "When to try again, in seconds.",
    required: true,
    schema: { type: "integer", minimum: 1 },
  },
  WwwAuthenticate: {
    description: "Where LKPS checks access tokens itself: how to identify oneself (RFC 6750).",
    schema: { type: "string" },
  },
};

const ref = (name: keyof typeof headerComponents) => ({ $ref: `#/components/headers/${name}` });

/** The headers that answers with this status, and these codes, have beside those that every answer has. */
export function headersOf(status: number, codes: readonly string[]) {
  return {
    ...((status === 503 || status === 429) && { "Retry-After": ref("RetryAfter") }),
    ...(codes.includes("invalid_token") && { "WWW-Authenticate": ref("WwwAuthenticate") }),
  };
}
