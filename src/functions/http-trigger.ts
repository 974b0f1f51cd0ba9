import type { HttpMethod, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Problem } from "./problem.ts";

/** What a handler may answer; a problem gets its body and headers when it is served. */
export type Answer = HttpResponseInit | Problem;

/** One request, as the handlers see it. */
interface Visit {
  readonly request: HttpRequest;
  readonly arrivedAt: Date;
  /** To fill in. */
  readonly record: DecisionRecord;
  /** What is written to the log where the trigger has an `event`: `record`, unless the handler puts others there. */
  readonly records: DecisionRecord[];
  /** Writes the failure line of something thrown that a handler answers itself, and says what callers may know. */
  readonly reportFailure: (error: unknown, record?: DecisionRecord) => Problem;
  /** A record for a further decision of the same request. */
  readonly openRecord: () => DecisionRecord;
}

/** An HTTP function: where it is reached, by whom, and what it does. */
export interface HttpTrigger {
  /** The function's name in the host. */
  readonly name: string;
  readonly methods: readonly HttpMethod[];
  readonly route: string;
  /** `anyone`: asks for no caller in any mode. `callers`: in the modes with a gateway, only it gets here. */
  readonly reachedBy: "callers" | "anyone";
  /** What the log line of each request is called, if it writes one. */
  readonly event?: DecisionRecord["event"];
  readonly handle: (visit: Visit) => Promise<Answer>;
}
