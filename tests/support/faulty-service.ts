import { setTimeout as sleep } from "node:timers/promises";
import { TableClient } from "@azure/data-tables";
import { expect } from "vitest";
import { connectionStringOf } from "../../dev/azurite.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
import { type Answer, type Service, startService } from "./service.ts";

/** How long a line may take from the app's output to here. */
const LOG_MS = 5_000;

/** A start of a session, and how long the client waited for the answer. */
export interface Started {
  readonly agent: string;
  readonly answer: Answer;
  readonly ms: number;
}

/** The whole service, with a proxy in front of each dependency of the app. */
export interface FaultyService {
  readonly service: Service;
  readonly graph: FaultProxy;
  readonly identity: FaultProxy;
  readonly tables: FaultProxy;
  /** All that were made so far. */
  readonly started: Started[];
  /** The records of one agent's event, once there is one of those meant; there may be a moment between answer and line. */
  recordsOf(agent: string, event: string, isMeant?: (line: LogLine) => boolean): Promise<LogLine[]>;
  /** The failure line of a decision. */
  failureOf(decisionId: string): Promise<LogLine>;
  /** The app's messages about exiting or about unhandled rejections. */
  crashes(): string[];
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a line of JSON in the log
export type LogLine = Record<string, any>;

/** Starts it on free ports, with the settings given and those applications in the directory. */
export async function startFaultyService(
  settings: Record<string, string>,
  applications: readonly unknown[],
): Promise<FaultyService> {
  const [graph, identity, tables] = await Promise.all([
    startFaultProxy(),
    startFaultProxy(),
    startFaultProxy(),
  ]);
  const service = await startService({
    applications,
    settings: {
      GRAPH_BASE_URL: graph.url,
      // One client asks for all of the agents here.
      GRAPH_READS_PER_CALLER: "10000",
      IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
      TABLES_CONNECTION_STRING: connectionStringOf(tables.port),
      ...settings,
    },
  });
  const { entra, azurite } = service.stack;
  const entraPort = Number(new URL(entra.url).port);
  graph.forwardTo(entraPort);
  // The stand-in uses its own address as the name of Graph.
  const [name, proxysName] = [encodeURIComponent(entra.url), encodeURIComponent(graph.url)];
  identity.forwardTo(entraPort, (path) => path.replace(proxysName, name));
  tables.forwardTo(azurite.port);

  const parsed: LogLine[] = [];
  let read = 0;
  const jsonLines = (): LogLine[] => {
    for (; read < service.lines.length; read++) {
      const line = service.lines[read] ?? "";
      if (line.startsWith("{")) parsed.push(JSON.parse(line));
    }
    return parsed;
  };
  const find = async (isMeant: (line: LogLine) => boolean) => {
    for (let waited = 0; waited < LOG_MS; waited += 10) {
      const found = jsonLines().filter(isMeant);
      if (found.length > 0) return found;
      await sleep(10);
    }
    throw new Error(`The line is not in the log after ${LOG_MS} ms`);
  };
  return {
    service,
    graph,
    identity,
    tables,
    started: [],
    recordsOf: (agent, event, isMeant = () => true) =>
      find((line) => line["agent_entra_app_id"] === agent && line["event"] === event && isMeant(line)),
    failureOf: async (decisionId) =>
      (await find((line) => line["event"] === "failure" && line["decision_id"] === decisionId))[0] as LogLine,
    crashes: () =>
      service.lines.filter((line) => /ended|unhandled|uncaught|\(Failed\)|"decision_id":null/.test(line)),
    close: async () => {
      await service.close();
      await Promise.all([graph.close(), identity.close(), tables.close()]);
    },
  };
}

/** A client starts a session with an agent. */
export async function start(faulty: FaultyService, agent: string, caller: string): Promise<Started> {
  const startedAt = performance.now();
  const body = { agent_entra_app_id: agent };
  const answer = await faulty.service.call("POST", "/api/session/start", { caller, body });
  const started = { agent, answer, ms: performance.now() - startedAt };
  faulty.started.push(started);
  return started;
}

/** The record of a session's start: the session's own, or the agent's latest that failed. */
export async function recordOf(faulty: FaultyService, { agent, answer }: Started): Promise<LogLine> {
  const { status, body } = answer;
  const records = await faulty.recordsOf(
    agent,
    "session_start",
    (line) => line["status"] === status && line["session_id"] === (body?.session_id ?? null),
  );
  return records.at(-1) as LogLine;
}

/**
 * Checks a 503, its record, and its failure line, which must contain one of `causes`.
 * @returns the record
 */
export async function expectFailure(
  faulty: FaultyService,
  started: Started,
  { code, causes, retryAfter = /^1$/ }: { code: string; causes: RegExp; retryAfter?: RegExp | undefined },
): Promise<LogLine> {
  const { answer } = started;
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("retry-after")).toMatch(retryAfter);
  expect(answer.body).toMatchObject({ status: 503, code });
  expect(answer.text).not.toMatch(/server_url|participant_token/);
  const record = await recordOf(faulty, started);
  expect(record).toMatchObject({ status: 503, outcome: "failed", code, check: null, session_id: null });
  const failure = await faulty.failureOf(record["decision_id"]);
  expect(failure).toEqual({
    event: "failure",
    decision_id: record["decision_id"],
    code,
    causes: expect.any(Array),
  });
  expect(failure["causes"].join(" < ")).toMatch(causes);
  return record;
}

/** All sessions that are stored. */
export async function storedSessions({
  service,
}: FaultyService): Promise<{ sessionId: string; agent: string }[]> {
  const options = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(service.stack.azurite.connectionString, "sessions", options);
  const sessions = [];
  for await (const { partitionKey = "", sessionId } of table.listEntities<{ sessionId: string }>()) {
    sessions.push({ sessionId, agent: partitionKey.split("_").at(-2) ?? "" });
  }
  return sessions;
}
