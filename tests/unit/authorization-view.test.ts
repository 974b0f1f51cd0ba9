import { describe, expect, test } from "vitest";
import type { AgentIdentity, ApiApplication } from "../../src/domain/application.ts";
import { type OwnedApplication, viewAuthorization } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import {
  AGENT,
  api,
  BLUEPRINT,
  CLIENT,
  entry,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
  scope,
} from "../support/app-registration.ts";

const view = (changes: Record<string, unknown> | null = {}, appRoles?: OwnedApplication["appRoles"]) =>
  viewAuthorization(AGENT as ClientId, { kind: "application", application: owned(changes, appRoles) });
function owned(changes: Record<string, unknown> | null, appRoles?: OwnedApplication["appRoles"]) {
  return {
    api: changes === null ? null : (api(changes) as ApiApplication),
    ...(appRoles !== undefined && { appRoles }),
  };
}
/** The view of an agent identity. */
const viewOf = (changes: Partial<AgentIdentity>, application: OwnedApplication | null) =>
  viewAuthorization(AGENT as ClientId, {
    kind: "agent_identity",
    disabledBy: [],
    blueprint: BLUEPRINT as ClientId,
    application,
    ...changes,
  });
const scopes = (...oauth2PermissionScopes: unknown[]) => view({ oauth2PermissionScopes });
const entries = (...preAuthorizedApplications: unknown[]) => view({ preAuthorizedApplications });

const ADD = "Add a scope named access_as_client under Expose an API, and enable it.";
const exactly = (value: string, why: string) =>
  `Add a scope named exactly access_as_client under Expose an API: "${value}" ${why}.`;
const ENABLE = "Enable the scope access_as_client under Expose an API.";
const SELECT = `Select access_as_client in the entry of ${CLIENT} under Expose an API, Authorized client applications.`;

test("an agent that lets its clients in has nothing to fix", () => {
  expect(view()).toEqual({
    scopeState: "enabled",
    delegatedPermissionId: SCOPE_ID,
    nearMisses: [],
    clients: [{ client: CLIENT, mayStartSessions: true, code: "pre_authorized", remediation: null }],
    complete: true,
    remediations: [],
  });
});

test("an agent without an application has only that to fix", () => {
  expect(viewAuthorization(AGENT as ClientId, null)).toEqual({
    scopeState: "missing",
    delegatedPermissionId: null,
    nearMisses: [],
    clients: [],
    complete: true,
    remediations: [expect.stringMatching(/^Microsoft Entra ID has no app registration/)],
  });
});

describe("the scope", () => {
  test.each<[string, () => ReturnType<typeof view>, string, string | null]>([
    ["of a null api is missing", () => view(null), "missing", null],
    ["of null lists is missing", () => view({ oauth2PermissionScopes: null }), "missing", null],
    ["among junk is missing", () => scopes(null, 7, "access_as_client"), "missing", null],
    ["disabled has its id all the same", () => scopes(scope({ isEnabled: false })), "disabled", SCOPE_ID],
    ["in capitals has its id", () => scopes(scope({ id: SCOPE_ID.toUpperCase() })), "enabled", SCOPE_ID],
    ["without an id has none", () => scopes(scope({ id: null })), "enabled", null],
    [
      "is the enabled one of two",
      () => scopes(scope({ id: OTHER_SCOPE_ID, isEnabled: false }), scope()),
      "enabled",
      SCOPE_ID,
    ],
    [
      "is the first of two that are disabled",
      () => scopes(scope({ isEnabled: false }), scope({ id: OTHER_SCOPE_ID, isEnabled: false })),
      "disabled",
      SCOPE_ID,
    ],
    ["is not another one", () => scopes(scope({ value: "other" })), "missing", null],
  ])("%s", (_, seen, state, id) => {
    const { scopeState, delegatedPermissionId } = seen();
    expect([scopeState, delegatedPermissionId]).toEqual([state, id]);
  });
});

describe("near misses", () => {
  test("are found among scopes by their values, without the scope itself", () => {
    const { nearMisses } = scopes(
      scope(),
      scope({ value: "Access_as_client" }),
      scope({ value: 7 }),
      scope({ value: "access_as_client " }),
      scope({ value: "other" }),
    );
    expect(nearMisses).toEqual([
      { value: "Access_as_client", reason: "letter_case" },
      { value: "access_as_client ", reason: "whitespace" },
    ]);
  });

  test("include app roles with that name or a similar one", () => {
    const roles = [
      null,
      { value: 7 },
      { value: "access_as_client" },
      { value: "Access_As_Client" },
      { value: "other" },
    ];
    expect(view({}, roles).nearMisses).toEqual([
      { value: "access_as_client", reason: "app_role" },
      { value: "Access_As_Client", reason: "app_role" },
    ]);
    expect(view({}, null).nearMisses).toEqual([]);
  });
});

