// What one caller or agent does must not affect others.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";

const START = "/api/session/start";
const SEARCH = "/api/access/v1/search/resource";
const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const LARGE = 10;
const SMALL = 10;
const BROKEN = agentOf(LARGE + SMALL);
const small = Buffer.from(JSON.stringify({ api: api() }));
// Half a megabyte of entries without the scope: an answer to a batch of ten exceeds the 4 MiB that LKPS reads.
const entries = Array.from({ length: 6_500 }, (_, n) => ({ appId: agentOf(n), delegatedPermissionIds: [] }));
const large = Buffer.from(
  JSON.stringify({
    api: api({
      preAuthorizedApplications: [
        ...(api() as never as { preAuthorizedApplications: [] }).preAuthorizedApplications,
        ...entries,
      ],
    }),
  }),
);

let service: Service;
let asked: { batches: number; singles: string[] };

const bodyOf = (agent: string) => {
  if (agent === BROKEN) return Buffer.from('{"api":[]}');
  return Number(agent.slice(-12)) < LARGE ? large : small;
};

beforeAll(async () => {
  service = await startService({
    settings: { GRAPH_CACHE_SECONDS: "1" },
    intercept: (request, response) => {
      const single = /^\/v1\.0\/applications\(appId='([^']+)'\)/.exec(request.url ?? "")?.[1];
      if (single !== undefined) {
        asked.singles.push(single);
        response.writeHead(200, { "content-type": "application/json" }).end(bodyOf(single));
        return true;
      }
      if (request.url !== "/v1.0/$batch") return false;
      asked.batches++;
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const { requests } = JSON.parse(Buffer.concat(chunks).toString()) as {
          requests: { id: string; url: string }[];
        };
        const parts = requests.map(({ id, url }) => {
          const agent = /appId='([^']+)'/.exec(url)?.[1] ?? "";
          return `{"id":${JSON.stringify(id)},"status":200,"body":${bodyOf(agent)}}`;
        });
        response
          .writeHead(200, { "content-type": "application/json" })
          .end(`{"responses":[${parts.join()}]}`);
      });
      return true;
    },
  });
});
afterAll(() => service?.close());

const register = (n: number) => service.call("POST", "/api/agent/register", { caller: agentOf(n) });
const search = (caller: string) =>
  service.call("POST", SEARCH, {
    caller,
    body: {
      subject: { type: "client_application", id: caller },
      action: { name: "access_as_client" },
      resource: { type: "agent" },
      page: { limit: 100 },
    },
  });
const start = (n: number, caller = CLIENT) =>
  service.call("POST", START, { caller, body: { agent_entra_app_id: agentOf(n) } });

describe("while a stranger searches through agents whose answers are too large for one batch", () => {
  beforeAll(async () => {
    asked = { batches: 0, singles: [] };
    for (let n = 0; n < LARGE + SMALL; n++) await register(n);
  });

  test("each agent is read on its own, and all of them are searched", async () => {
    expect((await search(OTHER_CLIENT)).body).toMatchObject({ results: [], page: { next_token: "" } });
    expect(asked.batches).toBe(1);
    expect(asked.singles.toSorted()).toEqual(Array.from({ length: LARGE + SMALL }, (_, n) => agentOf(n)));
  });

  test("every authorized start succeeds, even if it needs a new reading", async () => {
    const agents = LARGE + SMALL;
    const statuses: number[] = [];
    let searches = 0;
    // As many as that takes, however long: a busy machine is no failure.
    const isEnough = () => statuses.length >= 2 * agents && searches > 1;
    const attack = async () => {
      while (!isEnough()) if ((await search(OTHER_CLIENT)).status === 200) searches++;
    };
    const authorized = async () => {
      for (let n = 0; !isEnough(); n = (n + 1) % agents) statuses.push((await start(n)).status);
    };
    await Promise.all([attack(), authorized(), authorized()]);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test("an agent with an invalid answer fails its own starts and the search, and nothing else", async () => {
    await register(LARGE + SMALL);
    expect((await search(CLIENT)).status).toBe(503);
    expect((await start(LARGE + SMALL)).body.code).toBe("directory_unavailable");
    expect((await start(0)).status).toBe(200);
    await service.call("DELETE", "/api/agent/registration", { caller: BROKEN });
  });
});
