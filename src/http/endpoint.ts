import type { HttpMethod, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Inquiry } from "../application/inquiry.ts";
import type { ClientId } from "../domain/client-id.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Problem } from "./problem.ts";

/** What a handler may answer; a problem gets its body and headers when it is served. */
export type Answer = HttpResponseInit | Problem;

/** One request, as the handlers see it. */
export interface Visit extends Inquiry {
  readonly request: HttpRequest;
  /** What is written to the log where the trigger has an `event`: `record`, unless the handler puts others there. */
  readonly records: DecisionRecord[];
  /** Writes the failure line of something thrown that a handler answers itself, and says what callers may know. */
  readonly reportFailure: (error: unknown, record?: DecisionRecord) => Problem;
  /** A record for a further decision of the same request. */
  readonly openRecord: () => DecisionRecord;
}

/** A request whose caller was identified before the handler got it. */
export interface CallerVisit extends Visit {
  readonly caller: ClientId;
}

interface Endpoint {
  /** The function's name in the host. */
  readonly name: string;
  /** HEAD is answered wherever GET is. */
  readonly methods: readonly HttpMethod[];
  readonly route: string;
  /** What the log line of each request is called, if it writes one. */
  readonly event?: DecisionRecord["event"];
}

/**
 * An HTTP function: where it is reached, by whom, and what it does.
 *
 * `caller`: `none` asks for no caller in any mode; in the modes with a gateway only it reaches the others. `agent` is the
 * agent that the request is about, and proves it by a token of its own: no user's will do.
 */
export type HttpTrigger = Endpoint &
  (
    | { readonly caller: "none"; readonly handle: (visit: Visit) => Promise<Answer> }
    | { readonly caller: "required" | "agent"; readonly handle: (visit: CallerVisit) => Promise<Answer> }
  );