describe("repairs", () => {
  test.each<[string, () => ReturnType<typeof view>, readonly string[]]>([
    ["a missing scope", () => scopes(), [ADD]],
    ["a disabled scope", () => scopes(scope({ isEnabled: false })), [ENABLE]],
    [
      "a disabled scope beside a near miss",
      () => scopes(scope({ isEnabled: false }), scope({ value: "Access_as_client" })),
      [ENABLE],
    ],
    [
      "another letter case",
      () => scopes(scope({ value: "ACCESS_as_client" })),
      [exactly("ACCESS_as_client", "has a different letter case")],
    ],
    [
      "white space",
      () => scopes(scope({ value: "access_as_client " })),
      [exactly("access_as_client ", "contains white space or an invisible character")],
    ],
    [
      "a look-alike",
      () => scopes(scope({ value: "access-as-client" })),
      [exactly("access-as-client", "contains a letter that only looks the same")],
    ],
    [
      "an app role",
      () => view({ oauth2PermissionScopes: [] }, [{ value: "access_as_client" }]),
      [
        'Add a scope named access_as_client under Expose an API: "access_as_client" is an app role, not a scope.',
      ],
    ],
    [
      "nobody listed",
      () => entries(),
      ["Add the client applications that may connect under Expose an API, Authorized client applications."],
    ],
    ["an entry without the scope", () => entries(entry({ delegatedPermissionIds: [] })), [SELECT]],
    ["an entry with null for ids", () => entries(entry({ delegatedPermissionIds: null })), [SELECT]],
    [
      "an entry with a deleted scope's id",
      () => entries(entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })),
      [`${SELECT} The entry lists the id of a scope that no longer exists.`],
    ],
    [
      "an entry with another scope's id",
      () =>
        view({
          oauth2PermissionScopes: [scope(), scope({ id: OTHER_SCOPE_ID, value: "other" })],
          preAuthorizedApplications: [entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })],
        }),
      [SELECT],
    ],
    [
      "two entries, the second with a deleted scope's id",
      () =>
        entries(entry({ delegatedPermissionIds: [] }), entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })),
      [`${SELECT} The entry lists the id of a scope that no longer exists.`],
    ],
    [
      "one of two clients",
      () => entries(entry({ appId: OTHER_CLIENT }), entry({ delegatedPermissionIds: [] })),
      [SELECT],
    ],
  ])("of %s say what to do", (_, seen, expected) => expect(seen().remediations).toEqual(expected));

  test("of a client come after the scope's", () => {
    for (const seen of [scopes(), scopes(scope({ isEnabled: false }))]) {
      expect(seen.remediations).toHaveLength(1);
      expect(seen.clients[0]?.remediation).toBe("Fix the scope first: see repairs.");
    }
  });
});

describe("an agent identity", () => {
  const manifest = `in the manifest of the blueprint ${BLUEPRINT}`;
  const note = `To change who may connect, edit the clients ${manifest}, in preAuthorizedApplications. The list counts for all agents of that blueprint.`;
  const disabled = /^The agent identity is disabled: enable it/;
  const byMicrosoft = expect.stringMatching(/^Microsoft has disabled the agent identity or its blueprint:/);

  test.each<[string, Partial<AgentIdentity>, Record<string, unknown> | "gone", unknown[]]>([
    ["that allows its clients names its blueprint", {}, {}, [note]],
    [
      "without the scope",
      {},
      { oauth2PermissionScopes: [] },
      [`Add a scope named access_as_client ${manifest}, and enable it.`, note],
    ],
    [
      "with a disabled scope",
      {},
      { oauth2PermissionScopes: [scope({ isEnabled: false })] },
      [`Enable the scope access_as_client ${manifest}.`, note],
    ],
    [
      "with an entry without the scope",
      {},
      { preAuthorizedApplications: [entry({ delegatedPermissionIds: [] })] },
      [
        `Add the id of access_as_client to the entry of ${CLIENT} ${manifest}, in preAuthorizedApplications.`,
        note,
      ],
    ],
    ["that is disabled", { disabledBy: ["tenant"] }, {}, [expect.stringMatching(disabled), note]],
    ["that Microsoft has disabled", { disabledBy: ["microsoft"] }, {}, [byMicrosoft, note]],
    [
      "that both have disabled",
      { disabledBy: ["tenant", "microsoft"] },
      {},
      [byMicrosoft, expect.stringMatching(disabled), note],
    ],
    [
      "of a blueprint in another tenant",
      {},
      "gone",
      [expect.stringMatching(`^The tenant of LKPS has no blueprint ${BLUEPRINT},`)],
    ],
    ["without a blueprint", { blueprint: null }, "gone", [expect.stringMatching(/has no blueprint/)]],
  ])("%s", (_, changes, application, repairs) => {
    expect(viewOf(changes, application === "gone" ? null : owned(application)).remediations).toEqual(repairs);
  });

  test("that is disabled denies every client for that reason", () => {
    const unready = entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [] });
    const { clients } = viewOf(
      { disabledBy: ["tenant"] },
      owned({ preAuthorizedApplications: [entry(), unready] }),
    );
    const denied = {
      mayStartSessions: false,
      code: "agent_identity_disabled",
      remediation: "Enable the agent identity first: see repairs.",
    };
    expect(clients).toEqual([
      { client: CLIENT, ...denied },
      { client: OTHER_CLIENT, ...denied },
    ]);
  });
});

