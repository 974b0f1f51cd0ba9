import { describe, expect, test } from "vitest";
import { createAgentOwnersReader } from "../../src/adapters/graph/agent-owners-reader.ts";
import { systemClock as clock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type GraphRateLimit, unlimited } from "../../src/domain/graph-reading.ts";
import { AGENT, agentIdentity, BLUEPRINT, NOT_FOUND } from "../support/app-registration.ts";
import { type GraphReply, graphOf, limited } from "../support/graph-replies.ts";

const agent = AGENT as ClientId;
const GRAPH = "https://graph.example.com";
const ids = (...ns: readonly number[]) =>
  ns.map((n) => `0b1ec700-0000-4000-8000-${String(n).padStart(12, "0")}`);
const list = (...ns: readonly number[]): GraphReply => ({
  status: 200,
  body: { value: ids(...ns).map((id) => ({ "@odata.type": "#microsoft.graph.user", id })) },
});
const missing: GraphReply = { status: 404, body: NOT_FOUND };

const APPLICATION = `/applications(appId='${agent}')/owners?$select=id`;
const PRINCIPAL = `/servicePrincipals(appId='${agent}')`;
const OWN = `${PRINCIPAL}/owners?$select=id`;
const SPONSORS = `${PRINCIPAL}/microsoft.graph.agentIdentity/sponsors?$select=id`;
const BLUEPRINTS = `/applications(appId='${BLUEPRINT}')/owners?$select=id`;
const principal: GraphReply = {
  status: 200,
  body: { "@odata.type": "#microsoft.graph.servicePrincipal", accountEnabled: true },
};
const identity: GraphReply = { status: 200, body: agentIdentity() };

/** Reads the agent's owners from a Graph with these responses; anything else is missing. */
async function read(responses: Record<string, GraphReply>, rateLimit: GraphRateLimit = unlimited) {
  const { callGraph, asked, times } = graphOf((path) => responses[path] ?? missing);
  const limits = { deadline: clock.elapsed() + 5_000, rateLimit };
  const started = createAgentOwnersReader(GRAPH, callGraph, clock)([agent], limits)[0];
  const outcome = await started?.result.then(
    ({ owners }) => [...owners].sort(),
    (error) => error,
  );
  return { outcome, asked, requests: times.length };
}

describe("the owners of", () => {
  test.each<[string, Record<string, GraphReply>, readonly string[], readonly string[]]>([
    [
      "an application are its own, not those of its service principal",
      { [APPLICATION]: list(1, 2), [PRINCIPAL]: principal, [OWN]: list(3) },
      ids(1, 2),
      [],
    ],
    ["an application without owners are nobody", { [APPLICATION]: list(), [PRINCIPAL]: principal }, [], []],
    [
      "an agent identity are its owners and sponsors, and its blueprint's owners",
      { [PRINCIPAL]: identity, [OWN]: list(1), [SPONSORS]: list(2, 1), [BLUEPRINTS]: list(3) },
      ids(1, 2, 3),
      [OWN, SPONSORS, BLUEPRINTS],
    ],
    [
      "a disabled agent identity are the same",
      {
        [PRINCIPAL]: { status: 200, body: agentIdentity({ accountEnabled: false }) },
        [OWN]: list(1),
        [SPONSORS]: list(),
        [BLUEPRINTS]: list(3),
      },
      ids(1, 3),
      [OWN, SPONSORS, BLUEPRINTS],
    ],
    [
      "an agent identity whose sponsors LKPS may not read are the others",
      { [PRINCIPAL]: identity, [OWN]: list(1), [SPONSORS]: { status: 403 }, [BLUEPRINTS]: list(3) },
      ids(1, 3),
      [OWN, SPONSORS, BLUEPRINTS],
    ],
    [
      "an agent identity whose blueprint is elsewhere are its own",
      { [PRINCIPAL]: identity, [OWN]: list(1), [SPONSORS]: list(2) },
      ids(1, 2),
      [OWN, SPONSORS, BLUEPRINTS],
    ],
    [
      "an agent identity without a blueprint are its own",
      {
        [PRINCIPAL]: { status: 200, body: agentIdentity({ agentIdentityBlueprintId: null }) },
        [OWN]: list(1),
        [SPONSORS]: list(),
      },
      ids(1),
      [OWN, SPONSORS],
    ],
    ["another service principal are nobody", { [PRINCIPAL]: principal, [OWN]: list(1) }, [], []],
    ["nothing are nobody", {}, [], []],
  ])("%s", async (_, responses, owners, more) => {
    const { outcome, asked } = await read(responses);
    expect(outcome).toEqual(owners);
    expect(asked).toEqual([APPLICATION, PRINCIPAL, ...more]);
  });

  test("an application and of nothing take one batch: time does not tell them apart", async () => {
    const [some, none] = [await read({ [APPLICATION]: list(1), [PRINCIPAL]: principal }), await read({})];
    expect([some.requests, some.asked]).toEqual([none.requests, none.asked]);
    expect(some.requests).toBe(1);
  });

  test("an application are compared in lower case, and what is no id is nobody's", async () => {
    const value = [{ id: (ids(10)[0] ?? "").toUpperCase() }, { id: "" }, { id: null }, { id: 7 }, {}];
    const { outcome } = await read({
      [APPLICATION]: { status: 200, body: { value } },
      [PRINCIPAL]: principal,
    });
    expect(outcome).toEqual(ids(10));
  });
});

