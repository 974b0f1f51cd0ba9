import fc from "fast-check";
import { expect, test } from "vitest";
import { agentIdentityOf } from "../../src/adapters/graph/graph-response.ts";
import { type ApiApplication, type EntraIdentity, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide } from "../../src/domain/decision.ts";
import {
  AGENT,
  agentIdentity,
  CLIENT,
  entry,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../support/app-registration.ts";
import { answers, rowOf } from "../support/decision-oracle.ts";

interface Scope {
  readonly value: unknown;
  readonly isEnabled: unknown;
  readonly id: unknown;
}
interface Entry {
  readonly appId: unknown;
  readonly delegatedPermissionIds: readonly unknown[];
}
interface Api {
  readonly oauth2PermissionScopes: readonly Scope[];
  readonly preAuthorizedApplications: readonly Entry[];
}

/** What the client is answered: the code, and the check that failed. */
function answerOf(api: ApiApplication): unknown {
  return answerTo({ kind: "application", application: indexApplication(api) });
}

function answerTo(identity: EntraIdentity | null): unknown {
  const decision = decide(AGENT as ClientId, CLIENT as ClientId, { registration: "enforced", identity });
  return decision.allowed
    ? { code: decision.permit.basis, check: null }
    : { code: decision.code, check: decision.check };
}

const ALLOWED = answers[10];

// Few of everything, so that things meet.
const scopeId = fc.constantFrom<unknown>(SCOPE_ID, OTHER_SCOPE_ID, null);
const someScope: fc.Arbitrary<Scope> = fc.record({
  value: fc.constantFrom("access_as_client", "access_as_client", "user_impersonation"),
  isEnabled: fc.constantFrom<unknown>(true, true, false, null),
  id: scopeId,
});
const entryOf = (clients: fc.Arbitrary<unknown>): fc.Arbitrary<Entry> =>
  fc.record({ appId: clients, delegatedPermissionIds: fc.array(scopeId, { maxLength: 3 }) });
const foreignEntry = entryOf(fc.constantFrom<unknown>(OTHER_CLIENT, AGENT, null, "__proto__"));
const someEntry = fc.oneof(entryOf(fc.constant(CLIENT)), foreignEntry);
const someApi: fc.Arbitrary<Api> = fc.record({
  oauth2PermissionScopes: fc.array(someScope, { maxLength: 4 }),
  preAuthorizedApplications: fc.array(someEntry, { maxLength: 4 }),
});
/** One that lets the client in, whatever else it holds. */
const allowingApi: fc.Arbitrary<Api> = fc
  .tuple(someApi, fc.nat(), fc.nat())
  .map(([api, scopeAt, entryAt]) => ({
    oauth2PermissionScopes: inserted(api.oauth2PermissionScopes, scope(), scopeAt),
    preAuthorizedApplications: inserted(api.preAuthorizedApplications, entry(), entryAt),
  }));

function inserted<T>(items: readonly T[], item: T, at: number): T[] {
  return items.toSpliced(at % (items.length + 1), 0, item);
}

/** All of them in any order, some of them more than once. */
function shuffled<T>(items: readonly T[]): fc.Arbitrary<T[]> {
  return fc
    .array(fc.nat({ max: Math.max(0, items.length - 1) }), { maxLength: 3 })
    .map((again) => [...items, ...again.flatMap((at) => items.slice(at, at + 1))])
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
}

function shuffledApi(api: Api): fc.Arbitrary<Api> {
  const entries = api.preAuthorizedApplications.map((one) =>
    shuffled(one.delegatedPermissionIds).map((delegatedPermissionIds) => ({
      ...one,
      delegatedPermissionIds,
    })),
  );
  return fc.record({
    oauth2PermissionScopes: shuffled(api.oauth2PermissionScopes),
    preAuthorizedApplications: fc.tuple(...entries).chain(shuffled),
  });
}

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void): void {
  // In braces: what `expect` returns is no verdict.
  const run = (value: T) => {
    property(value);
  };
  fc.assert(fc.property(arbitrary, run), { numRuns: 2_000 });
}

test("neither order nor repetition matters: of scopes, of entries, of ids in an entry", () => {
  holds(
    someApi.chain((api) => fc.tuple(fc.constant(api), shuffledApi(api))),
    ([api, other]) => expect(answerOf(other)).toEqual(answerOf(api)),
  );
});

