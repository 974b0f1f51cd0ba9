import { expect } from "vitest";
import { API_KEY } from "../../dev/authzen/fixture-endpoints.ts";
import type { AuthzenModule } from "./authzen-modules.ts";

/** Sends a request to one of the endpoints under `/api/access/v1/`. */
export type SendAuthzen = (
  path: string,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly body: string },
) => Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>;

/** Runs a module as the suite does, and expects what it expects of each answer. */
export async function runAuthzenModule(module: AuthzenModule, send: SendAuthzen): Promise<void> {
  const { path, body, method = "POST", contentType = "application/json", expected } = module;
  const { authorization = `Bearer ${API_KEY}` } = module;
  const ask = async (sent: unknown) => {
    const text = typeof sent === "string" ? sent : JSON.stringify(sent);
    const headers = {
      "x-request-id": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716",
      ...(authorization !== null && { authorization }),
      ...(method !== "GET" && { "content-type": contentType, "content-length": String(text.length) }),
    };
    const answer = await send(path, { method, headers, body: text });
    if (!isStatuses(expected)) {
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers.get("content-type")).toMatch(/^application\/json\b/);
      expect(answer.headers.get("x-request-id")).toBe(headers["x-request-id"]);
      return JSON.parse(answer.text);
    }
    expect(expected).toContain(answer.status);
    if (answer.status === 401) expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer\b/);
  };

  for (let times = module.repeat ? 3 : 1; times > 0; times--) {
    const answer = await ask(body);
    if (answer === undefined) continue;
    if (!Array.isArray(expected)) {
      expect(answer).toEqual({ decision: expected, context: expect.any(Object) });
    } else if (path === "evaluations") {
      const context = expect.any(Object);
      expect(answer).toEqual({ evaluations: expected.map((decision) => ({ decision, context })) });
    } else {
      const found = await findAll(path, answer, (page) => ask({ ...(body as object), page }));
      // More are permitted (1.5), but where nothing can be found (4.6).
      expect(found).toEqual(expected.length === 0 ? [] : expect.arrayContaining([...expected]));
    }
  }
}

/** What a search finds on all its pages, of which each has `page` as its first member. */
async function findAll(
  path: string,
  // biome-ignore lint/suspicious/noExplicitAny: the answer of any search
  first: any,
  ask: (page: object) => Promise<typeof first>,
): Promise<string[]> {
  const found: string[] = [];
  for (let answer = first; ; answer = await ask({ token: answer.page.next_token })) {
    expect(Object.keys(answer)).toEqual(["page", "results"]);
    expect(answer.page).toEqual({ next_token: expect.any(String) });
    for (const { type, id, name, ...more } of answer.results) {
      expect([type, more]).toEqual([{ "search/subject": "user", "search/resource": "record" }[path], {}]);
      found.push(id ?? name);
    }
    if (answer.page.next_token === "") return found;
  }
}

function isStatuses(expected: AuthzenModule["expected"]): expected is readonly number[] {
  return Array.isArray(expected) && typeof expected[0] === "number";
}
