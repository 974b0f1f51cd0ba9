import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type Basis, type DenialCode, decide } from "../domain/decision.ts";
import type { ApplicationDirectory, Clock, SessionStore } from "../domain/ports.ts";
import { MAX_REHEARSED_SESSIONS } from "../domain/rehearsal.ts";
import type { ClientActivity } from "../domain/session.ts";
import { type DecisionContext, denyNotBefore } from "./decision-context.ts";

/** A client that started sessions lately, and whether it could with enforcement on. */
interface RehearsedClient extends ClientActivity {
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
}

/** What a rehearsal found. */
export interface Rehearsal {
  readonly clients: readonly RehearsedClient[];
  /** `false` if there were more sessions or clients than it takes. */
  readonly complete: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Who would be refused if enforcement were on: each client that started sessions with the agent in the last `days`,
 * those that would be refused first, the busiest first among them. Bounded in what it looks at and in what it names.
 *
 * @throws DependencyError if the sessions or the application cannot be read
 */
export async function rehearse(
  ports: {
    readonly sessions: Pick<SessionStore, "activitySince">;
    readonly applications: Pick<ApplicationDirectory, "read">;
    readonly clock: Pick<Clock, "now" | "elapsed">;
    readonly graphTimeoutMs: number;
  },
  agent: ClientId,
  days: number,
  context: Pick<DecisionContext, "arrivedAt" | "allowance">,
): Promise<Rehearsal> {
  const limits = { deadline: ports.clock.elapsed() + ports.graphTimeoutMs, allowance: context.allowance };
  const since = new Date(ports.clock.now().getTime() - days * DAY_MS);
  const [{ clients, complete }, { application }] = await Promise.all([
    ports.sessions.activitySince(agent, since, MAX_REHEARSED_SESSIONS),
    ports.applications.read(agent, limits, denyNotBefore(context)),
  ]);
  const rehearsed = clients.map((activity): RehearsedClient => {
    const decision = decide(agent, activity.client, { registration: "enforced", application });
    const code = decision.allowed ? decision.permit.basis : decision.code;
    return { ...activity, mayStartSessions: decision.allowed, code };
  });
  rehearsed.sort(
    (a, b) =>
      Number(a.mayStartSessions) - Number(b.mayStartSessions) ||
      b.sessions - a.sessions ||
      (a.client < b.client ? -1 : 1),
  );
  return {
    clients: rehearsed.slice(0, MAX_NAMED_CLIENTS),
    complete: complete && rehearsed.length <= MAX_NAMED_CLIENTS,
  };
}
