import { HttpRequest } from "@azure/functions";
import { describe, expect, test, vi } from "vitest";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { VerifiedToken } from "../../src/domain/verified-token.ts";
import { callerFromAccessToken, callerFromBoth, callerFromGatewayHeader } from "../../src/http/caller.ts";
import { Problem } from "../../src/http/problem.ts";
import { CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";

function requestWith(headers: Record<string, string>): HttpRequest {
  return new HttpRequest({ method: "POST", url: "http://localhost/api/session/start", headers });
}

/** The caller's id, or the code of the problem. */
function told(caller: VerifiedToken | Problem): string {
  return caller instanceof Problem ? caller.code : caller.clientId;
}
const verified = (isApplicationToken = true, clientId: string = CLIENT): VerifiedToken => ({
  clientId: clientId as ClientId,
  isApplicationToken,
  scopes: [],
  objectId: undefined,
});

describe("by the gateway's header", () => {
  test.each([
    ["one id", CLIENT],
    ["one id in capitals", CLIENT.toUpperCase()],
    ["one id in mixed case", `${CLIENT.slice(0, 8).toUpperCase()}${CLIENT.slice(8)}`],
    ["spaces around it, which HTTP does not count", `  ${CLIENT} `],
  ])("%s is the caller, in lower case", async (_, value) => {
    expect(told(await callerFromGatewayHeader(requestWith({ "client-id": value })))).toBe(CLIENT);
  });

  test("the letter case of the header's name does not matter", async () => {
    expect(told(await callerFromGatewayHeader(requestWith({ "Client-ID": CLIENT })))).toBe(CLIENT);
  });

  test.each<[string, Record<string, string>]>([
    ["no header", {}],
    ["an empty one", { "client-id": "" }],
    ["one of a space", { "client-id": " " }],
    ["two ids joined by a comma", { "client-id": `${OTHER_CLIENT},${CLIENT}` }],
    ["two ids joined by a comma and a space", { "client-id": `${OTHER_CLIENT}, ${CLIENT}` }],
    ["the same id twice", { "client-id": `${CLIENT}, ${CLIENT}` }],
    ["an id and an empty value", { "client-id": `${CLIENT},` }],
    ["an empty value and an id", { "client-id": `,${CLIENT}` }],
    ["two ids joined by a semicolon", { "client-id": `${OTHER_CLIENT};${CLIENT}` }],
    ["two ids joined by a space", { "client-id": `${OTHER_CLIENT} ${CLIENT}` }],
    ["a word and an id", { "client-id": `evil, ${CLIENT}` }],
    ["an id in braces", { "client-id": `{${CLIENT}}` }],
    ["an id in quotes", { "client-id": `"${CLIENT}"` }],
    ["an id with a space inside", { "client-id": CLIENT.replace("-", "- ") }],
    ["an id without dashes", { "client-id": CLIENT.replaceAll("-", "") }],
    ["an id as URN", { "client-id": `urn:uuid:${CLIENT}` }],
    ["an id with a percent sign", { "client-id": `${CLIENT}%0a` }],
    ["an id cut short", { "client-id": CLIENT.slice(0, -1) }],
    ["an id and a digit", { "client-id": `${CLIENT}0` }],
    ["a name", { "client-id": "my-frontend" }],
    ["null", { "client-id": "null" }],
    ["__proto__", { "client-id": "__proto__" }],
    ["the header client_id", { client_id: CLIENT }],
    ["the header clientid", { clientid: CLIENT }],
    ["the header x-client-id", { "x-client-id": CLIENT }],
    ["the header client-app-id", { "client-app-id": CLIENT }],
    ["an access token alone", { authorization: "Bearer any" }],
  ])("%s is not a caller", async (_, headers) => {
    expect(told(await callerFromGatewayHeader(requestWith(headers)))).toBe("caller_unidentified");
  });

  test("a missing header is answered with a challenge (RFC 9110, 15.5.2)", async () => {
    const problem = await callerFromGatewayHeader(requestWith({}));
    const response = problem instanceof Problem && problem.toResponse("");
    expect(response).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
  });

  test("no other spelling of the header is used", async () => {
    const request = requestWith({ "client-id": "", client_id: CLIENT, clientid: CLIENT });
    expect(told(await callerFromGatewayHeader(request))).toBe("caller_unidentified");
  });
});

describe("by the access token", () => {
  const fromToken = callerFromAccessToken(async (accessToken) =>
    accessToken === "a.good-one_.0" ? verified() : undefined,
  );

  test.each(["Bearer a.good-one_.0", "bearer a.good-one_.0", "BEARER   a.good-one_.0"])(
    "%j is the token's application",
    async (authorization) => {
      expect(told(await fromToken(requestWith({ authorization })))).toBe(CLIENT);
    },
  );

  test.each<[string, Record<string, string>]>([
    ["an empty header", { authorization: "" }],
    ["another scheme", { authorization: "Basic a.good-one_.0" }],
    ["no signature", { authorization: "Bearer a.good-one_." }],
    ["padding", { authorization: "Bearer a.good-one_.0=" }],
    ["two of them", { authorization: "Bearer a.good-one_.0, Bearer a.good-one_.0" }],
  ])("%s: nothing is verified", async (_, headers) => {
    const verify = vi.fn();
    expect(told(await callerFromAccessToken(verify)(requestWith(headers)))).toBe("invalid_token");
    expect(verify).not.toHaveBeenCalled();
  });

  test.each([true, false])("a token of an application itself: %j", async (isOfApplication) => {
    const caller = await callerFromAccessToken(async () => verified(isOfApplication))(
      requestWith({ authorization: "Bearer a.b.c" }),
    );
    expect(caller).toEqual(verified(isOfApplication));
  });

  test.each<[string, Record<string, string>, string, string]>([
    ["no header at all", {}, "caller_unidentified", "Bearer"],
    ["a wrong one", { authorization: "Basic x" }, "invalid_token", 'Bearer error="invalid_token"'],
    ["a bad token", { authorization: "Bearer a.bad.one" }, "invalid_token", 'Bearer error="invalid_token"'],
  ])("%s is answered with the challenge of RFC 6750", async (_, headers, code, challenge) => {
    const problem = await fromToken(requestWith(headers));
    if (!(problem instanceof Problem)) throw new Error("There is no problem");
    expect([problem.code, problem.toResponse("x").headers]).toEqual([
      code,
      expect.objectContaining({ "www-authenticate": challenge }),
    ]);
  });

  test("the header client-id is ignored", async () => {
    const named = { "client-id": OTHER_CLIENT };
    expect(told(await fromToken(requestWith(named)))).toBe("caller_unidentified");
    const both = { ...named, authorization: "Bearer a.good-one_.0" };
    expect(told(await fromToken(requestWith(both)))).toBe(CLIENT);
  });
});

describe("by both", () => {
  const good = "Bearer a.good.one";
  const both = callerFromBoth(
    callerFromAccessToken(async (accessToken) => {
      if (accessToken === "no.keys.now") throw new DependencyError("directory_unavailable", "No keys");
      return accessToken === "a.good.one" ? verified() : undefined;
    }),
  );

  test.each<[string, string, Record<string, string>]>([
    ["that agree", CLIENT, { authorization: good, "client-id": CLIENT }],
    ["that agree but for letter case", CLIENT, { authorization: good, "client-id": CLIENT.toUpperCase() }],
    ["that disagree", "caller_unidentified", { authorization: good, "client-id": OTHER_CLIENT }],
    ["and two ids", "caller_unidentified", { authorization: good, "client-id": `${CLIENT},${OTHER_CLIENT}` }],
    ["but no header", "caller_unidentified", { authorization: good }],
    ["but another spelling", "caller_unidentified", { authorization: good, client_id: CLIENT }],
    ["but no token", "caller_unidentified", { "client-id": CLIENT }],
    ["but a bad token", "invalid_token", { authorization: "Bearer a.bad.one", "client-id": CLIENT }],
    ["but neither", "caller_unidentified", {}],
  ])("%s: %s", async (_, caller, headers) => {
    expect(told(await both(requestWith(headers)))).toBe(caller);
  });

  test("without the keys there is no caller, whatever the header says", async () => {
    const request = requestWith({ authorization: "Bearer no.keys.now", "client-id": CLIENT });
    await expect(both(request)).rejects.toThrow(DependencyError);
  });
});

test.each<[string, Promise<VerifiedToken | Problem>, RegExp]>([
  ["the header", callerFromGatewayHeader(requestWith({ "client-id": "marked" })), /client-id header/],
  [
    "the token",
    callerFromAccessToken(async () => undefined)(requestWith({ authorization: "Bearer a.b.marked" })),
    /Authorization: Bearer/,
  ],
  [
    "the two",
    callerFromBoth(async () => verified(true, OTHER_CLIENT))(requestWith({ "client-id": CLIENT })),
    /different applications/,
  ],
])("the answer says what is wrong with %s, without repeating what was sent", async (_, caller, words) => {
  const problem = await caller;
  if (!(problem instanceof Problem)) throw new Error("There is no problem");
  const { status, body } = problem.toResponse("the-invocation");
  expect(status).toBe(401);
  expect(JSON.parse(String(body)).detail).toMatch(words);
  for (const sent of ["marked", CLIENT, OTHER_CLIENT]) expect(String(body)).not.toContain(sent);
});