test("adding to what is granted never denies: a scope, an entry, an id in an entry", () => {
  holds(fc.tuple(allowingApi, someScope, fc.nat()), ([api, more, at]) => {
    const oauth2PermissionScopes = inserted(api.oauth2PermissionScopes, more, at);
    expect(answerOf({ ...api, oauth2PermissionScopes })).toEqual(ALLOWED);
  });
  holds(fc.tuple(allowingApi, someEntry, fc.nat()), ([api, more, at]) => {
    const preAuthorizedApplications = inserted(api.preAuthorizedApplications, more, at);
    expect(answerOf({ ...api, preAuthorizedApplications })).toEqual(ALLOWED);
  });
  holds(fc.tuple(allowingApi, scopeId, fc.nat()), ([api, more, at]) => {
    const preAuthorizedApplications = api.preAuthorizedApplications.map((one) => ({
      ...one,
      delegatedPermissionIds: inserted(one.delegatedPermissionIds, more, at),
    }));
    expect(answerOf({ ...api, preAuthorizedApplications })).toEqual(ALLOWED);
  });
});

// Which check denies, and that all three together allow: decide.oracle.test.ts.

test("the letter case of ids never matters", () => {
  const inAnyCase = (api: Api) => {
    const id = (value: unknown) =>
      typeof value === "string" ? fc.mixedCase(fc.constant(value)) : fc.constant(value);
    return fc.record({
      oauth2PermissionScopes: fc.tuple(
        ...api.oauth2PermissionScopes.map((one) => id(one.id).map((cased) => ({ ...one, id: cased }))),
      ),
      preAuthorizedApplications: fc.tuple(
        ...api.preAuthorizedApplications.map((one) =>
          fc.record({
            appId: id(one.appId),
            delegatedPermissionIds: fc.tuple(...one.delegatedPermissionIds.map(id)),
          }),
        ),
      ),
    });
  };
  holds(
    someApi.chain((api) => fc.tuple(fc.constant(api), inAnyCase(api))),
    ([api, cased]) => expect(answerOf(cased)).toEqual(answerOf(api)),
  );
});

test("the letter case of the scope's value always matters", () => {
  const cased = fc.mixedCase(fc.constant("access_as_client")).filter((value) => value !== "access_as_client");
  holds(fc.tuple(allowingApi, cased), ([api, value]) => {
    const oauth2PermissionScopes = api.oauth2PermissionScopes.map((one) =>
      one.value === "access_as_client" ? { ...one, value } : one,
    );
    expect(answerOf({ ...api, oauth2PermissionScopes })).toEqual(answers[6]);
  });
});

test("whatever JSON the lists hold, nothing is thrown and the answer is the contract's", () => {
  // Any JSON, and any JSON in the places that count; names among it are now and then the dangerous ones.
  const name = fc.constantFrom("value", "id", "appId", "isEnabled", "PROTO", "constructor", "toString", "0");
  const json = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(SCOPE_ID, CLIENT, "access_as_client", "PROTO", true, false, null, 0, ""),
      fc.jsonValue(),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(name, tie("any"), { maxKeys: 4 }),
    ),
  })).any;
  const near = (right: unknown) => fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, json);
  const list = (members: Record<string, fc.Arbitrary<unknown>>) =>
    fc.option(fc.array(fc.oneof(fc.record(members, { requiredKeys: [] }), json)));
  const anyApi = fc.record({
    oauth2PermissionScopes: list({
      value: near("access_as_client"),
      isEnabled: near(true),
      id: near(SCOPE_ID),
      PROTO: json,
    }),
    preAuthorizedApplications: list({
      appId: near(CLIENT),
      delegatedPermissionIds: fc.oneof(near([SCOPE_ID]), fc.array(near(SCOPE_ID))),
      PROTO: fc.oneof(json, fc.constant(entry())),
    }),
  });

  const rows = new Set<ReturnType<typeof rowOf>>();
  holds(anyApi, (sample) => {
    // As it comes over the wire: only a parser makes a member that is named __proto__.
    const api = JSON.parse(JSON.stringify(sample).replaceAll("PROTO", "__proto__")) as ApiApplication;
    const row = rowOf({ registration: "enforced", api }, CLIENT);
    rows.add(row);
    expect(answerOf(api)).toEqual(answers[row]);
  });
  expect(rows).toEqual(new Set([6, 7, 8, 9, 10]));
});

test("the decision about an agent identity is that about an application with its blueprint's list", () => {
  const others = fc.record({ api: someApi, appRoles: fc.jsonValue(), createdByAppId: fc.constant(CLIENT) });
  holds(fc.tuple(someApi, others), ([api, changes]) => {
    const identity = agentIdentityOf(agentIdentity(changes));
    expect(answerTo(identity && { ...identity, application: indexApplication(api) })).toEqual(answerOf(api));
  });
});

test("a disabled agent identity lets nobody in, whatever its blueprint lists", () => {
  const disabled = fc.oneof(
    fc.record({ accountEnabled: fc.constant(false) }),
    fc.record({
      disabledByMicrosoftStatus: fc.jsonValue().filter((value) => value !== null && value !== ""),
    }),
  );
  holds(fc.tuple(allowingApi, disabled), ([api, changes]) => {
    const identity = agentIdentityOf(agentIdentity(changes));
    expect(answerTo(identity && { ...identity, application: indexApplication(api) })).toEqual(answers["5a"]);
  });
});
