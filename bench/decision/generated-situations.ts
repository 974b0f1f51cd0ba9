import fc from "fast-check";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import {
  AGENT,
  api,
  CLIENT,
  entry,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../../tests/support/app-registration.ts";
import { answers, rowOf } from "../../tests/support/decision-oracle.ts";
import type { Code } from "./engine.ts";
import { overTheWire, type Situation } from "./situations.ts";

const id = (...ids: string[]) => fc.mixedCase(fc.constantFrom(...ids));
const someApi = fc.record({
  oauth2PermissionScopes: fc.array(
    fc.record({
      value: fc.constantFrom("access_as_client", "access_as_client", "user_impersonation"),
      isEnabled: fc.boolean(),
      id: id(SCOPE_ID, OTHER_SCOPE_ID),
    }),
    { maxLength: 3 },
  ),
  preAuthorizedApplications: fc.array(
    fc.record({
      appId: id(CLIENT, OTHER_CLIENT, AGENT),
      delegatedPermissionIds: fc.array(id(SCOPE_ID, OTHER_SCOPE_ID), { maxLength: 2 }),
    }),
    { maxLength: 5 },
  ),
});

/**
 * Generates app registrations in Graph's format, with repeated scopes and entries and ids in any letter case. The tests'
 * oracle, not an engine, defines the expected answers. Always generates the same ones.
 */
export function generatedSituations(count: number): Situation[] {
  const clients = [CLIENT, OTHER_CLIENT, AGENT].map((guid) => parseClientId(guid) as ClientId);
  return fc.sample(someApi, { numRuns: count, seed: 1 }).flatMap((lists) => {
    const sample = overTheWire(
      api({
        oauth2PermissionScopes: lists.oauth2PermissionScopes.map(scope),
        preAuthorizedApplications: lists.preAuthorizedApplications.map(entry),
      }),
    );
    return clients.map((client) => {
      const row = rowOf({ registration: "enforced", api: sample }, client);
      return { code: answers[row].code as Code, api: sample, clients: [client] };
    });
  });
}
