import { expect, test } from "vitest";
import { type ApiApplication, indexApplication, recordsOf } from "../../src/domain/application.ts";
import {
  api,
  CLIENT,
  entry,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../support/app-registration.ts";

const named = (isEnabled: unknown) => scope({ isEnabled });

test.each<[string, string, unknown[]]>([
  ["no scope", "missing", []],
  ["a scope of another name", "missing", [scope({ value: "user_impersonation" })]],
  ["one that is disabled", "disabled", [named(false)]],
  ["one that is enabled", "enabled", [named(true)]],
  ["an enabled one before a disabled one", "enabled", [named(true), named(false)]],
  ["an enabled one after a disabled one", "enabled", [named(false), named(true)]],
  ["an enabled one without an id", "enabled", [scope({ id: null })]],
])("with %s the scope's state is %s", (_, state, oauth2PermissionScopes) => {
  expect(indexApplication({ oauth2PermissionScopes }).scopeState).toBe(state);
});

test("keeps each pre-authorized client once, by its id in lower case, and whether it has the scope", () => {
  const { preAuthorized } = indexApplication({
    oauth2PermissionScopes: [scope()],
    preAuthorizedApplications: [
      entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] }),
      entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [] }),
      entry({ appId: CLIENT.toUpperCase(), delegatedPermissionIds: [SCOPE_ID.toUpperCase()] }),
      entry({ delegatedPermissionIds: [] }),
    ],
  });
  expect(preAuthorized).toEqual(
    new Map([
      [CLIENT, true],
      [OTHER_CLIENT, false],
    ]),
  );
});

test.each([undefined, null, 7, "", "__proto__", `{${CLIENT}}`, [CLIENT], {}])(
  "lists no client for an entry with the client id %j",
  (appId) => {
    expect(indexApplication({ preAuthorizedApplications: [{ appId }] }).preAuthorized).toEqual(new Map());
  },
);

test.each([undefined, null, true, 0, "", "access_as_client", Symbol.iterator, () => {}])(
  "skips %s in either list",
  (junk) => {
    const beside: ApiApplication = {
      oauth2PermissionScopes: [junk, scope()],
      preAuthorizedApplications: [junk, entry({ delegatedPermissionIds: [junk, SCOPE_ID] })],
    };
    expect(indexApplication(beside)).toEqual(indexApplication(api() as ApiApplication));
  },
);

test.each([
  [undefined, []],
  [null, []],
  [[], []],
  [[null, 7, "text", { value: 1 }], [{ value: 1 }]],
])("of the list %j, only %j is read", (list, records) => expect(recordsOf(list)).toEqual(records));
