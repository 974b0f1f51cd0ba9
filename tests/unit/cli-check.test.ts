import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyEnforcement } from "../../cli/check/apply-enforcement.ts";
import { checkClient } from "../../cli/check/check-client.ts";
import { checkText } from "../../cli/check/check-text.ts";
import { enforcementRemediation } from "../../cli/check/enforcement-remediation.ts";
import { listedOn, portalUrl } from "../../cli/check/portal.ts";
import { clientRemediation, identityRemediations, scopeRemediation } from "../../cli/check/remediation.ts";
import { runChecks } from "../../cli/check/run-checks.ts";
import { CliError } from "../../cli/cli-error.ts";
import type { GraphResponse } from "../../cli/graph/graph-access.ts";
import type { GraphClient } from "../../cli/graph/graph-client.ts";
import type { EnforcementResponse } from "../../cli/service/ask-enforcement.ts";
import { type AgentIdentity, type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide } from "../../src/domain/decision.ts";
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

const agent = AGENT as ClientId;
const client = CLIENT as ClientId;
const OBJECT_ID = "0b1ec700-0000-4000-8000-000000000001" as ClientId;
const NASTY = "'\"`$(rm -rf /)\n;|&<>\\";

const id = fc.constantFrom<unknown>(SCOPE_ID, OTHER_SCOPE_ID, OTHER_SCOPE_ID.toUpperCase(), null, NASTY);
const someApi: fc.Arbitrary<ApiApplication> = fc.record({
  oauth2PermissionScopes: fc.array(
    fc.record({
      id,
      value: fc.constantFrom<unknown>(
        "access_as_client",
        "access_as_client",
        "Access_as_client",
        NASTY,
        null,
      ),
      isEnabled: fc.constantFrom<unknown>(true, false, null),
      adminConsentDisplayName: fc.constant(NASTY),
    }),
    { maxLength: 3 },
  ),
  preAuthorizedApplications: fc.array(
    fc.record({
      appId: fc.constantFrom<unknown>(CLIENT, CLIENT.toUpperCase(), OTHER_CLIENT, NASTY),
      delegatedPermissionIds: fc.array(id, { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
});

const GRAPH = "https://graph.microsoft.com";
const NO_SCOPE = "there is no scope with this name";
const NOT_LISTED = "the client is not in the list; the list is empty";
const list = listedOn(agent, null, GRAPH);
const ownOf = (given: ApiApplication) => ({ kind: "application", application: { api: given } }) as const;

/** What fixes the scope and the client's entry; null where there is nothing to fix. */
function fixes(identity: Parameters<typeof runChecks>[2] & object, where = list) {
  const { view, entry } = runChecks(agent, client, identity);
  return [
    scopeRemediation(where, identity, view),
    clientRemediation(where, client, identity, view, entry),
  ] as const;
}

describe("the three checks", () => {
  test("says the same about the first failed check as the decision", () => {
    fc.assert(
      fc.property(someApi, (given) => {
        const decision = decide(agent, client, {
          registration: "enforced",
          identity: { kind: "application", application: indexApplication(given) },
        });
        const { allowed, code, checks } = runChecks(agent, client, ownOf(given));
        const first = checks.find(({ outcome }) => outcome !== "passed");
        expect(allowed).toBe(decision.allowed);
        expect(code).toBe(decision.allowed ? "pre_authorized" : decision.code);
        expect(first?.check ?? null).toBe(decision.allowed ? null : decision.check);
        expect([undefined, "failed"]).toContain(first?.outcome);
      }),
    );
  });

  test("has something to fix if and only if the client is denied", () => {
    fc.assert(
      fc.property(someApi, (given) => {
        const isDenied = !runChecks(agent, client, ownOf(given)).allowed;
        expect(fixes(ownOf(given)).some((repair) => repair !== null)).toBe(isDenied);
      }),
    );
  });

  test("builds commands from ids and fixed words only, whatever is in the directory", () => {
    const words =
      /^az ad app show --id [0-9a-f-]{36} --query "[\w .,:'=!?[\]{}-]+" -o json \| az ad app update --id [0-9a-f-]{36} --set api=@-$/;
    fc.assert(
      fc.property(someApi, (given) => {
        for (const repair of fixes(ownOf(given))) {
          if (repair !== null) expect(repair.command).toMatch(words);
        }
      }),
    );
  });

  test.each<[string, ApiApplication, string[]]>([
    [
      "nothing is there",
      api({ oauth2PermissionScopes: [], preAuthorizedApplications: [] }),
      [NO_SCOPE, NOT_LISTED, "the client has no entry"],
    ],
    [
      "the entry holds other scopes",
      api({
        oauth2PermissionScopes: [scope(), scope({ id: OTHER_SCOPE_ID, value: "other" })],
        preAuthorizedApplications: [entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })],
      }),
      [`the scope's id is ${SCOPE_ID}`, "the client is in the list", "the entry includes only other"],
    ],
    [
      "the entry holds a deleted scope's id",
      api({ preAuthorizedApplications: [entry({ delegatedPermissionIds: [OTHER_SCOPE_ID] })] }),
      [
        `the scope's id is ${SCOPE_ID}`,
        "the client is in the list",
        `the entry includes only ${OTHER_SCOPE_ID}, which is not the id of a scope`,
      ],
    ],
    [
      "the scope is disabled",
      api({ oauth2PermissionScopes: [scope({ isEnabled: false })] }),
      [
        "the scope is disabled",
        "the client is in the list",
        "the entry includes the scope's id, but the scope must be enabled first",
      ],
    ],
    [
      "the scope's name contains invisible characters",
      api({
        oauth2PermissionScopes: [scope({ value: "access_as_client\u202e" })],
        preAuthorizedApplications: [],
      }),
      [
        'there is no scope with this name; similar: "access_as_client\u202e" (contains white space or an invisible character)',
        NOT_LISTED,
        "the client has no entry",
      ],
    ],
  ])("finds what exists if %s", (_, given, found) => {
    expect(runChecks(agent, client, ownOf(given)).checks.map((check) => check.found)).toEqual(found);
  });
});

describe("a repair", () => {
  const repairs = (given: ApiApplication) => fixes(ownOf(given)).map((repair) => repair?.command);

  test("of an entry keeps its scopes, and drops ids of scopes that don't exist", () => {
    const gone = "5c0be000-0000-4000-8000-0000000000ff";
    const [scopeLine, clientLine] = repairs(
      api({
        oauth2PermissionScopes: [scope(), scope({ id: OTHER_SCOPE_ID, value: "other" })],
        preAuthorizedApplications: [entry({ delegatedPermissionIds: [OTHER_SCOPE_ID, gone] })],
      }),
    );
    expect(scopeLine).toBeUndefined();
    expect(clientLine).toContain(`delegatedPermissionIds:['${OTHER_SCOPE_ID}','${SCOPE_ID}']`);
  });

  test("of a missing scope always uses the same id, and grants the client that id", () => {
    const nothing = api({ oauth2PermissionScopes: [], preAuthorizedApplications: [] });
    const [scopeLine, clientLine] = repairs(nothing);
    const scopeId = /\{id:'([0-9a-f-]{36})'/.exec(scopeLine ?? "")?.[1] ?? "";
    expect(clientLine).toContain(`delegatedPermissionIds:['${scopeId}']`);
    expect(repairs(nothing)).toEqual([scopeLine, clientLine]);
  });
});

/** A Graph that knows these paths, by how they begin, and the agent. */
const graphOf = (known: Record<string, unknown>, given: unknown = api()): GraphClient => {
  const get = async (path: string): Promise<GraphResponse> => {
    if (path.startsWith(`/applications(appId='${AGENT}')`) && given !== null)
      return { status: 200, json: { id: AGENT, displayName: "Agent", api: given } };
    const [, body] = Object.entries(known).find(([start]) => path.startsWith(start)) ?? [];
    return body === undefined
      ? { status: 404, json: { error: { code: "Request_ResourceNotFound" } } }
      : { status: 200, json: body };
  };
  const getAll = (paths: readonly string[]) => Promise.all(paths.map(get));
  return { get, getAll, url: "https://graph.microsoft.com", signedInAs: null, tenantId: null };
};

describe("an id that is mistaken for another", () => {
  const hintsOf = async (graph: GraphClient, about = client) =>
    (await checkClient(graph, agent, about)).hints.map(({ code, client_id }) => [code, client_id]);

  test.each(["applications", "servicePrincipals"])(
    "is found if the client's is an object id among the %s, with the right client id",
    async (kind) => {
      const graph = graphOf({
        [`/${kind}/${OBJECT_ID}`]: { id: OBJECT_ID, appId: CLIENT, displayName: "App" },
      });
      const result = await checkClient(graph, agent, OBJECT_ID);
      expect(result.hints).toEqual([
        {
          code: "client_object_id",
          client_id: CLIENT,
          message: expect.stringMatching(new RegExp(`is an object id.* App\\. Try --client ${CLIENT}$`)),
        },
      ]);
      // Graph would refuse it in a list, so that no command offers to put it there.
      expect(result.remediations).toEqual([]);
    },
  );

  test("is none where the client is an agent identity, whose object id is its client id", async () => {
    const principal = { id: OTHER_CLIENT, appId: OTHER_CLIENT };
    const graph = graphOf(
      {
        [`/servicePrincipals(appId='${OTHER_CLIENT}')`]: principal,
        [`/servicePrincipals/${OTHER_CLIENT}`]: principal,
      },
      api({ preAuthorizedApplications: [entry({ appId: OTHER_CLIENT, delegatedPermissionIds: [] })] }),
    );
    const { hints, remediations } = await checkClient(graph, agent, OTHER_CLIENT as ClientId);
    expect([hints, remediations.map(({ check }) => check)]).toEqual([[], [3]]);
  });

  test("is named where the agent's list has the client's object id", async () => {
    const given = api({ preAuthorizedApplications: [entry({ appId: OBJECT_ID })] });
    const graph = graphOf(
      { [`/servicePrincipals(appId='${CLIENT}')`]: { id: OBJECT_ID, appId: CLIENT } },
      given,
    );
    expect(await hintsOf(graph)).toEqual([["client_listed_by_object_id", CLIENT]]);
  });

  test("is found if the agent's is an object id", async () => {
    const graph = graphOf({ [`/applications/${AGENT}`]: { id: AGENT, appId: OTHER_CLIENT } }, null);
    expect(await hintsOf(graph)).toEqual([["agent_object_id", OTHER_CLIENT]]);
  });

  test("is distinguished from an agent in another tenant, and from one that does not exist", async () => {
    const guest = graphOf(
      { [`/servicePrincipals(appId='${AGENT}')`]: { id: OBJECT_ID, appId: AGENT } },
      null,
    );
    expect(await hintsOf(guest)).toEqual([["agent_of_another_tenant", null]]);
    expect(await hintsOf(graphOf({}, null))).toEqual([["agent_unknown", null]]);
  });

  test("is unknown if the tenant has nothing with it", async () => {
    expect(await hintsOf(graphOf({}), OTHER_CLIENT as ClientId)).toEqual([["client_unknown", null]]);
  });

  test("gives no hint if the client is allowed, or if Graph does not answer", async () => {
    expect(await hintsOf(graphOf({}))).toEqual([]);
    const getAll = () => Promise.reject(new CliError("directory_access_denied", "refused"));
    const silent: GraphClient = { ...graphOf({}), getAll };
    expect(await hintsOf(silent, OTHER_CLIENT as ClientId)).toEqual([]);
  });
});

test.each([5, [], "text", { oauth2PermissionScopes: {} }, { preAuthorizedApplications: "x" }])(
  "no check is made on what is no app registration, with the api %j",
  async (given) => {
    const failure = { code: "directory_unavailable" };
    await expect(checkClient(graphOf({}, given), agent, client)).rejects.toMatchObject(failure);
  },
);

test.each([
  ["https://graph.microsoft.com", "https://entra.microsoft.com/"],
  ["https://graph.microsoft.us", "https://entra.microsoft.us/"],
  ["https://microsoftgraph.chinacloudapi.cn", "https://portal.azure.cn/"],
])("the portal of %s is %s", (graphUrl, portal) => {
  expect(portalUrl(listedOn(agent, null, graphUrl))).toMatch(
    new RegExp(`^${portal}#view/.*/ProtectAnAPI/appId/${AGENT}$`),
  );
});

test("a stand-in has no portal", () => {
  expect(portalUrl(listedOn(agent, null, "http://127.0.0.1:7072"))).toBeNull();
});

test.each([
  [
    "the local stack, whose directory is a file",
    "http://127.0.0.1:7072",
    "In a tenant, use the portal or these commands.",
  ],
  ["Azure", "https://graph.microsoft.com", "Or use these commands:"],
  ["a cloud whose portal is not known", "https://graph.example.com", "Or use these commands:"],
])("a check of an agent in %s says so", async (_, url, how) => {
  const graph = { ...graphOf({}), url };
  const checked = await checkClient(graph, agent, OTHER_CLIENT as ClientId);
  const text = checkText(applyEnforcement(checked, null, null), graph).join("\n");
  expect(text).toContain("How to fix it:");
  expect(text).toContain(how);
  expect(text.includes("dev/entra/directory.json")).toBe(url.startsWith("http:"));
});

describe("what LKPS says about the registration", () => {
  const url = "https://lkps.example.com";
  const denied = { allowed: false, code: "client_not_pre_authorized" };

  test.each<[what: string, service: EnforcementResponse, about: string, expected: object, text: RegExp]>([
    [
      "nothing",
      null,
      CLIENT,
      { allowed: true, code: "pre_authorized", remediations: [] },
      /^ALLOWED {2}pre_/m,
    ],
    ["nothing", null, OTHER_CLIENT, denied, /^DENIED if enforcement is on {2}client_/m],
    [
      "an error",
      { failure: "Down." },
      OTHER_CLIENT,
      denied,
      /^DENIED if enforcement is on {2}[\s\S]*is on\. Down\.$/m,
    ],
    ["on", { url, enforcement: "on" }, OTHER_CLIENT, denied, /^DENIED {2}client_/m],
    [
      "the same decision",
      { url, enforcement: "on", decision: denied },
      OTHER_CLIENT,
      denied,
      /^DENIED {2}client_.*\n\n/m,
    ],
    [
      "another decision",
      { url, enforcement: "on", decision: denied },
      CLIENT,
      { allowed: true, code: "pre_authorized" },
      /^ALLOWED {2}pre_.*\n! LKPS itself decides: DENIED {2}client_.*\n {5}It reads a different tenant/m,
    ],
    [
      "off",
      { url, enforcement: "off" },
      OTHER_CLIENT,
      {
        allowed: true,
        code: "enforcement_disabled",
        withEnforcement: denied,
        remediations: [{ check: null }, { check: 2 }],
      },
      /^ALLOWED {2}enforcement_disabled.*\nWith enforcement on: DENIED {2}client_[\s\S]*order:\n {3}Enforcement is off/m,
    ],
    [
      "not registered",
      { url, enforcement: "not_registered" },
      CLIENT,
      { allowed: false, code: "agent_not_registered", remediations: [{ check: null, command: null }] },
      /^DENIED {2}agent_not_registered.*\nOnce it is registered: ALLOWED {2}pre_/m,
    ],
  ])("%s: %j about %s", async (_, service, about, expected, text) => {
    const graph = graphOf({});
    const result = applyEnforcement(await checkClient(graph, agent, about as ClientId), service, null);
    expect(result).toMatchObject(expected);
    expect(checkText(result, graph).join("\n")).toMatch(text);
  });
});

test.each([
  ["http://127.0.0.1:7070", "http://127.0.0.1:7072", ""],
  [
    "http://127.0.0.1:8570",
    "http://127.0.0.1:7072",
    " --url http://127.0.0.1:8570 --entra-url http://127.0.0.1:7072",
  ],
  [
    "http://127.0.0.1:7070",
    "http://127.0.0.1:8572",
    " --url http://127.0.0.1:7070 --entra-url http://127.0.0.1:8572",
  ],
])("the printed command reaches the local stack at %s and %s", (url, entraUrl, options) => {
  const command = `lkps register --local${options} --as ${agent}`;
  expect(enforcementRemediation(agent, { url, enforcement: "off" }, entraUrl)).toMatchObject({ command });
});

describe("an agent identity", () => {
  const identityOf = (changes: Partial<AgentIdentity> = {}, given: ApiApplication | null = api()) =>
    ({
      ...({ kind: "agent_identity", disabledBy: [], blueprint: BLUEPRINT as ClientId } as const),
      ...changes,
      application: given && { api: given },
    }) as const;
  const repairsFor = (identity: ReturnType<typeof identityOf>, graphUrl = GRAPH) =>
    [...identityRemediations(identity), ...fixes(identity, listedOn(agent, identity, graphUrl))].filter(
      (repair) => repair !== null,
    );
  const uriAt = (graph: string) => `--uri "${graph}/v1.0/applications(appId='${BLUEPRINT}')"`;

  test.each([
    [
      "an app registration",
      ownOf,
      "under Expose an API, Authorized client applications, with access_as_client selected",
    ],
    [
      "an agent identity",
      (given: ApiApplication) => identityOf({}, given),
      `in the manifest of the blueprint ${BLUEPRINT}, in preAuthorizedApplications, with the id of access_as_client`,
    ],
  ])("a client that is not listed is added, for %s", (_, ownerOf, place) => {
    const identity = ownerOf(api({ preAuthorizedApplications: [] }));
    const [, repair] = fixes(identity, listedOn(agent, identity, GRAPH));
    expect(repair?.sentence).toBe(`Add ${client} ${place}.`);
  });

  test.each([
    ["the scope", api({ oauth2PermissionScopes: [] }), 2],
    ["the client", api({ preAuthorizedApplications: [] }), 1],
  ])("without %s is repaired on its blueprint", (_, given, count) => {
    const repairs = repairsFor(identityOf({}, given));
    expect(repairs).toHaveLength(count);
    for (const { sentence, command } of repairs) {
      expect(sentence).toContain(`in the manifest of the blueprint ${BLUEPRINT}`);
      expect(command).toMatch(/^az rest /);
      expect(command).toContain(`--query "{api: {`);
      expect(command?.split(uriAt(GRAPH))).toHaveLength(3);
      expect(command).not.toContain(agent);
    }
  });

  test.each([
    ["https://graph.microsoft.us", "https://graph.microsoft.us"],
    ["http://127.0.0.1:7072", GRAPH],
  ])("read from %s is repaired at %s", (graphUrl, graph) => {
    const [repair] = repairsFor(identityOf({}, api({ preAuthorizedApplications: [] })), graphUrl);
    expect(repair?.command).toContain(uriAt(graph));
  });

  test.each<[string, Partial<AgentIdentity>, ApiApplication | null]>([
    ["is disabled", { disabledBy: ["tenant"] }, api()],
    ["has its blueprint in another tenant", {}, null],
    ["has no blueprint", { blueprint: null }, null],
  ])("that %s is denied before any check, with the reason", (_, changes, given) => {
    const identity = identityOf(changes, given);
    expect(runChecks(agent, client, identity).allowed).toBe(false);
    expect(repairsFor(identity)).toEqual([{ check: null, sentence: expect.any(String), command: null }]);
  });

  test("is linked to its blueprint in the portal", () => {
    expect(portalUrl(listedOn(agent, identityOf(), GRAPH))).toBe(
      `https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/AgentBlueprintDetails.MenuView/~/overview/appId/${BLUEPRINT}`,
    );
  });
});