test("every client is listed once, in the order of the entries, by its own decision", () => {
  const { clients } = entries(
    null,
    entry({ appId: "not an id" }),
    entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [] }),
    entry({ appId: CLIENT.toUpperCase() }),
    entry({ appId: OTHER_CLIENT }),
    entry({ delegatedPermissionIds: [] }),
  );
  expect(clients).toEqual([
    { client: OTHER_CLIENT, mayStartSessions: true, code: "pre_authorized", remediation: null },
    { client: CLIENT, mayStartSessions: true, code: "pre_authorized", remediation: null },
  ]);
});

test("without the scope, all clients are denied for that reason", () => {
  const refused = (code: string) => [
    { client: CLIENT, mayStartSessions: false, code, remediation: "Fix the scope first: see repairs." },
  ];
  expect(scopes().clients).toEqual(refused("scope_not_exposed"));
  expect(scopes(scope({ isEnabled: false })).clients).toEqual(refused("scope_disabled"));
});

describe("the answer is bounded", () => {
  const clientOf = (n: number) => `c11e0000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const listed = (length: number, ids: readonly unknown[], first = 0) =>
    Array.from({ length }, (_, n) => entry({ appId: clientOf(first + n), delegatedPermissionIds: ids }));
  const MAX_BYTES = 2 * 1_024 * 1_024;

  test.each([
    [3_000, true],
    [3_001, false],
  ])("of %d clients, 3,000 are listed, each with its repair; complete: %j", (length, complete) => {
    const seen = entries(...listed(length, []));
    expect([seen.clients.length, seen.remediations.length, seen.complete]).toEqual([3_000, 3_000, complete]);
  });

  test("if not all are listed, those that may not start sessions come first, each group in order", () => {
    const { clients } = entries(...listed(3_000, [SCOPE_ID]), ...listed(2, [], 3_000));
    expect(clients.slice(0, 3).map(({ client }) => client)).toEqual([3_000, 3_001, 0].map(clientOf));
    expect(clients.at(-1)?.client).toBe(clientOf(2_997));
  });

  test("if all are listed, they are in the order of the entries", () => {
    const { clients } = entries(...listed(2_999, [SCOPE_ID]), ...listed(1, [], 2_999));
    expect(clients.map(({ client }) => client)).toEqual(Array.from({ length: 3_000 }, (_, n) => clientOf(n)));
  });

  test("a value of any length is shortened to 255 characters", () => {
    const of = (length: number) => `${" ".repeat(length - "access_as_client".length)}access_as_client`;
    const { nearMisses, remediations } = scopes(scope({ value: of(257) }), scope({ value: of(256) }));
    expect(nearMisses.map(({ value }) => value)).toEqual([`${of(257).slice(0, 255)}…`, of(256)]);
    expect(remediations[0]).toContain(`"${of(257).slice(0, 255)}…"`);
    expect(view({}, [{ value: of(257) }]).nearMisses[0]?.value).toHaveLength(256);
  });

  test("100 near misses are listed", () => {
    const miss = scope({ value: "Access_As_Client" });
    expect(scopes(...Array(101).fill(miss)).nearMisses).toHaveLength(100);
  });

  test("the longest answer stays below 2 MiB", () => {
    // What is 6 characters in JSON for each of its own.
    const value = `access_as_client${"\u000b".repeat(20_000)}`;
    const many = view({
      oauth2PermissionScopes: [scope(), ...Array(200).fill(scope({ value }))],
      preAuthorizedApplications: listed(5_000, [OTHER_SCOPE_ID]),
    });
    expect(many.clients).toHaveLength(3_000);
    expect(many.nearMisses).toHaveLength(100);
    // The members are called differently in the answer: client_app_id, may_start_sessions.
    expect(Buffer.byteLength(JSON.stringify(many)) + 3_000 * 20).toBeLessThan(MAX_BYTES);
  });

  test("each of one client's repeated entries is read a fixed number of times", () => {
    let reads = 0;
    const counted = {
      ...entry(),
      get delegatedPermissionIds() {
        reads++;
        return [OTHER_SCOPE_ID];
      },
    };
    view({ preAuthorizedApplications: Array(10_000).fill(counted) });
    expect(reads).toBeLessThanOrEqual(3 * 10_000);
  });
});
