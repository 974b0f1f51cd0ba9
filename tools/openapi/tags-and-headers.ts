/** The tags of the operations. */
export const tags = [
  { name: "Sessions", description: "For client applications: start a session with an agent." },
  { name: "Registration", description: "For agents: register, so that sessions can be started." },
  {
    name: "Owners",
    description: "For agents and their owners: who may start sessions, who did, and what to fix.",
  },
  {
    name: "Console",
    description:
      "For people who own agents, through the pages at `/console`, if the operators turned them on.",
  },
  {
    name: "Access",
    description:
      "The decision without a session, by the [OpenID AuthZEN Authorization API 1.0](https://openid.net/specs/authorization-api-1_0.html).",
  },
  { name: "Service", description: "Public endpoints." },
];

/** What callers send. The document omits what only a gateway sends. */
export const security = [{ accessToken: [] }];

export const securitySchemes = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description:
      "An access token for LKPS, issued by Microsoft Entra ID to the calling application. Enter it without the word Bearer.",
  },
};

/** Response headers. */
export const headerComponents = {
  RetryAfter: {
    description: "How many seconds to wait before trying again.",
    required: true,
    schema: { type: "integer", minimum: 1 },
  },
  WwwAuthenticate: {
    description: "How to identify yourself (RFC 6750).",
    schema: { type: "string" },
  },
};

const ref = (name: keyof typeof headerComponents) => ({ $ref: `#/components/headers/${name}` });

/** The headers of a response with this status, besides the common ones. */
export function headersOf(status: number) {
  if (status === 401) return { headers: { "WWW-Authenticate": ref("WwwAuthenticate") } };
  return status === 503 || status === 429 ? { headers: { "Retry-After": ref("RetryAfter") } } : {};
}