describe("a list in pages", () => {
  const NEXT = "/applications(appId='x')/owners?$select=id&$skiptoken=RFNwdAo";
  const page = (n: number, link: unknown): GraphReply => ({
    status: 200,
    body: { ...(list(n).body as object), "@odata.nextLink": link },
  });

  test("is read to its end, and each page counts", async () => {
    const left: number[] = [];
    const rateLimit: GraphRateLimit = { acquire: (count = 1) => left.push(count), remaining: () => 1 };
    const { outcome, asked } = await read(
      { [APPLICATION]: page(1, `${GRAPH}/v1.0${NEXT}`), [PRINCIPAL]: principal, [NEXT]: list(2) },
      rateLimit,
    );
    expect(outcome).toEqual(ids(1, 2));
    expect([asked, left]).toEqual([
      [APPLICATION, PRINCIPAL, NEXT],
      [2, 1],
    ]);
  });

  test("without an end is a failure", async () => {
    const endless = page(1, `${GRAPH}/v1.0${NEXT}`);
    const { outcome, asked } = await read({
      [APPLICATION]: endless,
      [PRINCIPAL]: principal,
      [NEXT]: endless,
    });
    expect(outcome).toMatchObject({ code: "directory_unavailable" });
    expect(asked).toHaveLength(21);
  });

  test.each([
    `https://evil.example.com/v1.0${NEXT}`,
    `${GRAPH}.evil.example.com/v1.0${NEXT}`,
    `${GRAPH}@evil.example.com/v1.0${NEXT}`,
    `${GRAPH}/beta${NEXT}`,
    NEXT,
    "",
    7,
    {},
  ])("that goes on at %j is a failure, and nothing is asked there", async (link) => {
    const { outcome, asked } = await read({ [APPLICATION]: page(1, link), [PRINCIPAL]: principal });
    expect(outcome).toMatchObject({ code: "directory_unavailable" });
    expect(asked).toEqual([APPLICATION, PRINCIPAL]);
  });
});

describe("fails, and names nobody,", () => {
  const good = { [PRINCIPAL]: identity, [OWN]: list(1), [SPONSORS]: list(2), [BLUEPRINTS]: list(3) };
  test.each<[string, Record<string, GraphReply>, string]>([
    ["owners that LKPS may not read", { [APPLICATION]: { status: 403 } }, "directory_access_denied"],
    ["owners with another error", { [APPLICATION]: { status: 400 } }, "directory_unavailable"],
    ["a 404 of another kind", { [APPLICATION]: { status: 404, body: {} } }, "directory_unavailable"],
    ["no list", { [APPLICATION]: { status: 200, body: {} } }, "directory_unavailable"],
    [
      "a list of no objects",
      { [APPLICATION]: { status: 200, body: { value: [null] } } },
      "directory_unavailable",
    ],
    ["no JSON", { [APPLICATION]: { status: 200 } }, "directory_unavailable"],
    [
      "a service principal that LKPS may not read",
      { [PRINCIPAL]: { status: 403 } },
      "directory_access_denied",
    ],
    [
      "an agent identity's owners that LKPS may not read",
      { ...good, [OWN]: { status: 403 } },
      "directory_access_denied",
    ],
    ["sponsors with another error", { ...good, [SPONSORS]: { status: 500 } }, "directory_unavailable"],
    [
      "a blueprint's owners that LKPS may not read",
      { ...good, [BLUEPRINTS]: { status: 403 } },
      "directory_access_denied",
    ],
  ])("with %s", async (_, responses, code) => {
    expect((await read(responses)).outcome).toMatchObject({ name: "DependencyError", code });
  });

  test("if the caller's rate limit does not cover its second step", async () => {
    const { outcome, asked } = await read(good, limited(4));
    expect(outcome).toMatchObject({ name: "RateLimitError" });
    expect(asked).toEqual([APPLICATION, PRINCIPAL]);
  });
});
