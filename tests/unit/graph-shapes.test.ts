import { describe, expect, test } from "vitest";
import { apiOf, listIn } from "../../src/adapters/graph/graph-response.ts";

describe("an application from Graph", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["an empty object", {}],
    ["an object with other members", { future: 1 }],
    ["an object with two lists", { oauth2PermissionScopes: [{}], preAuthorizedApplications: [null] }],
    ["an object with two nulls", { oauth2PermissionScopes: null, preAuthorizedApplications: null }],
  ])("may have for its api %s", (_, api) => {
    expect(apiOf({ api })).toBe(api);
  });

  const none = "Graph's answer is not an application";
  test.each<[string, unknown, string]>([
    ["undefined", undefined, none],
    ["null", null, none],
    ["text", "api", none],
    ["a number", 1, none],
    ["a list", [], none],
    ["a list with an api", Object.assign([], { api: {} }), none],
    ["an object without api", {}, none],
    ["an api that is undefined", { api: undefined }, `${none}: api is not an object`],
    ["an api that is text", { api: "x" }, `${none}: api is not an object`],
    ["an api that is true", { api: true }, `${none}: api is not an object`],
    ["an api that is a list", { api: [] }, `${none}: api is not an object`],
    [
      "scopes in an object",
      { api: { oauth2PermissionScopes: {} } },
      `${none}: oauth2PermissionScopes is not a list`,
    ],
    [
      "scopes that are false",
      { api: { oauth2PermissionScopes: false } },
      `${none}: oauth2PermissionScopes is not a list`,
    ],
    [
      "entries that are text",
      { api: { preAuthorizedApplications: "" } },
      `${none}: preAuthorizedApplications is not a list`,
    ],
  ])("is not %s", (_, answer, message) => {
    // Compared as a whole: the messages of one fault begin with those of another.
    expect(() => apiOf(answer)).toThrow(new Error(message));
  });
});

describe("a list of an object's", () => {
  test.each<[string, unknown, unknown]>([
    ["there", { roles: [1] }, [1]],
    ["null", { roles: null }, null],
    ["missing", {}, undefined],
    ["missing, as its owner is null", null, undefined],
    ["missing, as its owner is text", "roles", undefined],
    ["missing, as its owner is a list", Object.assign([], { roles: 1 }), undefined],
  ])("is %s", (_, owner, list) => {
    expect(listIn(owner, "roles")).toEqual(list);
  });

  test("is not anything else", () => {
    expect(() => listIn({ roles: {} }, "roles")).toThrow("roles is not a list");
  });
});
