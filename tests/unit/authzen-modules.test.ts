import { HttpRequest, type InvocationContext } from "@azure/functions";
import { expect, test } from "vitest";
import { fixtureEndpoints } from "../../dev/authzen/fixture-endpoints.ts";
import { authzenModules } from "../support/authzen-modules.ts";
import { runAuthzenModule, type SendAuthzen } from "../support/run-authzen-module.ts";

const endpoints = fixtureEndpoints("https://pdp.example.com");

/** Calls an endpoint's handler. No endpoint: the host's answer. */
const call: SendAuthzen = async (path, { method, headers, body }) => {
  const route = path.startsWith(".") ? path : `api/access/v1/${path}`;
  const found = endpoints.find((one) => one.route === route && one.methods.some((own) => own === method));
  if (found === undefined) return { status: 404, headers: new Headers(), text: "" };
  const request = new HttpRequest({
    method,
    url: `https://pdp.example.com/${route}`,
    headers,
    body: { string: body },
  });
  const context = { invocationId: "", log() {}, error() {} } as unknown as InvocationContext;
  // biome-ignore lint/suspicious/noExplicitAny: what the library leaves open
  const answer = (await found.handler(request, context)) as any;
  const isJson = answer.jsonBody !== undefined;
  return {
    status: answer.status ?? 200,
    headers: new Headers({ ...(isJson && { "content-type": "application/json" }), ...answer.headers }),
    text: isJson ? JSON.stringify(answer.jsonBody) : answer.body,
  };
};

// Where a module contradicts the scenario, the answer is the scenario's: see `contradiction`.
test.each(authzenModules)("$name", (module) => runAuthzenModule(module, call));

test("the metadata (scenario 6) has the address and the five endpoints, all https", async () => {
  const { status, text } = await call(".well-known/authzen-configuration", {
    method: "GET",
    headers: {},
    body: "",
  });
  expect(status).toBe(200);
  const { policy_decision_point: address, ...named } = JSON.parse(text);
  expect(address).toBe("https://pdp.example.com");
  const served = endpoints.filter(({ methods }) => methods.includes("POST"));
  expect(Object.values(named).sort()).toEqual(served.map(({ route }) => `${address}/${route}`).sort());
  expect(Object.keys(named).every((name) => name.endsWith("_endpoint"))).toBe(true);
});

test("these are the suite's 126 modules, of which two contradict the scenario", () => {
  const modules = authzenModules.filter(({ name }) => !name.includes("scenario"));
  expect(new Set(modules.map(({ name }) => name)).size).toBe(126);
  expect(modules.filter(({ contradiction }) => contradiction).map(({ name }) => name)).toEqual([
    "evaluations-idempotency",
    "evaluations-batch-with-default-value-merging",
  ]);
});
