// A defect of LKPS cannot be brought about from outside: here each trigger is served as in the app, with ports that throw.

import { HttpRequest, type InvocationContext } from "@azure/functions";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-allowance.ts";
import { accessEvaluation } from "../../src/functions/access-evaluation.ts";
import { accessEvaluations } from "../../src/functions/access-evaluations.ts";
import { docs } from "../../src/functions/docs.ts";
import { listSessions } from "../../src/functions/list-sessions.ts";
import { openapi } from "../../src/functions/openapi.ts";
import { readAuthorization } from "../../src/functions/read-authorization.ts";
import { readRegistration } from "../../src/functions/read-registration.ts";
import { readSession } from "../../src/functions/read-session.ts";
import { registerAgent } from "../../src/functions/register-agent.ts";
import { rehearseAuthorization } from "../../src/functions/rehearse-authorization.ts";
import { removeRegistration } from "../../src/functions/remove-registration.ts";
import { searchResource } from "../../src/functions/search-resource.ts";
import { searchSubject } from "../../src/functions/search-subject.ts";
import { startSession } from "../../src/functions/start-session.ts";
import type { HttpTrigger } from "../../src/http/endpoint.ts";
import { serve } from "../../src/http/handler.ts";
import type { DocumentedAnswer } from "./openapi-document.ts";
import { bodyOf, callerOf } from "./openapi-situations.ts";
import type { Answer } from "./service.ts";

const fail = () => {
  throw new TypeError("a defect that nobody may see");
};
const chance = { now: () => new Date(), elapsed: () => 0, uuid: () => EXAMPLE.decision, suffix: () => "x" };
/** Whatever is asked of it throws. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for any port
const broken: any = new Proxy({}, { get: () => fail });

const triggers = (): HttpTrigger[] => {
  const ports = {
    registrations: broken,
    sessions: broken,
    applications: broken,
    owners: broken,
    tokens: broken,
    chance,
    tokenTtlSeconds: 600,
    graphTimeoutMs: 5_000,
    serverUrl: EXAMPLE.serverUrl,
  };
  return [
    registerAgent(ports),
    readRegistration(ports),
    removeRegistration(ports),
    startSession(ports),
    accessEvaluation(ports),
    accessEvaluations(ports),
    searchSubject(ports),
    searchResource(ports),
    readAuthorization(ports),
    rehearseAuthorization(ports),
    listSessions(ports),
    readSession(ports),
    openapi(fail),
    docs(fail),
  ];
};

/** What an operation answers when LKPS itself is wrong. */
export async function answerOfDefect({ operationId, method, path }: DocumentedAnswer): Promise<Answer> {
  const caller = callerOf(operationId);
  const trigger = triggers().find(({ name }) => name === operationId);
  if (trigger === undefined)
    throw new Error(`${operationId} is none of the triggers that may have a defect.`);
  const body = method === "POST" ? { body: { string: JSON.stringify(bodyOf(operationId)) } } : {};
  const headers = { "content-type": "application/json" };
  const request = new HttpRequest({ url: `http://lkps.test${path}`, method, headers, ...body });
  const ports = {
    identifyCaller: async () => ({ clientId: caller as ClientId, isApplication: true }),
    allowanceOf: () => unlimited,
    chance,
    locateError: () => undefined,
  };
  const context = { invocationId: EXAMPLE.invocation, log() {}, error() {} } as unknown as InvocationContext;
  const answer = (await serve(trigger, ports)(request, context)) as {
    status: number;
    headers: Record<string, string>;
    body: string;
  };
  const text = answer.body;
  return { status: answer.status, headers: new Headers(answer.headers), text, body: JSON.parse(text) };
}
