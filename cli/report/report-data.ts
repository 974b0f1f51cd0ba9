import type { AuthorizationView } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Basis, DenialCode } from "../../src/domain/decision.ts";
import type { Repair } from "../check/fix.ts";
import type { RehearsalAnswer, SessionsAnswer } from "../service/answers.ts";

/** One pre-authorized application, as the report shows it. */
export interface ReportedClient {
  readonly client: ClientId;
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
  readonly repair: Repair | null;
  /** Its entry lists the id of a scope that is not there. */
  readonly isStale: boolean;
}

/** What LKPS itself says of the agent. */
export interface ReportedService {
  readonly url: string;
  readonly registered: boolean;
  readonly enforces: boolean | null;
  readonly sessions: SessionsAnswer["sessions"];
  readonly rehearsal: RehearsalAnswer;
}

/** All that a report shows. */
export interface ReportData {
  readonly agent: ClientId;
  readonly displayName: string | null;
  readonly isFound: boolean;
  readonly view: AuthorizationView;
  readonly scopeRepair: Repair | null;
  /** Those first that are refused. */
  readonly clients: readonly ReportedClient[];
  /** By client id, whatever the letter case of its entry. */
  readonly names: ReadonlyMap<string, string>;
  readonly hints: readonly string[];
  /** `null` where LKPS was not asked; words where it did not answer. */
  readonly service: ReportedService | string | null;
  /** The page in the portal; `null` where there is none. */
  readonly portal: string | null;
  readonly graphUrl: string;
  readonly tenantId: string | null;
  readonly signedInAs: string | null;
  readonly readAt: Date;
  readonly version: string;
}
