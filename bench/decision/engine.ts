import type { ApiApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { DenialCode } from "../../src/domain/decision.ts";

/** The codes of decisions about an agent that enforces authorization and has an app registration. */
export type Code = "pre_authorized" | Exclude<DenialCode, "agent_not_registered" | "agent_identity_disabled">;

/** A way to decide which clients may start sessions with an agent. */
export interface Engine<Answer = unknown> {
  readonly name: string;
  /** How it represents an app registration, so that readers can judge whether the comparison is fair. */
  readonly given: string;
  /**
   * Prepares an app registration: once per read, not once per decision.
   *
   * @param api - from Graph; `null` if there is no such app registration
   */
  read(api: ApiApplication | null): Promise<(client: ClientId) => Answer>;
  /** What its answer means: the code, or only whether the client is allowed. */
  meaning(answer: Answer): Code | boolean;
}
