import { hashGuid } from "../../dev/hash-guid.ts";
import type { ApiApplication } from "../../src/domain/application.ts";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { api, entry, OTHER_SCOPE_ID, scope } from "../../tests/support/app-registration.ts";
import type { Code } from "./engine.ts";

/** An app registration, the calling clients, and the expected code. */
export interface Situation {
  readonly code: Code;
  readonly api: ApiApplication | null;
  readonly clients: readonly ClientId[];
}

/** A power of two, so that cycling through them needs no division. */
const CLIENTS = 64;

type Changes = Record<string, unknown>;

/** How each situation differs from an app registration that approves all its clients. */
const TURNS: Readonly<Record<Code, { scope?: Changes; entry?: Changes; isGone?: true; isStranger?: true }>> =
  {
    pre_authorized: {},
    agent_application_not_found: { isGone: true },
    scope_not_exposed: { scope: { value: "user_impersonation" } },
    scope_disabled: { scope: { isEnabled: false } },
    client_not_pre_authorized: { isStranger: true },
    scope_not_granted: { entry: { delegatedPermissionIds: [OTHER_SCOPE_ID] } },
  };

export const codes = Object.keys(TURNS) as readonly Code[];

/** The situation with `n` pre-authorized clients. The calling clients are spread over the list. */
export function situation(code: Code, n: number): Situation {
  const turn = TURNS[code];
  const listed = Array.from({ length: n }, (_, at) => hashGuid(`client ${at}`));
  const all = api({
    oauth2PermissionScopes: [scope(turn.scope)],
    preAuthorizedApplications: listed.map((appId) => entry({ appId, ...turn.entry })),
  });
  const clients = Array.from({ length: CLIENTS }, (_, at) => {
    const which = Math.round((at / (CLIENTS - 1)) * (n - 1));
    return asAsked(turn.isStranger ? hashGuid(`stranger ${at}`) : (listed[which] ?? ""));
  });
  return { code, api: turn.isGone ? null : overTheWire(all), clients };
}

/** Copies the string: a request's id is not the same object as the one from Graph. */
export function asAsked(guid: string): ClientId {
  return parseClientId(guid.toUpperCase()) as ClientId;
}

/** As parsed from JSON: V8 compares such strings more slowly than those in source code. */
export function overTheWire(value: unknown): ApiApplication {
  return JSON.parse(JSON.stringify(value)) as ApiApplication;
}
