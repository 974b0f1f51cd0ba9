import type { ApiApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { DenialCode } from "../../src/domain/decision.ts";

/** What a decision on an enforcing agent with an app registration can come to. */
export type Code = "pre_authorized" | Exclude<DenialCode, "agent_not_registered" | "agent_identity_disabled">;

/** One way to decide which clients may start sessions with an agent. */
export interface Engine<Answer = unknown> {
  readonly name: string;
  /** What it is given of an application, for whoever asks whether that is fair. */
  readonly given: string;
  /**
   * Takes in an application, once a read and not once a decision.
   *
   * @param api - as Graph has it; `null` if Graph knows no such application
   */
  read(api: ApiApplication | null): Promise<(client: ClientId) => Answer>;
  /** What its answer says: the code, or no more than whether the client may. */
  meaning(answer: Answer): Code | boolean;
}
