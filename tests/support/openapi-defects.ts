// A defect of LKPS cannot be brought about from outside: here each endpoint is served as in the app, with ports that throw.

import { HttpRequest, type InvocationContext } from "@azure/functions";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-allowance.ts";
import { endpoints } from "../../src/endpoints.ts";
import { createHandler } from "../../src/http/handler.ts";
import type { DocumentedAnswer } from "./openapi-document.ts";
import { bodyOf, callerOf } from "./openapi-situations.ts";
import type { Answer } from "./service.ts";

const fail = () => {
  throw new TypeError("a defect that nobody may see");
};
const clock = { now: () => new Date(), elapsed: () => 0 };
const random = { uuid: () => EXAMPLE.decision, suffix: () => "x" };
/** Whatever is asked of it throws. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for any port
const broken: any = new Proxy({}, { get: () => fail });

const ports = {
  decisions: {
    startEvaluating: () => fail,
    searchSubjects: fail,
    searchResources: fail,
    searchActions: fail,
  },
  registrations: broken,
  sessions: broken,
  applications: broken,
  owners: broken,
  participantTokens: broken,
  probes: broken,
  clock,
  random,
  graphTimeoutMs: 5_000,
  tokenTtlSeconds: 600,
  shareRehearsal: fail,
  serverUrl: EXAMPLE.serverUrl,
  baseUrl: EXAMPLE.baseUrl,
  publicBaseUrl: undefined,
  version: "0",
  readShippedFile: fail,
};

/** What an operation answers when LKPS itself is wrong. */
export async function answerOfDefect({ operationId, method, path }: DocumentedAnswer): Promise<Answer> {
  const endpoint = endpoints.find(({ name }) => name === operationId);
  if (endpoint === undefined) throw new Error(`${operationId} is no endpoint.`);
  const body = method === "POST" ? { body: { string: JSON.stringify(bodyOf(operationId)) } } : {};
  const headers = { "content-type": "application/json" };
  const request = new HttpRequest({ url: `http://lkps.test${path}`, method, headers, ...body });
  const services = {
    identifyCaller: async () => ({ clientId: callerOf(operationId) as ClientId, isApplication: true }),
    allowanceOf: () => unlimited,
    clock,
    random,
    locateError: () => undefined,
  };
  const context = { invocationId: EXAMPLE.invocation, log() {}, error() {} } as unknown as InvocationContext;
  const answer = (await createHandler(endpoint, ports, services)(request, context)) as {
    status: number;
    headers: Record<string, string>;
    body: string;
  };
  const text = answer.body;
  return { status: answer.status, headers: new Headers(answer.headers), text, body: JSON.parse(text) };
}
